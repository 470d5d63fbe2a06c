/**
 * Every command, once: what it is for, what it takes, and its flags. What reads arguments, prints help, completes words
 * or writes the manual goes by this table.
 */

import { DIRECTIONS, NAME_SOURCES } from "../../record/log_record.ts";
import { METRICS_FORMATS } from "../../service/metrics/metrics_text.ts";
import { EXPORT_FORMATS } from "../../report/export/open_export.ts";
import { DIMENSIONS } from "../../report/question/dimension_words.ts";
import {
  fallbackText,
  type Setting,
  SETTING_LIST,
  SETTINGS,
} from "../../service/settings/setting_table.ts";
import {
  NEWS_FORMATS,
  PROFILE_FORMATS,
  REPORT_FORMATS,
  TOP_GROUPS,
  TOP_SORTS,
} from "./flag_words.ts";

/** A flag of a command. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  readonly letter?: string;
  /** What stands for its value in a help text; absent: it takes none. */
  readonly value?: string;
  readonly help: string;
  /** The words that it takes, where it takes no others. */
  readonly words?: readonly string[];
  /** What help says of its default. */
  readonly fallback?: string;
  /** Whether it may be given again, and what is given again is added. */
  readonly isList?: boolean;
  /** The setting that it sets. */
  readonly setting?: string;
}

/** A command. */
export interface Command {
  /** As it is typed after `wifilogger`. */
  readonly name: string;
  /** What follows the name, other than flags. */
  readonly operands?: string;
  /** One line for the list of commands. */
  readonly purpose: string;
  /** What it does, a paragraph or several. */
  readonly about: string;
  readonly flags: readonly Flag[];
  /** What follows the flags in its help. */
  readonly notes?: string;
}

const DEBUG: Flag = { name: "debug", help: "show where an error comes from" };

/** The flag that sets a setting. */
function settingFlag(setting: Setting<unknown>, help = setting.help): Flag {
  const { name, flag, letter, value, isList } = setting;
  if (flag === undefined) throw new Error(`${name} has no flag`);
  const words = value === "on|off" ? ["on", "off"] : undefined;
  return {
    name: flag,
    letter,
    value,
    help,
    words,
    fallback: fallbackText(setting),
    isList,
    setting: name,
  };
}

const SETTING_FLAGS: readonly Flag[] = SETTING_LIST
  .filter(({ flag }) => flag !== undefined).map((setting) => settingFlag(setting));

const RAM_LOG = settingFlag(SETTINGS.ramLogPath);
const ARCHIVE_DIR = settingFlag(SETTINGS.archiveDir);
const CONTROL_SOCKET = settingFlag(SETTINGS.controlSocketPath);
const CACHE_FILE = settingFlag(SETTINGS.placeCachePath);
const GEO_DB = settingFlag(
  SETTINGS.geoDbPaths,
  "a database of places of your own (.mmdb); may be given again",
);

/** A flag that takes one of a few words. */
function format(words: readonly string[], help: string, fallback?: string): Flag {
  return { name: "format", value: words.join("|"), words, help, fallback };
}

const SPAN: readonly Flag[] = [
  {
    name: "since",
    value: "TIME",
    help: "from then on: 2h (ago), 7d, today, yesterday, this-week, last-week, this-month, " +
      "last-month, 2026, 2026-11, 2026-11-22, 2026-11-22T18:30",
  },
  { name: "until", value: "TIME", help: "until then; a day, a week or a month up to its end" },
];

