/**
 * Every setting, once: its name, its flag, how its text is read, its default and its line of help. What reads settings,
 * takes flags, prints help, completes words or writes the manual goes by this table.
 */

import { PRIVACY_LEVELS } from "../../record/privacy_level.ts";
import type { Settings } from "./settings.ts";
import {
  bearerToken,
  bytesADay,
  byteSize,
  compressionLevel,
  count,
  dayOfMonth,
  days,
  duration,
  hostNames,
  learningTime,
  leftOutWords,
  list,
  listenAddress,
  networks,
  oneWord,
  onOff,
  orOff,
  path,
  paths,
  type ReadValue,
  retention,
  sendFrom,
  serviceUrl,
  siteName,
  token,
  writablePath,
} from "./setting_types.ts";
import { limits } from "./limits.ts";
import { digest, tellUrls } from "./tell_url.ts";
import { outputUrls } from "./output_url.ts";

/** One setting. */
export interface Setting<T> {
  /** In the environment and in `~/.env`. */
  readonly name: string;
  /** On the command line, without its dashes. Absent: none, since a command line shows in the list of processes. */
  readonly flag?: string;
  /** The flag's single letter. */
  readonly letter?: string;
  /** What stands for the value in a help text: `TIME`. */
  readonly value: string;
  /** Its line of help. */
  readonly help: string;
  readonly read: ReadValue<T>;
  /** The default as a user would write it; absent: `none` is the value. */
  readonly fallback?: string;
  /** The value when nothing is set and there is no `fallback`. */
  readonly none?: T;
  /** What a help text says of the default. @default the fallback */
  readonly fallbackText?: string;
  /** Whether it holds several values: a flag given again adds one. */
  readonly isList?: boolean;
  /** Whether nobody may see its value. */
  readonly isSecret?: boolean;
  /** Whether it is for tests and odd networks, and no help text names it. */
  readonly isHidden?: boolean;
}

/** Where the log lies in RAM unless it is set otherwise. */
export const DEFAULT_RAM_LOG = "/mnt/ramlogs/today.log";

