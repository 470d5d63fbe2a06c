/** Who is told what is new: a URL of `WIFILOGGER_TELL`, taken apart. */

import { type OutputUrl, outputUrls } from "./output_url.ts";
import { Secret } from "./secret.ts";
import { type ReadValue, UnusableValue } from "./setting_types.ts";

/** A receiver, as it was set. */
export interface TellUrl {
  readonly kind: "ntfy" | "webhook" | "mail" | "mqtt";
  /** For people, and the same as long as it is the same receiver: topics and paths are as good as passwords. */
  readonly name: string;
  /** Where it answers, with user and password taken out; of ntfy without the topic. */
  readonly output: OutputUrl;
  /** Of ntfy. */
  readonly topic?: string;
  /** Of mail: addresses. */
  readonly to?: readonly string[];
  readonly from?: string;
  /** Of mail: whether TLS comes first, rather than by STARTTLS. */
  readonly isTlsFirst?: boolean;
}

const SCHEMES: Readonly<Record<string, TellUrl["kind"]>> = {
  "ntfy:": "ntfy",
  "ntfys:": "ntfy",
  "http:": "webhook",
  "https:": "webhook",
  "smtp:": "mail",
  "smtps:": "mail",
  "mqtt:": "mqtt",
  "mqtts:": "mqtt",
};
const ADDRESS = /^[^\s@<>,"]+@[^\s@<>,"]+$/;

/** Receivers, with commas between them; a comma within a URL is followed by no scheme. */
export const tellUrls: ReadValue<readonly TellUrl[]> = (text, home) => {
  const receivers = text.split(/,(?=\s*[a-z+]+:\/\/)/).map((part) => part.trim()).filter(Boolean)
    .map((part) => tellUrl(part, home));
  const names = receivers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return receivers;
  throw new UnusableValue(`${twice} is there twice. Write it once`);
};

function tellUrl(text: string, home: string): TellUrl {
  const scheme = /^([a-z+]+:)\/\//.exec(text)?.[1] ?? "";
  const kind = SCHEMES[scheme];
  if (kind === undefined) {
    throw new UnusableValue(
      "a receiver begins with one of ntfy://, ntfys://, https://, smtp://, smtps://, mqtt://, mqtts://. " +
        "Write it as ntfys://HOST/TOPIC",
    );
  }
  const rest = text.slice(scheme.length);
  if (kind === "mail") return mail(scheme, rest);
  const outputScheme = { "ntfy:": "http:", "ntfys:": "https:" }[scheme] ?? scheme;
  const [output] = outputUrls(outputScheme + rest, home);
  const name = nameOf(scheme, output.url, text.replace(/^[^/]*\/\/(?:[^/]*@)?/, ""));
  // What is told is short, and not every receiver knows gzip.
  const plain = { ...output, name, options: { ...output.options, compress: "none" } };
  if (kind !== "ntfy") return { kind, name, output: plain };
  const [topic, ...path] = output.url.pathname.split("/").reverse();
  if (!/^[\w-]{1,64}$/.test(topic)) {
    throw new UnusableValue(
      `${scheme}//${output.url.host} has no topic of up to 64 letters, digits, _ and -. ` +
        `Write it as ${scheme}//HOST/TOPIC`,
    );
  }
  const url = new URL(output.url);
  url.pathname = path.reverse().join("/") + "/";
  return { kind, name, topic, output: { ...plain, url } };
}

function mail(scheme: string, rest: string): TellUrl {
  // Parsed as http, whatever it is: other schemes have hosts of any characters.
  const url = URL.parse(`http:${rest}`);
  const to = url?.searchParams.getAll("to").flatMap((text) => text.split(",")) ?? [];
  const from = url?.searchParams.get("from") ?? undefined;
  const unknown = [...url?.searchParams.keys() ?? []].filter((key) =>
    !["to", "from", "tls-ca"].includes(key)
  );
  const isUsable = url !== null && to.length > 0 && unknown.length === 0 &&
    [...to, ...(from === undefined ? [] : [from])].every((address) => ADDRESS.test(address));
  if (!isUsable) {
    throw new UnusableValue(
      `one of the receivers (${scheme}//...) is no mail server with an address. Write it as ` +
        `${scheme}//USER:PASSWORD@HOST?to=YOU@EXAMPLE.ORG, with % escapes in user and password; ` +
        "&from=ADDRESS may follow",
    );
  }
  const user = decodeURIComponent(url.username) || undefined;
  const password = decodeURIComponent(url.password);
  const ca = url.searchParams.get("tls-ca");
  const name = nameOf(scheme, url, `${url.host} ${to.join()}`);
  [url.username, url.password, url.search] = ["", "", ""];
  return {
    kind: "mail",
    name,
    to,
    from: from ?? (user?.includes("@") ? user : to[0]),
    isTlsFirst: scheme === "smtps:",
    output: {
      kind: "http",
      url,
      endpoint: {
        hostname: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port) || (scheme === "smtps:" ? 465 : 587),
        isSecure: scheme === "smtps:",
      },
      name,
      key: name,
      user,
      password: password === "" ? undefined : new Secret(password),
      options: ca === null ? {} : { "tls-ca": ca },
    },
  };
}

/** `ntfys://ntfy.sh #3f2a`: the host, and four digits that tell it from others there. */
function nameOf(scheme: string, { host }: URL, whole: string): string {
  // FNV-1a, of which half is dropped: enough to tell them apart, too little to tell the topic.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(whole)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${scheme}//${host} #${(hash >>> 16).toString(16).padStart(4, "0")}`;
}

/** How often a letter is written. */
export const digest: ReadValue<"daily" | "weekly" | "off"> = (text) => {
  const word = text.toLowerCase();
  if (word === "daily" || word === "weekly" || word === "off") return word;
  throw new UnusableValue("it is none of daily, weekly and off. Write weekly");
};
