/** The key of devices' pseudonyms, in a file that nobody else may read. Made once, so that one device stays one device. */

import { dirname } from "@std/path";
import { PSEUDONYM_KEY_BYTES } from "../../privacy/pseudonyms.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { osReason } from "../../system/files/os_error.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** The key at `path`; it is made where there is none. @throws {Error} why there can be none, and what to do */
export async function pseudonymKey(path: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return await makeKey(path);
    throw unusable("reading", path, osReason(error), error);
  }
  if (!KEY.test(text)) throw unusable("reading", path, "it is no key");
  return Uint8Array.fromHex(text.trim());
}

const KEY = new RegExp(`^[0-9a-f]{${PSEUDONYM_KEY_BYTES * 2}}\\s*$`);

async function makeKey(path: string): Promise<Uint8Array> {
  const key = crypto.getRandomValues(new Uint8Array(PSEUDONYM_KEY_BYTES));
  try {
    await makeOwnFolder(dirname(path));
    await writeFileAtomic(path, key.toHex() + "\n", { mode: 0o600 });
  } catch (error) {
    throw unusable("writing", path, osReason(error), error);
  }
  return key;
}

function unusable(what: string, path: string, why: string, cause?: unknown): Error {
  const advice = what === "reading"
    ? "Restore it or, since devices have other pseudonyms then, remove it"
    : "Set WIFILOGGER_PRIVACY_KEY to a file that the logger may write";
  return new Error(`${what} the key of pseudonyms ${path}: ${why}. ${advice}`, { cause });
}
