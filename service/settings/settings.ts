/**
 * The settings: read once, at start, from flags, then the environment, then `~/.env`, then the defaults below.
 * Each is checked here, and one that cannot be used names itself.
 */

import { parse as parseDotenv } from "dotenv";
import { isAbsolute, join } from "@std/path";
import { NetworkSet, NetworkSyntaxError } from "../../capture/address/network_set.ts";
import type { Retention } from "../../storage/archive/retention.ts";
import { parseByteSize } from "./byte_size.ts";
import { parseDuration } from "./duration.ts";
import { Secret } from "./secret.ts";
import { SettingError } from "./setting_error.ts";

/** Everything that can be set, checked and with its defaults. Paths are absolute. */
export interface Settings {
  /** Interfaces to listen on, `any` for all; empty for the one of the default route. */
  readonly interfaces: readonly string[];
  readonly ramLogPath: string;
  /** Bytes that the RAM log may take. */
  readonly ramLimitBytes: number;
  readonly archiveDir: string;
  readonly placeCachePath: string;
  readonly controlSocketPath: string;
  readonly flushIntervalMs: number;
  /** Days that a day of the archive must be over before it is compressed; `undefined`: never. */
  readonly compressAfterDays: number | undefined;
  /** gzip's, 1 to 9. */
  readonly compressLevel: number;
  readonly retention: Retention;
  /** Bytes a day that may be written to the card; `undefined`: as many as it takes. */
  readonly wearBudgetBytes: number | undefined;
  /** Bytes that the card is said to bear in its life. */
  readonly cardEnduranceBytes: number;
  readonly activeTimeoutMs: number;
  /** Set: for every protocol. Not set: TCP and the others have defaults of their own. */
  readonly idleTimeoutMs: number | undefined;
  /** Networks in CIDR notation that are local besides the usual ones. */
  readonly localNetworks: readonly string[];
  readonly reverseDns: boolean;
  /** Databases of places of the user's own, the most trusted first. */
  readonly geoDbPaths: readonly string[];
  /** For ipinfo.io, which is not asked without it. */
  readonly ipinfoToken: Secret | undefined;
  /** Addresses that ipinfo.io may be asked for in a month. */
  readonly ipinfoBudget: number;
  /** Another server that answers like ipinfo.io. */
  readonly ipinfoUrl: string | undefined;
}

/** Where settings come from. */
export interface SettingSources {
  /** Values given by flags, by setting name. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of `~/.env`, `undefined` where there is no such file. */
  readonly dotenvText?: string;
}

/** A value, and where it was written. */
interface Found {
  readonly value: string;
  readonly origin: string;
}

/** Looks a setting up in its sources, in their order. */
type Look = (name: string) => Found | undefined;

/** @throws {SettingError} */
export function readSettings(sources: SettingSources): Settings {
  const look = lookIn(sources);
  const home = homeFolder(sources);
  const folder = join(home, "wifi_logger");
  return {
    interfaces: list(look("WIFILOGGER_INTERFACE")?.value),
    ramLogPath: path(look, "WIFILOGGER_RAM_LOG", home, DEFAULT_RAM_LOG),
    ramLimitBytes: byteSize(look, "WIFILOGGER_RAM_LIMIT", { fallback: 40e6, min: 64e3 }),
    archiveDir: path(look, "WIFILOGGER_ARCHIVE_DIR", home, join(folder, "logs")),
    placeCachePath: path(
      look,
      "WIFILOGGER_CACHE_FILE",
      home,
      join(folder, "ip_location_cache.json"),
    ),
    controlSocketPath: path(look, "WIFILOGGER_CONTROL_SOCKET", home, DEFAULT_CONTROL_SOCKET),
    flushIntervalMs: duration(look, "WIFILOGGER_FLUSH_INTERVAL", { min: 1e3 }) ?? 15 * 60e3,
    compressAfterDays: compressAfter(look, "WIFILOGGER_COMPRESS_AFTER"),
    compressLevel: compressLevel(look, "WIFILOGGER_COMPRESS_LEVEL"),
    retention: retention(look, "WIFILOGGER_RETENTION"),
    wearBudgetBytes: wearBudget(look, "WIFILOGGER_WEAR_BUDGET"),
    cardEnduranceBytes: byteSize(look, "WIFILOGGER_CARD_ENDURANCE", { fallback: 10e12, min: 1e9 }),
    activeTimeoutMs: duration(look, "WIFILOGGER_ACTIVE_TIMEOUT", { min: 1e3 }) ?? 60e3,
    idleTimeoutMs: duration(look, "WIFILOGGER_IDLE_TIMEOUT", { min: 1e3 }),
    localNetworks: networks(look, "WIFILOGGER_LOCAL_NETWORKS"),
    reverseDns: onOff(look, "WIFILOGGER_REVERSE_DNS", true),
    geoDbPaths: paths(look, "WIFILOGGER_GEO_DB", home),
    ipinfoToken: token(look, "IPINFO_TOKEN"),
    ipinfoBudget: count(look, "WIFILOGGER_IPINFO_BUDGET", { fallback: 45_000 }),
    ipinfoUrl: serviceUrl(look, "WIFILOGGER_IPINFO_URL"),
  };
}