/** By the field of `Settings` that each gives, in the order in which help texts list them. */
export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  interfaces: {
    name: "WIFILOGGER_INTERFACE",
    flag: "interface",
    letter: "i",
    value: "NAME",
    help: "listen there; may be given again; `any` is all",
    read: list,
    none: [],
    fallbackText: "the interface of the default route",
    isList: true,
  },
  ramLogPath: {
    name: "WIFILOGGER_RAM_LOG",
    flag: "ram-log",
    value: "FILE",
    help: "the log in RAM",
    read: writablePath,
    fallback: DEFAULT_RAM_LOG,
  },
  ramLimitBytes: {
    name: "WIFILOGGER_RAM_LIMIT",
    flag: "ram-limit",
    value: "SIZE",
    help: "how much RAM the log may take",
    read: byteSize(64e3),
    fallback: "40MB",
  },
  archiveDir: {
    name: "WIFILOGGER_ARCHIVE_DIR",
    flag: "archive-dir",
    value: "FOLDER",
    help: "where the daily files are",
    read: writablePath,
    fallback: "~/wifi_logger/logs",
  },
  placeCachePath: {
    name: "WIFILOGGER_CACHE_FILE",
    flag: "cache-file",
    value: "FILE",
    help: "what was learnt about places",
    read: writablePath,
    fallback: "~/wifi_logger/ip_location_cache.json",
  },
  controlSocketPath: {
    name: "WIFILOGGER_CONTROL_SOCKET",
    flag: "control-socket",
    value: "FILE",
    help: "where the running logger is asked",
    read: writablePath,
    fallback: "/run/wifilogger/control.sock",
  },
  flushIntervalMs: {
    name: "WIFILOGGER_FLUSH_INTERVAL",
    flag: "flush-interval",
    value: "TIME",
    help: "how often the log is moved to the archive",
    read: duration,
    fallback: "15m",
  },
  compressAfterDays: {
    name: "WIFILOGGER_COMPRESS_AFTER",
    flag: "compress-after",
    value: "DAYS",
    help: "days are compressed when they have been over so long, or off",
    read: orOff(days),
    fallback: "1d",
  },
  compressLevel: {
    name: "WIFILOGGER_COMPRESS_LEVEL",
    flag: "compress-level",
    value: "1-9",
    help: "gzip's, from fast to small",
    read: compressionLevel,
    fallback: "6",
  },
  retention: {
    name: "WIFILOGGER_RETENTION",
    flag: "retention",
    value: "DAYS,SIZE",
    help: "the oldest day is dropped beyond either, or off",
    read: retention("365d,2GB"),
    fallback: "365d,2GB",
    isList: true,
  },
  summaryRetention: {
    name: "WIFILOGGER_SUMMARY_RETENTION",
    flag: "summary-retention",
    value: "DAYS,SIZE",
    help: "a day's sums are kept longer than its records: until beyond either, or off",
    read: retention("1826d,200MB"),
    fallback: "1826d,200MB",
    isList: true,
  },
  billingDay: {
    name: "WIFILOGGER_BILLING_DAY",
    flag: "billing-day",
    value: "1-28",
    help: "the day on which a month begins in reports",
    read: dayOfMonth,
    fallback: "1",
  },
  learningMs: {
    name: "WIFILOGGER_LEARNING",
    flag: "learning",
    value: "DAYS",
    help: "so long a device is learnt before what it does is news",
    read: learningTime,
    fallback: "7d",
  },
  limits: {
    name: "WIFILOGGER_LIMITS",
    flag: "limits",
    value: "LIMIT,...",
    help:
      "what is news when it is used up or left: month=500GB, tv.day=20GB, camera:countries=DE|NL",
    read: limits,
    none: [],
    isList: true,
  },
  wearBudgetBytes: {
    name: "WIFILOGGER_WEAR_BUDGET",
    flag: "wear-budget",
    value: "SIZE",
    help: "what may be written to the card a day; the log is moved less often then",
    read: orOff(bytesADay),
    fallback: "off",
  },
  cardEnduranceBytes: {
    name: "WIFILOGGER_CARD_ENDURANCE",
    flag: "card-endurance",
    value: "SIZE",
    help: "what the card bears in its life, for the figures of `status`",
    read: byteSize(1e9),
    fallback: "10000GB",
  },
  activeTimeoutMs: {
    name: "WIFILOGGER_ACTIVE_TIMEOUT",
    flag: "active-timeout",
    value: "TIME",
    help: "how often a flow that goes on gets a record",
    read: duration,
    fallback: "60s",
  },
  idleTimeoutMs: {
    name: "WIFILOGGER_IDLE_TIMEOUT",
    flag: "idle-timeout",
    value: "TIME",
    help: "when a flow without packets is over",
    read: duration,
    fallbackText: "60s; TCP 300s",
  },
  localNetworks: {
    name: "WIFILOGGER_LOCAL_NETWORKS",
    flag: "local-networks",
    value: "LIST",
    help: "networks that are local too, such as 203.0.113.0/24,2001:db8::/32",
    read: networks,
    none: [],
    isList: true,
  },
  tunnels: {
    name: "WIFILOGGER_TUNNELS",
    flag: "tunnels",
    value: "outer|inner",
    help: "count 6in4, IPIP, GRE and VXLAN themselves, or what is inside",
    read: oneWord("outer", "inner"),
    fallback: "outer",
  },
  reverseDns: {
    name: "WIFILOGGER_REVERSE_DNS",
    flag: "reverse-dns",
    value: "on|off",
    help: "ask DNS for the names of addresses that nobody asked for",
    read: onOff,
    fallback: "on",
  },
  privacy: {
    name: "WIFILOGGER_PRIVACY",
    flag: "privacy",
    value: PRIVACY_LEVELS.join("|"),
    help: "how much is kept: everything; of names the site; devices by pseudonyms; no site at all",
    read: oneWord(...PRIVACY_LEVELS),
    fallback: "full",
  },
  leaveOut: {
    name: "WIFILOGGER_LEAVE_OUT",
    flag: "leave-out",
    value: "LIST",
    help: "devices (MAC, name or address) and sites of which only a sum a minute is kept",
    read: leftOutWords,
    none: [],
    isList: true,
  },
  privacyKeyPath: {
    name: "WIFILOGGER_PRIVACY_KEY",
    flag: "privacy-key",
    value: "FILE",
    help: "the key of devices' pseudonyms; made when it is needed",
    read: writablePath,
    fallback: "~/wifi_logger/privacy.key",
  },
  geoDbPaths: {
    name: "WIFILOGGER_GEO_DB",
    flag: "geo-db",
    value: "FILE",
    help: "a database of places of your own (.mmdb); may be given again, the most trusted first",
    read: paths,
    none: [],
    isList: true,
  },
  placesDir: {
    name: "WIFILOGGER_PLACES_DIR",
    flag: "places-dir",
    value: "FOLDER",
    help: "where databases of places that are fetched lie",
    read: writablePath,
    fallback: "~/wifi_logger/places",
  },
  placesUpdate: {
    name: "WIFILOGGER_PLACES_UPDATE",
    flag: "places-update",
    value: "dbip|dbip-city|off",
    help: "fetch DB-IP's countries, or cities, and network owners each month",
    read: oneWord("dbip", "dbip-city", "off"),
    fallback: "off",
  },
  ipinfoUse: {
    name: "WIFILOGGER_IPINFO",
    flag: "ipinfo",
    value: "database|addresses|both|off",
    help: "with a token: fetch IPinfo's database each week, ask for addresses one by one, or both",
    read: oneWord("database", "addresses", "both", "off"),
    fallback: "database",
  },
  ipinfoToken: {
    name: "IPINFO_TOKEN",
    value: "TOKEN",
    help: "for ipinfo.io, which is not asked without it",
    read: token,
    isSecret: true,
  },
  ipinfoBudget: {
    name: "WIFILOGGER_IPINFO_BUDGET",
    flag: "ipinfo-budget",
    value: "NUMBER",
    help: "how many addresses ipinfo.io may be asked for in a month",
    read: count,
    fallback: "45000",
  },
  forward: {
    name: "WIFILOGGER_FORWARD",
    value: "URL,...",
    help: "where records are sent: mqtt(s)://, http(s)://, loki+http(s)://",
    read: outputUrls,
    none: [],
    isList: true,
    isSecret: true,
  },
  site: {
    name: "WIFILOGGER_SITE",
    flag: "site",
    value: "NAME",
    help: "what this logger is called in what is sent",
    read: siteName,
    fallbackText: "the machine's host name",
  },
  forwardSince: {
    name: "WIFILOGGER_FORWARD_SINCE",
    flag: "forward-since",
    value: "all|now|DAY",
    help: "what a new output is sent first: the whole archive, nothing, or all from a day on",
    read: sendFrom,
    fallback: "all",
  },
  forwardDir: {
    name: "WIFILOGGER_FORWARD_DIR",
    flag: "forward-dir",
    value: "FOLDER",
    help: "where the forwarder notes in RAM how far it has come",
    read: writablePath,
    fallback: "/run/wifilogger-forward",
  },
  metricsListen: {
    name: "WIFILOGGER_METRICS_LISTEN",
    flag: "metrics-listen",
    value: "HOST:PORT",
    help: "where Prometheus may scrape the forwarder, such as 127.0.0.1:9420",
    read: listenAddress,
  },
  metricsToken: {
    name: "WIFILOGGER_METRICS_TOKEN",
    value: "TOKEN",
    help: "the bearer token that Prometheus must show",
    read: bearerToken,
    isSecret: true,
  },
  tell: {
    name: "WIFILOGGER_TELL",
    value: "URL,...",
    help: "who is told what is new: ntfy(s)://HOST/TOPIC, https://, smtp(s)://...?to=, mqtt(s)://",
    read: tellUrls,
    none: [],
    isList: true,
    isSecret: true,
  },
  tellSecret: {
    name: "WIFILOGGER_TELL_SECRET",
    value: "SECRET",
    help: "signs what is posted to a webhook",
    read: bearerToken,
    isSecret: true,
  },
  tellDigest: {
    name: "WIFILOGGER_TELL_DIGEST",
    flag: "tell-digest",
    value: "daily|weekly|off",
    help: "how often a letter tells what was not told at once",
    read: digest,
    fallback: "weekly",
  },
  webListen: {
    name: "WIFILOGGER_WEB_LISTEN",
    flag: "web-listen",
    value: "HOST:PORT",
    help: "where `web` serves the pages; 0.0.0.0 is the whole network",
    read: listenAddress,
    fallback: "127.0.0.1:9480",
  },
  webSocketPath: {
    name: "WIFILOGGER_WEB_SOCKET",
    flag: "web-socket",
    value: "FILE",
    help: "the unix socket on which `web` serves them instead, for systemd-socket-proxyd",
    read: writablePath,
  },
  webHosts: {
    name: "WIFILOGGER_WEB_HOSTS",
    flag: "web-hosts",
    value: "NAME,...",
    help: "names by which browsers reach the pages, besides the machine's own",
    read: hostNames,
    none: [],
    isList: true,
  },
  webTlsCertPath: {
    name: "WIFILOGGER_WEB_TLS_CERT",
    flag: "web-tls-cert",
    value: "FILE",
    help: "a certificate (PEM), with which the pages are served over HTTPS",
    read: path,
  },
  webTlsKeyPath: {
    name: "WIFILOGGER_WEB_TLS_KEY",
    flag: "web-tls-key",
    value: "FILE",
    help: "its key (PEM)",
    read: path,
  },
  webFilePath: {
    name: "WIFILOGGER_WEB_FILE",
    flag: "web-file",
    value: "FILE",
    help: "the hashes of the password and the tokens of the pages",
    read: writablePath,
    fallback: "~/wifi_logger/web.json",
  },
  dbipUrl: {
    name: "WIFILOGGER_DBIP_URL",
    value: "URL",
    help: "another server that has DB-IP's files",
    read: serviceUrl,
    isHidden: true,
  },
  ipinfoUrl: {
    name: "WIFILOGGER_IPINFO_URL",
    value: "URL",
    help: "another server that answers like ipinfo.io",
    read: serviceUrl,
    isHidden: true,
  },
};

/** The settings as a list. */
export const SETTING_LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** What a help text says of a setting's default, `undefined` where there is nothing to say. */
export function fallbackText({ fallback, fallbackText }: Setting<unknown>): string | undefined {
  return fallbackText ?? fallback;
}
