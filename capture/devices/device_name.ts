/**
 * What a device calls itself, as far as that is a name: many send what their maker left there, which would give half
 * of a household the same name, and a wrong name is worse than none.
 */

import { presentationName } from "../wire/presentation_name.ts";

/** No text that is longer, in UTF-16 units or bytes, is the name of a device (RFC 1035, 2.3.4). */
const MAX_LENGTH = 255;

/** First labels that name no one device: defaults and placeholders, and what proxies are looked for under. */
const NO_NAMES: ReadonlySet<string> = new Set([
  "",
  "(none)",
  "(null)",
  "android",
  "default",
  "host",
  "hostname",
  "isatap",
  "localhost",
  "none",
  "null",
  "undefined",
  "unknown",
  "wpad",
]);

/**
 * A UUID (RFC 9562, 4): what a browser gives out in place of its address, new for each call
 * (draft-ietf-mmusic-mdns-ice-candidates), and what cast devices are called on the wire.
 */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGITS = /^[0-9]+$/;
/** Control characters, and what stands for bytes that were no UTF-8. */
const DAMAGE = /[\p{Cc}\ufffd]/u;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The name in the form that `presentationName()` gives it; `undefined` when it is none. */
export function deviceName(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const bare = text.replace(/^ +| +$/g, "");
  if (DAMAGE.test(bare) || bare.includes("..")) return undefined;
  const name = presentationName(bare);
  if (name === undefined) return undefined;
  const label = name.split(".", 1)[0];
  return NO_NAMES.has(label) || DIGITS.test(label) || UUID.test(label) ? undefined : name;
}

/** The same of text in UTF-8, which may have zeros behind it (RFC 2132, 2). */
export function deviceNameFromBytes(bytes: Uint8Array): string | undefined {
  let end = Math.min(bytes.length, MAX_LENGTH + 1);
  while (end > 0 && bytes[end - 1] === 0) end--;
  try {
    return deviceName(utf8.decode(bytes.subarray(0, end)));
  } catch {
    return undefined;
  }
}
