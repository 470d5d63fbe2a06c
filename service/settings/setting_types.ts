/** How the text of a setting becomes its value. Each reader throws `UnusableValue` with what to write instead. */

import { isAbsolute, join } from "@std/path";
import { NetworkSet, NetworkSyntaxError } from "../../capture/address/network_set.ts";
import type { Retention } from "../../storage/archive/retention.ts";
import { parseByteSize } from "./byte_size.ts";
import { parseDuration } from "./duration.ts";
import { Secret } from "./secret.ts";

/** A text that is no value of the setting; the message says why, and what to write. */
export class UnusableValue extends Error {
  override name = "UnusableValue";
}

/** Reads the text of a setting; `home` is what `~/` stands for. */
export type ReadValue<T> = (text: string, home: string) => T;

const DAY_MS = 24 * 3600e3;

/** The parts of a list with commas, without the blanks around them. */
export function list(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter(Boolean);
}

/** A file or folder that this program writes. */
export const writablePath: ReadValue<string> = (text, home) => {
  const path = absolutePath(text, home);
  // Deno gives these to no program that may not do everything.
  if (!/^\/(dev|proc|sys)\//.test(path)) return path;
  throw new UnusableValue(
    "this program may not write there. Choose another folder, such as one in /run",
  );
};

/** A file that is read. */
export const path: ReadValue<string> = absolutePath;

/** Files that are read, with commas between them. */
export const paths: ReadValue<string[]> = (text, home) =>
  list(text).map((path) => absolutePath(path, home));

function absolutePath(text: string, home: string): string {
  const found = text.startsWith("~/") ? join(home, text.slice(2)) : text;
  if (isAbsolute(found)) return found;
  throw new UnusableValue("the path is not absolute. Begin it with / or ~/");
}

/** Milliseconds of `10s`, from a second to a day. */
export const duration: ReadValue<number> = (text) => {
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UnusableValue("it is no duration. Write it as 10s, 15m or 1h");
  }
  if (ms >= 1e3 && ms <= DAY_MS) return ms;
  throw new UnusableValue("it is out of range. Write a duration from 1s to 24h");
};

/** Bytes of `40MB`. */
export function byteSize(min: number): ReadValue<number> {
  return (text) => {
    const bytes = parseByteSize(text);
    if (bytes !== undefined && bytes >= min) return bytes;
    throw new UnusableValue(`it is no size of at least ${min} bytes. Write it as 40MB`);
  };
}

/** A value, or `undefined` for `off`. */
export function orOff<T>(read: ReadValue<T>): ReadValue<T | undefined> {
  return (text, home) => text.toLowerCase() === "off" ? undefined : read(text, home);
}

/** Bytes a day. */
export const bytesADay: ReadValue<number> = (text) => {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes >= 1e6) return bytes;
  throw new UnusableValue("it is no size of at least 1MB. Write it as 20MB, or off");
};

/** Whole days of `7d`. */
export const days: ReadValue<number> = (text) => {
  const found = (parseDuration(text) ?? NaN) / DAY_MS;
  if (Number.isInteger(found) && found <= 3650) return found;
  throw new UnusableValue("it is no number of days. Write it as 1d, or off");
};

/** Milliseconds of whole days. */
export const learningTime: ReadValue<number> = (text) => {
  const found = (parseDuration(text) ?? NaN) / DAY_MS;
  if (Number.isInteger(found) && found <= 365) return found * DAY_MS;
  throw new UnusableValue("it is no number of days up to 365. Write it as 7d");
};

/** Days, a size, or both, with a comma; the one that is not named is without end, and so are both of `off`. */
export function retention(example: string): ReadValue<Retention> {
  return (text) => {
    const kept: Retention = { days: undefined, bytes: undefined };
    if (text.toLowerCase() === "off") return kept;
    for (const part of list(text)) {
      const keptDays = (parseDuration(part) ?? NaN) / DAY_MS;
      const bytes = parseByteSize(part) ?? NaN;
      if (Number.isInteger(keptDays) && keptDays >= 1) kept.days = keptDays;
      else if (bytes >= 1e6) kept.bytes = bytes;
      else {
        throw new UnusableValue(
          `${JSON.stringify(part)} is neither a number of days nor a size of at least 1MB. ` +
            `Write it as ${example}, or off`,
        );
      }
    }
    return kept;
  };
}

/** gzip's level. */
export const compressionLevel: ReadValue<number> = (text) => {
  if (/^[1-9]$/.test(text)) return Number(text);
  throw new UnusableValue("it is no level. Write a number from 1 (fast) to 9 (small)");
};

