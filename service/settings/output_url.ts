/**
 * Where the forwarder sends records: a URL of `WIFILOGGER_FORWARD`, taken apart. Its scheme says how; its query holds
 * options of ours, which the receiver does not see, and the receiver's own.
 */

import { isAbsolute } from "@std/path";
import { Secret } from "./secret.ts";
import { type ReadValue, UnusableValue } from "./setting_types.ts";

/** An output, as it was set. */
export interface OutputUrl {
  readonly kind: "mqtt" | "http" | "loki";
  /** Where the receiver answers: without user, password and our options. */
  readonly url: URL;
  /** The same in parts. */
  readonly endpoint: Endpoint;
  /** For people: as `url`, without the receiver's query either. */
  readonly name: string;
  /** The same for an output as long as its records go to the same place, whatever its password and options. */
  readonly key: string;
  readonly user: string | undefined;
  /** Without a user it is a token: `https://:TOKEN@host/`. */
  readonly password: Secret | undefined;
  /** As written, by their names in `OPTIONS`. */
  readonly options: Readonly<Partial<Record<OptionName, string>>>;
}

/** Where a connection goes. */
export interface Endpoint {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether TLS is spoken. */
  readonly isSecure: boolean;
}

/** An option in a URL's query. */
interface Option {
  readonly kinds: readonly OutputUrl["kind"][];
  /** The words that it takes; absent: a path. */
  readonly words?: readonly string[];
}

const OPTIONS = {
  /** Whose certificates are believed, instead of the machine's: a PEM file. */
  "tls-ca": { kinds: ["mqtt", "http", "loki"] },
  /** This machine's own certificate, and its key: PEM files. */
  "tls-cert": { kinds: ["mqtt", "http", "loki"] },
  "tls-key": { kinds: ["mqtt", "http", "loki"] },
  /** MQTT's: 4 is 3.1.1. */
  "mqtt-version": { kinds: ["mqtt"], words: ["3.1.1", "5"] },
  /** What Home Assistant is told: nothing, the logger as a device, or each device of the household too. */
  "home-assistant": { kinds: ["mqtt"], words: ["off", "on", "devices"] },
  /** Nested as in the log, or each field a column. */
  "columns": { kinds: ["http"], words: ["nested", "flat"] },
  "compress": { kinds: ["http", "loki"], words: ["gzip", "none"] },
} satisfies Record<string, Option>;

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** By scheme: the kind, and the scheme and port by which it is reached. */
const SCHEMES: Readonly<Record<string, { kind: OutputUrl["kind"]; scheme: string; port: string }>> =
  {
    "mqtt:": { kind: "mqtt", scheme: "mqtt:", port: "1883" },
    "mqtts:": { kind: "mqtt", scheme: "mqtts:", port: "8883" },
    "http:": { kind: "http", scheme: "http:", port: "" },
    "https:": { kind: "http", scheme: "https:", port: "" },
    "loki+http:": { kind: "loki", scheme: "http:", port: "3100" },
    "loki+https:": { kind: "loki", scheme: "https:", port: "" },
  };

const LOKI_PATH = "/loki/api/v1/push";

/** Outputs, with commas between them; a comma within a URL is followed by no scheme. */
export const outputUrls: ReadValue<readonly OutputUrl[]> = (text) => {
  const outputs = text.split(/,(?=\s*[a-z+]+:\/\/)/).map((part) => part.trim()).filter(Boolean)
    .map(outputUrl);
  const twice = outputs.find(({ key }, i) => outputs.findIndex((one) => one.key === key) !== i);
  if (twice === undefined) return outputs;
  throw new UnusableValue(`${twice.name} is there twice. Write it once`);
};

function outputUrl(text: string): OutputUrl {
  const given = /^([a-z+]+:)\/\//.exec(text);
  const scheme = given === null ? undefined : SCHEMES[given[1]];
  if (given === null || scheme === undefined) {
    const known = Object.keys(SCHEMES).map((one) => `${one}//`).join(", ");
    throw new UnusableValue(`an output begins with one of ${known}. Write it as mqtts://HOST`);
  }
  const { kind } = scheme;
  // Parsed as http, whatever it is: other schemes have hosts of any characters.
  const isSecure = scheme.scheme.endsWith("s:");
  const url = URL.parse((isSecure ? "https:" : "http:") + text.slice(given[1].length));
  // The text may hold a password: it is not repeated.
  if (url === null) {
    throw new UnusableValue(
      `one of the outputs (${given[1]}//...) is no URL. Write it as ${given[1]}//HOST:PORT/PATH, ` +
        "with % escapes in user and password",
    );
  }
  const user = decodeURIComponent(url.username) || undefined;
  const password = decodeURIComponent(url.password);
  const shownScheme = given[1];
  [url.username, url.password, url.hash] = ["", "", ""];
  const options = takeOptions(url, kind);
  const isPortGiven = /:\d+$/.test(authorityOf(text));
  if (!isPortGiven && scheme.port !== "") url.port = scheme.port;
  if (kind === "loki" && url.pathname === "/") url.pathname = LOKI_PATH;
  if (kind === "mqtt" && (url.pathname !== "/" || url.search !== "")) {
    throw new UnusableValue(
      `${shownScheme}//${url.host} takes no path and no other options: its topic is ` +
        "wifilogger/SITE/records. Leave them out",
    );
  }
  const port = Number(url.port || (isSecure ? 443 : 80));
  const shownHost = kind === "mqtt" ? `${url.hostname}:${port}` : url.host + url.pathname;
  const name = `${shownScheme}//${shownHost}`;
  return {
    kind,
    url,
    endpoint: { hostname: url.hostname.replace(/^\[|\]$/g, ""), port, isSecure },
    name,
    key: `${name}${url.search}`,
    user,
    password: password === "" ? undefined : new Secret(password),
    options,
  };
}

/** `pi:secret@broker:8883` */
function authorityOf(text: string): string {
  return text.slice(text.indexOf("//") + 2).split(/[/?#]/, 1)[0];
}

/** Takes our options out of a URL's query. */
function takeOptions(url: URL, kind: OutputUrl["kind"]): OutputUrl["options"] {
  const options: Partial<Record<OptionName, string>> = {};
  for (const [name, option] of Object.entries<Option>(OPTIONS)) {
    const value = url.searchParams.get(name);
    if (value === null) continue;
    if (!option.kinds.includes(kind)) {
      throw new UnusableValue(`${name} is no option of ${kind}. Leave it out`);
    }
    if (option.words === undefined ? !isAbsolute(value) : !option.words.includes(value)) {
      const wanted = option.words?.join(" or ") ?? "an absolute path";
      throw new UnusableValue(`${name}=${value} is not ${wanted}. Write one`);
    }
    options[name as OptionName] = value;
    url.searchParams.delete(name);
  }
  if ((options["tls-cert"] === undefined) !== (options["tls-key"] === undefined)) {
    throw new UnusableValue("tls-cert and tls-key go together. Write both");
  }
  return options;
}