/** Which records a question is about. */
const FILTER: readonly Flag[] = [
  { name: "device", value: "NAME|IP|MAC", help: "only of this device" },
  {
    name: "name",
    value: "NAME|IP",
    help: "only with this name at the other end, or one that lies in it",
  },
  { name: "site", value: "DOMAIN", help: "only with names of this site, such as example.org" },
  { name: "country", value: "CODE|NAME", help: "only with this country at the other end" },
  {
    name: "owner",
    value: "TEXT|AS",
    help: "only with this network owner: part of its name, or AS15169",
  },
  { name: "port", value: "NUMBER", help: "only to this port" },
  {
    name: "protocol",
    value: "WORD",
    help: "only of this protocol: tcp, udp, icmp, or tls, quic, http, dns, ntp",
  },
  {
    name: "direction",
    value: DIRECTIONS.join("|"),
    words: DIRECTIONS,
    help: "only what began so",
  },
  {
    name: "evidence",
    value: "WORD",
    words: NAME_SOURCES,
    help: "only what was named so: tls_sni, quic_sni, http_host, dns, ptr or none",
  },
];

/** Every command, in the order in which help lists them. */
export const COMMANDS = {
  run: {
    name: "run",
    purpose: "log until stopped; needs root or CAP_NET_RAW",
    about: "Logs the traffic that leaves or enters the network, until SIGTERM or Ctrl-C; then " +
      "everything is moved to the archive.",
    flags: [
      format(
        ["text", "json", "none"],
        "what to print for each record",
        "text on a terminal, otherwise none",
      ),
      ...SETTING_FLAGS,
      DEBUG,
    ],
    notes:
      `SIGUSR1 moves the log to the archive now; SIGHUP goes on in a fresh file when somebody has moved the log away.

Each flag is also a setting, in the environment or in ~/.env: --flush-interval is WIFILOGGER_FLUSH_INTERVAL.
With IPINFO_TOKEN and WIFILOGGER_IPINFO=addresses or both, and only then, ipinfo.io is asked for places.`,
  },
  flushNow: {
    name: "--flush-now",
    purpose: "move the log from RAM to the archive now",
    about: "Asks the running logger to move its log from RAM to the archive, waits until that is " +
      "done, and prints what was moved. With no logger running, moves what one has left behind.",
    flags: [
      { name: "flush-now", help: "move the log now" },
      ...SETTING_FLAGS,
      DEBUG,
    ],
  },
  read: {
    name: "read",
    operands: "FILE...",
    purpose: "make records from capture files",
    about: "Makes records from pcap and pcapng files (- is standard input), on standard output; " +
      "statistics on standard error.",
    flags: [
      format(["json", "text"], "JSON lines, as in the log, or lines for people", "json"),
      { name: "include-internal", help: "also traffic between local addresses" },
      {
        name: "lookup",
        help: "ask reverse DNS for names; without it nothing leaves this machine",
      },
      settingFlag(SETTINGS.localNetworks),
      settingFlag(SETTINGS.tunnels),
      GEO_DB,
      DEBUG,
    ],
  },
  tail: {
    name: "tail",
    purpose: "the newest records, or those of a day, a device, a name",
    about: "Prints the newest records of the log, or those of a span of time, oldest first: from " +
      "the archive, compressed or not, and from RAM, each once, also while a logger writes. Gaps " +
      "in that span are always among them.",
    flags: [
      {
        name: "lines",
        letter: "n",
        value: "NUMBER",
        help: "so many of the newest",
        fallback: "20; all when a span of time is given",
      },
      {
        name: "follow",
        letter: "f",
        help:
          "go on with what comes, until Ctrl-C; flows under way that have no record yet end in " +
          '"so far"',
      },
      ...SPAN,
      ...FILTER,
      format(["text", "json"], "lines for people, or the log's own JSON lines", "text"),
      RAM_LOG,
      ARCHIVE_DIR,
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes:
      "On a terminal records stand in columns: time, device, the other end, protocol, country, sent, received.\n" +
      "A device is the end in your network; <- is what came in. NO_COLOR=1 takes the colours away.",
  },
  top: {
    name: "top",
    purpose: "what goes on now: rates and totals, live",
    about:
      "Shows the flows under way with their rates and totals, live, full-screen: by flow, device, " +
      "name, site, country or owner. Keys sort, group, filter and open; ? lists them, q quits. Where " +
      "output is no terminal it prints the table once.",
    flags: [
      {
        name: "by",
        value: TOP_GROUPS.join("|"),
        words: TOP_GROUPS,
        help: "a row for each of these",
        fallback: "flow",
      },
      {
        name: "sort",
        value: TOP_SORTS.join("|"),
        words: TOP_SORTS,
        help: "what the rows are sorted by",
        fallback: "rate",
      },
      { name: "once", help: "print the 20 first rows after a second, and end" },
      ...FILTER,
      RAM_LOG,
      ARCHIVE_DIR,
      CONTROL_SOCKET,
      DEBUG,
    ],
  },
  report: {
    name: "report",
    purpose: "how much, by device, site, country, day...",
    about: "Sums the log over a period: how much went up and down, by device or by whatever else " +
      "is asked for, beside the period before. Days that are over are read from their summaries, " +
      "so that a year takes a second or two; gaps in the log are said.",
    flags: [
      {
        name: "by",
        value: "WORD",
        words: DIMENSIONS,
        help: `group by ${DIMENSIONS.join(", ")}; may be given again, or with commas`,
        fallback: "device",
        isList: true,
      },
      ...SPAN.map((flag) =>
        flag.name === "since" ? { ...flag, fallback: "the last 7 days" } : flag
      ),
      ...FILTER,
      { name: "lines", letter: "n", value: "NUMBER", help: "rows of the table", fallback: "20" },
      { name: "no-compare", help: "without the period before" },
      format(
        REPORT_FORMATS,
        "html is a page of its own, parquet for programs such as DuckDB",
        "table",
      ),
      settingFlag(SETTINGS.billingDay),
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes: `For example:
  wifilogger report --since 2026-11 --by site            what used the data this month
  wifilogger report --since last-week --until last-week --by device,country
  wifilogger report --device tv --by day                 a device, day by day
  wifilogger report --by name --format html > week.html`,
  },
  news: {
    name: "news",
    purpose: "what is new: devices, countries, services, sites",
    about:
      "Says what was not there before, the weightiest first: devices, and for each device the " +
      "countries, services, sites and networks that it met for the first time, with when, how much, " +
      "how it was known, and the command that shows its records. The household and each device are " +
      "learnt for their first days; what `known` has is left out. docs/news.md has the rules.",
    flags: [
      ...SPAN.map((flag) =>
        flag.name === "since" ? { ...flag, fallback: "the last 7 days" } : flag
      ),
      { name: "device", value: "NAME|IP|MAC", help: "only of this device" },
      {
        name: "lines",
        letter: "n",
        value: "NUMBER",
        help: "rows of each table",
        fallback: "20",
      },
      format(NEWS_FORMATS, "for people or for programs; json is an object a line", "table"),
      settingFlag(SETTINGS.learningMs),
      settingFlag(SETTINGS.limits),
      settingFlag(SETTINGS.billingDay),
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes: `For example:
  wifilogger news --since yesterday
  wifilogger news --device tv --since 30d --format json`,
  },
  known: {
    name: "known",
    operands: "list|add|remove",
    purpose: "what you have looked at, and need not be told again",
    about: "Marks things as known, so that they are no news any more: a device, or a site, a " +
      "country, a network owner or a service that a device, or any device, may meet.",
    flags: [
      { name: "device", value: "NAME|IP|MAC", help: "this device, or what only this device meets" },
      { name: "site", value: "DOMAIN", help: "a site; may be given again", isList: true },
      { name: "country", value: "CODE", help: "a country; may be given again", isList: true },
      {
        name: "owner",
        value: "NAME",
        help: "a network owner, as news names it; may be given again",
        isList: true,
      },
      {
        name: "service",
        value: "PORT/tcp",
        help: "a service, as news names it; may be given again",
        isList: true,
      },
      { name: "all", help: "add: all that is new; remove: every mark" },
      { ...SPAN[0], help: "with add --all: what is new since then", fallback: "the last 7 days" },
      format(NEWS_FORMATS, "of the list: for people or for programs", "table"),
      settingFlag(SETTINGS.learningMs),
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes: `For example:
  wifilogger known add --device guest-phone            this device is known
  wifilogger known add --site example.org              this site, on any device
  wifilogger known add --device tv --country US --country IE
  wifilogger known add --all                           everything that news shows now`,
  },
  devices: {
    name: "devices",
    operands: "[rename DEVICE [NAME]]",
    purpose: "every device, and what you call it",
    about: "Prints a row for each device that the log has seen: its name, maker, MAC address and " +
      "addresses, when it was first and last seen, and how much it sent and received in all. A " +
      "device is one over IPv4, IPv6, leases and names.\n\n" +
      "`rename` gives a device a name of your own; without NAME it takes that away.",
    flags: [
      format(NEWS_FORMATS, "for people or for programs; json is an object a line", "table"),
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes: `For example:
  wifilogger devices rename 192.168.1.28 "kitchen plug"`,
  },
  forget: {
    name: "forget",
    purpose: "take a device, a site or a time out of all that is kept",
    about:
      "Takes everything of a device, with a site, or of a time out of what is kept on this machine: " +
      "records in RAM and archive, sums of days, the ledger of firsts, names, marks and the cache of " +
      "places. What holds of several flags must hold at once. It asks first; it cannot be undone. " +
      "A logger that runs goes on. Killed at any instant, it has forgotten all of it or nothing. " +
      "What was sent on to others is out of its reach.",
    flags: [
      { name: "device", value: "NAME|IP|MAC", help: "of this device, as `devices` lists it" },
      { name: "site", value: "DOMAIN", help: "with this site, by any evidence" },
      ...SPAN,
      { name: "yes", letter: "y", help: "do not ask" },
      RAM_LOG,
      ARCHIVE_DIR,
      CACHE_FILE,
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes: `For example:
  wifilogger forget --device guest-phone               a guest who has left
  wifilogger forget --site example.org --since 7d      the last seven days with a site
  wifilogger forget --until 2026-06                    everything up to the end of June
It runs as the user that the logger runs as. docs/privacy.md says what is kept where.`,
  },
  profile: {
    name: "profile",
    operands: "DEVICE",
    purpose: "what a device speaks to regularly, also as a MUD file",
    about:
      "Says what a device speaks to regularly: on two days at least, and on a tenth of the days " +
      "on which it was there. With --compare, what is new since an earlier time, and what is gone, " +
      "such as after a firmware update.",
    flags: [
      ...SPAN.map((flag) =>
        flag.name === "since" ? { ...flag, fallback: "the last 30 days" } : flag
      ),
      {
        name: "compare",
        value: "TIME",
        help: "beside the time from then on up to --since",
      },
      format(
        PROFILE_FORMATS,
        "for people, for programs, or a Manufacturer Usage Description (RFC 8520) for a firewall",
        "text",
      ),
      settingFlag(SETTINGS.billingDay),
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes: `For example:
  wifilogger profile tv --since 7d --compare 30d       what the update has changed
  wifilogger profile camera --format mud > camera.json`,
  },
  export: {
    name: "export",
    purpose: "the records in a format that other programs read",
    about:
      "Writes the records of the log, or those of a span of time, a device, a name, for other " +
      "programs: from the archive, compressed or not, and from RAM, oldest first, each once, also " +
      "while a logger writes.",
    flags: [
      format(
        EXPORT_FORMATS,
        "the log's own JSON lines, rows of text, Zeek's conn.log in either of its forms, flows of " +
          "Suricata's EVE, or Parquet",
        "jsonl",
      ),
      {
        name: "output",
        letter: "o",
        value: "FILE",
        help: "write to this file, which is there when it is whole",
        fallback: "standard output",
      },
      ...SPAN,
      ...FILTER,
      RAM_LOG,
      ARCHIVE_DIR,
      DEBUG,
    ],
    notes:
      `zeek, zeek-json and eve have one line for a flow, and no place for gaps: how many were left out is said.`,
  },
  status: {
    name: "status",
    purpose: "what the running logger is doing",
    about:
      "Prints what the running logger is doing: interfaces, packets and drops, flows, names, " +
      "the RAM log and its flushes.",
    flags: [format(["text", "json"], "for people or for programs", "text"), CONTROL_SOCKET, DEBUG],
  },
  metrics: {
    name: "metrics",
    purpose: "the running logger's figures, for Prometheus",
    about: "Prints the running logger's figures as Prometheus reads them, for node_exporter's " +
      "textfile collector. With no logger running, or one that waits for its interface, it says " +
      "wifilogger_up 0, and the exit code is 1; with --output the file says so, too.",
    flags: [
      format(METRICS_FORMATS, "the format; the textfile collector reads prometheus", "prometheus"),
      {
        name: "output",
        letter: "o",
        value: "FILE",
        help: "write to this file, which everybody may read and which changes as a whole",
        fallback: "standard output",
      },
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes: `For example, each minute in root's crontab:
  wifilogger metrics -o /var/lib/prometheus/node-exporter/wifilogger.prom`,
  },
  doctor: {
    name: "doctor",
    purpose: "what keeps the log from being whole, and what mends it",
    about:
      "Looks at everything that the log depends on, with a line for each: ok, warn or bad, why, " +
      "and the command that mends it. That is the system, the settings, the service and its sandbox, " +
      "the interface and what passes there, the clock, RAM, the archive and its room, the token and " +
      "the age of the tables of places. The exit code is 1 when anything is bad.",
    flags: [
      format(["text", "json"], "for people or for programs", "text"),
      ...SETTING_FLAGS,
      DEBUG,
    ],
    notes: "Where the service is installed, it goes by the service's settings: run it with sudo.",
  },
  config: {
    name: "config",
    purpose: "every setting, its value, and where it comes from",
    about: "Prints every setting as it would be used now: its name, whether a flag, the " +
      "environment, ~/.env or the default gives its value, and that value as it was written. " +
      "One that cannot be used says why, and the exit code is 2. A token is not shown.",
    flags: [
      format(["text", "json"], "for people or for programs", "text"),
      { name: "service", help: "those of the installed service, which reads its user's ~/.env" },
      ...SETTING_FLAGS,
      DEBUG,
    ],
  },
  forward: {
    name: "forward",
    purpose: "send the log on: MQTT, HTTP, ClickHouse, Loki",
    about:
      "Sends every record of the log, and what comes, to each output that WIFILOGGER_FORWARD " +
      "names, until SIGTERM or Ctrl-C: in order, at least once, over restarts of either side and " +
      "days without a network. It only reads the log; the archive is the spool. With " +
      "WIFILOGGER_METRICS_LISTEN it serves metrics to Prometheus, too.",
    flags: [
      { name: "forget", help: "have brokers, and Home Assistant, forget this logger, and end" },
      settingFlag(SETTINGS.site),
      settingFlag(SETTINGS.forwardSince),
      settingFlag(SETTINGS.forwardDir),
      settingFlag(SETTINGS.metricsListen),
      settingFlag(SETTINGS.tellDigest),
      RAM_LOG,
      ARCHIVE_DIR,
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes: `WIFILOGGER_FORWARD stands in ~/.env or in the environment, since it may hold a password:
  mqtt://HOST, mqtts://USER:PASSWORD@HOST?tls-ca=/FILE   a message a record
  https://:TOKEN@HOST/PATH                               lines of JSON
  loki+https://HOST                                      Grafana Loki
Several stand with commas between them.`,
  },
  web: {
    name: "web",
    operands: "[password | token list|add|revoke NAME]",
    purpose: "the pages: what the network does and has done",
    about:
      "Serves the pages and their API until SIGTERM or Ctrl-C. On a terminal it prints a link that " +
      "lets in who opens it first. `web password` sets the password by which browsers sign in; " +
      "`web token add NAME` makes a token for a script, and shows it once.",
    flags: [
      { name: "may-change", help: "the token may rename, mark as known and flush, too" },
      format(["text", "json"], "the list of tokens, for people or for programs", "text"),
      settingFlag(SETTINGS.webListen),
      settingFlag(SETTINGS.webSocketPath),
      settingFlag(SETTINGS.webHosts),
      settingFlag(SETTINGS.webTlsCertPath),
      settingFlag(SETTINGS.webTlsKeyPath),
      settingFlag(SETTINGS.webFilePath),
      settingFlag(SETTINGS.learningMs),
      settingFlag(SETTINGS.limits),
      settingFlag(SETTINGS.billingDay),
      settingFlag(SETTINGS.forwardDir),
      RAM_LOG,
      ARCHIVE_DIR,
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes:
      `To have the pages for the whole network, from a service that runs only while somebody looks:

  sudo ./install.sh --web`,
  },
  lookup: {
    name: "lookup",
    operands: "IP|NAME...",
    purpose: "where an address is, and whose",
    about:
      "Prints what is known about an address: country, city, network owner and reverse name, " +
      "and which source says what, as of when. It asks the running logger or, with none, reads its " +
      "files; and it asks DNS. ipinfo.io it does not ask.",
    flags: [
      format(["text", "json"], "for people or for programs", "text"),
      CACHE_FILE,
      GEO_DB,
      CONTROL_SOCKET,
      DEBUG,
    ],
    notes: "With --cache-file or --geo-db it reads these files, and asks no logger.",
  },
  places: {
    name: "places",
    operands: "list|update",
    purpose: "the databases of places, and fetching newer ones",
    about:
      "Lists the databases of places, the most trusted first: how old each is, and whose. With update " +
      "it fetches newer ones: with IPINFO_TOKEN that of IPinfo, with WIFILOGGER_PLACES_UPDATE=dbip " +
      "those of DB-IP. A running logger takes them up by itself. Without these settings nothing is " +
      "fetched.",
    flags: [
      { name: "if-due", help: "fetch only what is due: IPinfo's weekly, DB-IP's monthly" },
      format(["text", "json"], "the list, for people or for programs", "text"),
      settingFlag(SETTINGS.placesDir),
      settingFlag(SETTINGS.placesUpdate),
      settingFlag(SETTINGS.ipinfoUse),
      GEO_DB,
      DEBUG,
    ],
    notes:
      `Where the service is installed, its timer does this by itself, once a day. At once, with a bar:
  sudo wifilogger places update`,
  },
  completions: {
    name: "completions",
    operands: "bash|zsh|fish",
    purpose: "the script by which a shell completes these words",
    about:
      "Prints the script by which bash, zsh or fish completes commands, flags and their values.",
    flags: [DEBUG],
    notes: `install.sh has put that of bash in its place. For a user's own shell:

  wifilogger completions bash > ~/.local/share/bash-completion/completions/wifilogger
  wifilogger completions zsh > ~/.zfunc/_wifilogger      (with fpath+=~/.zfunc before compinit)
  wifilogger completions fish > ~/.config/fish/completions/wifilogger.fish`,
  },
  manual: {
    name: "manual",
    purpose: "the manual page, for man",
    about:
      "Prints the manual page. Where install.sh has put it in its place, man wifilogger shows it.",
    flags: [DEBUG],
    notes: `To read it without:

  wifilogger manual | man -l -`,
  },
} satisfies Record<string, Command>;

/** The commands in order. */
export const COMMAND_LIST: readonly Command[] = Object.values(COMMANDS);