/** A day that every month has. */
export const dayOfMonth: ReadValue<number> = (text) => {
  if (/^([1-9]|1\d|2[0-8])$/.test(text)) return Number(text);
  throw new UnusableValue("it is no day of every month. Write a number from 1 to 28");
};

/** How many addresses may be asked for. */
export const count: ReadValue<number> = (text) => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UnusableValue("it is no number. Write it as 45000, or 0 to ask nothing");
};

/** Networks in CIDR notation, with commas between them. */
export const networks: ReadValue<string[]> = (text) => {
  const texts = list(text);
  try {
    new NetworkSet(texts);
  } catch (error) {
    if (!(error instanceof NetworkSyntaxError)) throw error;
    throw new UnusableValue(error.message, { cause: error });
  }
  return texts;
};

/** Devices and sites, with commas between them. */
export const leftOutWords: ReadValue<string[]> = (text) => {
  const words = list(text).map((word) => word.toLowerCase().replace(/\.$/, ""));
  const strange = words.find((word) => !/^[!-~]{1,253}$/.test(word) || /[/*]/.test(word));
  if (strange === undefined) return words;
  throw new UnusableValue(
    `${JSON.stringify(strange)} is no device and no site. ` +
      "Write a MAC address, an address, a device's name or a domain: 02:00:00:00:00:01, tv, example.org",
  );
};

/** `on` or `off`, and what else people write for them. */
export const onOff: ReadValue<boolean> = (text) => {
  const word = text.toLowerCase();
  if (["on", "yes", "true", "1"].includes(word)) return true;
  if (["off", "no", "false", "0"].includes(word)) return false;
  throw new UnusableValue("it is neither on nor off. Write on or off");
};

/** What the token of ipinfo.io is used for: its database, fetched weekly; addresses asked for one by one; or both. */
export type IpinfoUse = "database" | "addresses" | "both" | "off";

/** What of DB-IP is fetched monthly: countries and network owners, or cities and network owners. */
export type PlacesUpdate = "dbip" | "dbip-city" | "off";

/** One of a few words. */
export function oneWord<T extends string>(...words: readonly T[]): ReadValue<T> {
  return (text) => {
    const found = words.find((word) => word === text.toLowerCase());
    if (found !== undefined) return found;
    const others = words.slice(0, -1).join(", ");
    throw new UnusableValue(`it is none of the words for it. Write ${others} or ${words.at(-1)}`);
  };
}

/** A token of ipinfo.io. */
export const token: ReadValue<Secret> = (text) => {
  const value = text.trim();
  if (/^[\w.~+/=-]{1,200}$/.test(value)) return new Secret(value);
  throw new UnusableValue("it is no token. Copy it from https://ipinfo.io/dashboard/token");
};

/** Where a service answers. The token travels there: in the open only on this machine. */
export const serviceUrl: ReadValue<string> = (text) => {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (isSafe && url.search === "" && url.hash === "" && url.username === "") {
    return url.href.replace(/\/+$/, "");
  }
  throw new UnusableValue("it is no address of a service. Write it as https://HOST");
};

/** A name that a topic, a label and a file may hold. */
export const siteName: ReadValue<string> = (text) => {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new UnusableValue("it is no name of up to 64 letters, digits, . _ and -. Choose another");
};

/** `all`, `now`, or a day. */
export const sendFrom: ReadValue<string> = (text) => {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDay || text === "all" || text === "now") return text;
  throw new UnusableValue("it is neither all, now nor a day. Write a day as 2026-11-22");
};

/** Where a server listens. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Names of hosts, with commas between them, in small letters. */
export const hostNames: ReadValue<string[]> = (text) =>
  list(text).map((name) => {
    if (/^[a-z\d]([a-z\d.-]{0,250}[a-z\d])?$/i.test(name)) return name.toLowerCase();
    throw new UnusableValue(
      `${JSON.stringify(name)} is no name of a host. Write it as pi.example.org`,
    );
  });

/** A host's address and a port, with a colon between them. */
export const listenAddress: ReadValue<ListenAddress> = (text) => {
  const match = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (match !== null && port <= 65535) {
    return { hostname: match[1].replace(/^\[|\]$/g, ""), port };
  }
  throw new UnusableValue("it is no address and port. Write it as 127.0.0.1:9420");
};

/** What a client shows to be let in. */
export const bearerToken: ReadValue<Secret> = (text) => {
  if (/^[\w.~+/=-]{8,500}$/.test(text)) return new Secret(text);
  throw new UnusableValue(
    "it is no token of at least 8 letters, digits and . ~ + / = _ -. Make one with: openssl rand -hex 16",
  );
};