/** Where the log lies in RAM unless it is set otherwise. */
export const DEFAULT_RAM_LOG = "/mnt/ramlogs/today.log";
const DEFAULT_CONTROL_SOCKET = "/run/wifilogger/control.sock";

/** The settings of this process. @throws {SettingError} */
export function readProcessSettings(flags: Readonly<Record<string, string>> = {}): Settings {
  const environment = Deno.env.toObject();
  return readSettings({ flags, environment, dotenvText: readDotenv(environment.HOME) });
}

function readDotenv(home: string | undefined): string | undefined {
  if (home === undefined) return undefined;
  const path = join(home, ".env");
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // Settings that are there and cannot be read must not silently be the defaults.
    throw new SettingError(
      `cannot read the settings in ${path}: ${
        (error as Error).message
      }. Make it readable for this user`,
      { cause: error },
    );
  }
}

function lookIn({ flags = {}, environment, dotenvText }: SettingSources): Look {
  const dotenv = dotenvText === undefined ? {} : parseDotenv(dotenvText);
  return (name) => {
    if (flags[name] !== undefined) return { value: flags[name], origin: "" };
    // An empty value is no value: `NAME=` is how a setting is switched back in an env file.
    if (environment[name]) return { value: environment[name], origin: " in the environment" };
    if (dotenv[name]) return { value: dotenv[name], origin: " in ~/.env" };
    return undefined;
  };
}

function homeFolder({ environment }: SettingSources): string {
  const home = environment.HOME;
  if (home !== undefined && isAbsolute(home)) return home;
  throw new SettingError("cannot find the home folder: HOME is not set. Set HOME");
}

function unusable(
  name: string,
  found: Found,
  advice: string,
  cause?: unknown,
): SettingError {
  const shown = JSON.stringify(found.value);
  return new SettingError(`cannot use ${name}=${shown}${found.origin}: ${advice}`, { cause });
}

function list(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",").map((item) => item.trim()).filter(Boolean);
}

function path(look: Look, name: string, home: string, fallback: string): string {
  const found = look(name);
  if (found === undefined) return fallback;
  const expanded = absolutePath(name, found, found.value, home);
  // Deno gives these to no program that may not do everything.
  if (/^\/(dev|proc|sys)\//.test(expanded)) {
    throw unusable(
      name,
      found,
      "this program may not write there. Choose another folder, such as one in /run",
    );
  }
  return expanded;
}

function paths(look: Look, name: string, home: string): string[] {
  const found = look(name);
  return list(found?.value).map((value) => absolutePath(name, found!, value, home));
}

function absolutePath(name: string, found: Found, value: string, home: string): string {
  const expanded = value.startsWith("~/") ? join(home, value.slice(2)) : value;
  if (isAbsolute(expanded)) return expanded;
  throw unusable(name, found, "the path is not absolute. Begin it with / or ~/");
}

/** What is wrong with it is said without showing it. */
function token(look: Look, name: string): Secret | undefined {
  const found = look(name);
  if (found === undefined) return undefined;
  const value = found.value.trim();
  if (/^[\w.~+/=-]{1,200}$/.test(value)) return new Secret(value);
  throw new SettingError(
    `cannot use ${name}${found.origin}: it is no token. Copy it from https://ipinfo.io/dashboard/token`,
  );
}

