/** The help texts, one a command. */

const SETTINGS_HELP = `\
  --ram-log FILE           the log in RAM (/mnt/ramlogs/today.log)
  --archive-dir FOLDER     where the daily files go (~/wifi_logger/logs)
  --control-socket FILE    where the running logger is asked (/run/wifilogger/control.sock)`;

/** For \`wifilogger --help\`. */
export const MAIN_HELP = `\
wifilogger logs which device of your network talked to which named place, and how much.

Usage:
  wifilogger [run] [--interface NAME]...   log until stopped; needs root or CAP_NET_RAW
  wifilogger --flush-now                   move the log from RAM to the archive now
  wifilogger read FILE...                  make records from capture files
  wifilogger tail                          the newest records, or those of a day, a device, a name
  wifilogger status                        what the running logger is doing
  wifilogger lookup IP|NAME                where an address is, and whose
  wifilogger --help | --version            also: wifilogger COMMAND --help
  wifilogger --version --licenses          whose data are inside, and on what terms

The log lies in RAM, /mnt/ramlogs/today.log, and is moved to ~/wifi_logger/logs/YYYY-MM-DD.log every
15 minutes, at midnight and when the logger stops. It is JSON, one record a line.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a privilege or a part of the system is missing.
`;

/** By command; each is also the answer to its \`--help\`. */
export const COMMAND_HELP: Readonly<Record<string, string>> = {
  run: `\
Usage: wifilogger run [FLAGS]

Logs the traffic that leaves or enters the network, until SIGTERM or Ctrl-C; then everything is moved to the archive.

  -i, --interface NAME     listen there; may be given again; \`any\` is all (the interface of the default route)
  --format text|json|none  what to print for each record (text on a terminal, otherwise none)
${SETTINGS_HELP}
  --cache-file FILE        what was learnt about places (~/wifi_logger/ip_location_cache.json)
  --flush-interval TIME    how often the log is moved to the archive (15m)
  --compress-after DAYS    days are compressed when they have been over so long, or off (1d)
  --compress-level 1-9     gzip's, from fast to small (6)
  --retention DAYS,SIZE    the oldest day is dropped beyond either, or off (365d,2GB)
  --wear-budget SIZE       what may be written to the card a day; the log is moved less often then (off)
  --card-endurance SIZE    what the card bears in its life, for the figures of \`status\` (10000GB)
  --active-timeout TIME    how often a flow that goes on gets a record (60s)
  --idle-timeout TIME      when a flow without packets is over (60s; TCP 300s)
  --local-networks LIST    networks that are local too, such as 203.0.113.0/24,2001:db8::/32
  --reverse-dns on|off     ask DNS for the names of addresses that nobody asked for (on)
  --geo-db FILE            a database of places of your own (.mmdb); may be given again, the most trusted first
  --ipinfo-budget NUMBER   how many addresses ipinfo.io may be asked for in a month (45000)
  --ram-limit SIZE         how much RAM the log may take (40MB)
  --debug                  show where an error comes from

SIGUSR1 moves the log to the archive now; SIGHUP goes on in a fresh file when somebody has moved the log away.

Each flag is also a setting, in the environment or in ~/.env: --flush-interval is WIFILOGGER_FLUSH_INTERVAL.
With IPINFO_TOKEN set there, and only then, ipinfo.io is asked for places.
`,
  "--flush-now": `\
Usage: wifilogger --flush-now [FLAGS]

Asks the running logger to move its log from RAM to the archive, waits until that is done, and prints what was moved.
With no logger running, moves what one has left behind.

${SETTINGS_HELP}
`,
  read: `\
Usage: wifilogger read FILE... [FLAGS]

Makes records from pcap and pcapng files (- is standard input), on standard output; statistics on standard error.

  --format json|text       JSON lines, as in the log, or lines for people (json)
  --include-internal       also traffic between local addresses
  --lookup                 ask reverse DNS for names; without it nothing leaves this machine
  --local-networks LIST    networks that are local too, such as 203.0.113.0/24
  --geo-db FILE            a database of places of your own (.mmdb); may be given again
  --debug                  show where an error comes from
`,
  tail: `\
Usage: wifilogger tail [FLAGS]

Prints the newest records of the log, or those of a span of time, oldest first: from the archive, compressed or not, and
from RAM, each once, also while a logger writes. Gaps in that span are always among them.

  -n, --lines NUMBER       so many of the newest (20; all when a span of time is given)
  --since TIME             from then on: 2026-11-22, 2026-11-22T18:30, today, yesterday, or 2h for two hours ago
  --until TIME             until then; a day is meant up to its end
  --device NAME|IP|MAC     only of this device
  --name NAME|IP           only with this name at the other end, or one that lies in it
  --format text|json       lines for people, or the log's own JSON lines (text)
  --ram-log FILE           the log in RAM (/mnt/ramlogs/today.log)
  --archive-dir FOLDER     where the daily files are (~/wifi_logger/logs)
  --debug                  show where an error comes from

To follow what is being logged: tail -F /mnt/ramlogs/today.log
`,
  lookup: `\
Usage: wifilogger lookup IP|NAME... [FLAGS]

Prints what is known about an address: country, city, network owner and reverse name, and which source says what, as of
when. It asks the running logger or, with none, reads its files; and it asks DNS. ipinfo.io it does not ask.

  --format text|json       (text)
  --cache-file FILE        what was learnt about places (~/wifi_logger/ip_location_cache.json)
  --geo-db FILE            a database of places of your own (.mmdb); may be given again
  --control-socket FILE    where the running logger is asked (/run/wifilogger/control.sock)

With --cache-file or --geo-db it reads these files, and asks no logger.
`,
  status: `\
Usage: wifilogger status [FLAGS]

Prints what the running logger is doing: interfaces, packets and drops, flows, names, the RAM log and its flushes.

  --format text|json       (text)
  --control-socket FILE    where the running logger is asked (/run/wifilogger/control.sock)
`,
};