/** The token travels there: in the open only on this machine. */
function serviceUrl(look: Look, name: string): string | undefined {
  const found = look(name);
  if (found === undefined) return undefined;
  const url = URL.parse(found.value);
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (isSafe && url.search === "" && url.hash === "" && url.username === "") {
    return url.href.replace(/\/+$/, "");
  }
  throw unusable(name, found, "it is no address of a service. Write it as https://HOST");
}

function count(look: Look, name: string, { fallback }: { fallback: number }): number {
  const found = look(name);
  if (found === undefined) return fallback;
  if (/^\d{1,9}$/.test(found.value)) return Number(found.value);
  throw unusable(name, found, "it is no number. Write it as 45000, or 0 to ask nothing");
}

function duration(look: Look, name: string, { min }: { min: number }): number | undefined {
  const found = look(name);
  if (found === undefined) return undefined;
  const ms = parseDuration(found.value);
  if (ms === undefined) {
    throw unusable(name, found, "it is no duration. Write it as 10s, 15m or 1h");
  }
  const max = 24 * 3600e3;
  if (ms >= min && ms <= max) return ms;
  throw unusable(name, found, "it is out of range. Write a duration from 1s to 24h");
}

function byteSize(
  look: Look,
  name: string,
  { fallback, min }: { fallback: number; min: number },
): number {
  const found = look(name);
  if (found === undefined) return fallback;
  const bytes = parseByteSize(found.value);
  if (bytes !== undefined && bytes >= min) return bytes;
  throw unusable(name, found, `it is no size of at least ${min} bytes. Write it as 40MB`);
}

const DAY_MS = 24 * 3600e3;

function compressAfter(look: Look, name: string): number | undefined {
  const found = look(name);
  if (found === undefined) return 1;
  if (found.value.toLowerCase() === "off") return undefined;
  const days = (parseDuration(found.value) ?? NaN) / DAY_MS;
  if (Number.isInteger(days) && days <= 3650) return days;
  throw unusable(name, found, "it is no number of days. Write it as 1d, or off");
}

function compressLevel(look: Look, name: string): number {
  const found = look(name);
  if (found === undefined) return 6;
  if (/^[1-9]$/.test(found.value)) return Number(found.value);
  throw unusable(name, found, "it is no level. Write a number from 1 (fast) to 9 (small)");
}

/** Days, a size, or both, with a comma; the one that is not named is without end. */
function retention(look: Look, name: string): Retention {
  const found = look(name);
  if (found === undefined) return { days: 365, bytes: 2e9 };
  const kept: Retention = { days: undefined, bytes: undefined };
  if (found.value.toLowerCase() === "off") return kept;
  for (const text of list(found.value)) {
    const days = (parseDuration(text) ?? NaN) / DAY_MS;
    const bytes = parseByteSize(text) ?? NaN;
    if (Number.isInteger(days) && days >= 1) kept.days = days;
    else if (bytes >= 1e6) kept.bytes = bytes;
    else {
      const what = JSON.stringify(text);
      throw unusable(
        name,
        found,
        `${what} is neither a number of days nor a size of at least 1MB. Write it as 365d,2GB, or off`,
      );
    }
  }
  return kept;
}

function wearBudget(look: Look, name: string): number | undefined {
  const found = look(name);
  if (found === undefined || found.value.toLowerCase() === "off") return undefined;
  const bytes = parseByteSize(found.value);
  if (bytes !== undefined && bytes >= 1e6) return bytes;
  throw unusable(name, found, "it is no size of at least 1MB. Write it as 20MB, or off");
}

function networks(look: Look, name: string): string[] {
  const found = look(name);
  if (found === undefined) return [];
  const texts = list(found.value);
  try {
    new NetworkSet(texts);
  } catch (error) {
    if (!(error instanceof NetworkSyntaxError)) throw error;
    throw unusable(name, found, error.message, error);
  }
  return texts;
}

function onOff(look: Look, name: string, fallback: boolean): boolean {
  const found = look(name);
  if (found === undefined) return fallback;
  switch (found.value.toLowerCase()) {
    case "on":
    case "yes":
    case "true":
    case "1":
      return true;
    case "off":
    case "no":
    case "false":
    case "0":
      return false;
    default:
      throw unusable(name, found, "it is neither on nor off. Write on or off");
  }
}
