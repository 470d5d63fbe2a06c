import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { SettingError } from "../../../service/settings/setting_error.ts";
import { readSettings, type SettingSources } from "../../../service/settings/read_settings.ts";
import type { Settings } from "../../../service/settings/settings.ts";

const HOME = "/home/pi";

function settings(sources: Partial<SettingSources> = {}): Settings {
  return readSettings({ ...sources, environment: { HOME, ...sources.environment } });
}

/** The message about a setting that cannot be used. */
function complaint(sources: Partial<SettingSources>): string {
  return assertThrows(() => settings(sources), SettingError).message;
}

Deno.test("`readSettings()` gives the defaults where nothing is set", () => {
  const given = settings();
  assertEquals(given.interfaces, []);
  assertEquals(given.ramLogPath, "/mnt/ramlogs/today.log");
  assertEquals(given.ramLimitBytes, 40_000_000);
  assertEquals(given.archiveDir, "/home/pi/wifi_logger/logs");
  assertEquals(given.placeCachePath, "/home/pi/wifi_logger/ip_location_cache.json");
  assertEquals(given.controlSocketPath, "/run/wifilogger/control.sock");
  assertEquals(given.flushIntervalMs, 15 * 60_000);
  assertEquals(given.compressAfterDays, 1);
  assertEquals(given.compressLevel, 6);
  assertEquals(given.retention, { days: 365, bytes: 2e9 });
  assertEquals(given.wearBudgetBytes, undefined);
  assertEquals(given.cardEnduranceBytes, 10e12);
  assertEquals(given.activeTimeoutMs, 60_000);
  assertEquals(given.idleTimeoutMs, undefined);
  assertEquals(given.localNetworks, []);
  assertEquals(given.reverseDns, true);
  assertEquals(given.geoDbPaths, []);
  assertEquals(given.ipinfoToken, undefined);
  assertEquals(given.ipinfoBudget, 45_000);
  assertEquals(given.ipinfoUrl, undefined);
});

Deno.test("`readSettings()` takes flags over the environment over ~/.env over the defaults", () => {
  const name = "WIFILOGGER_ACTIVE_TIMEOUT";
  const flags = { [name]: "1s" };
  const environment = { [name]: "2s" };
  const dotenvText = `${name}=3s\n`;
  assertEquals(settings({ flags, environment, dotenvText }).activeTimeoutMs, 1000);
  assertEquals(settings({ environment, dotenvText }).activeTimeoutMs, 2000);
  assertEquals(settings({ dotenvText }).activeTimeoutMs, 3000);
  assertEquals(settings({ dotenvText: "" }).activeTimeoutMs, 60_000);
});

Deno.test("`readSettings()` takes an empty value in the environment for none", () => {
  const name = "WIFILOGGER_ACTIVE_TIMEOUT";
  const dotenvText = `${name}=3s`;
  assertEquals(settings({ environment: { [name]: "" }, dotenvText }).activeTimeoutMs, 3000);
  assertEquals(settings({ dotenvText: `${name}=` }).activeTimeoutMs, 60_000);
});

Deno.test("`readSettings()` reads ~/.env as dotenv files are written", () => {
  const dotenvText = [
    "# what is set here",
    "export WIFILOGGER_INTERFACE=wlan0, eth0",
    'WIFILOGGER_ARCHIVE_DIR="/srv/the logs"  # on the disk',
    "WIFILOGGER_REVERSE_DNS='off'",
    "UNKNOWN=left alone",
  ].join("\r\n");
  const given = settings({ dotenvText });
  assertEquals(given.interfaces, ["wlan0", "eth0"]);
  assertEquals(given.archiveDir, "/srv/the logs");
  assertEquals(given.reverseDns, false);
});

Deno.test("`readSettings()` reads every setting", () => {
  const given = settings({
    environment: {
      WIFILOGGER_INTERFACE: " wlan0 ,,eth0,",
      WIFILOGGER_RAM_LOG: "~/ram/today.log",
      WIFILOGGER_RAM_LIMIT: "1.5MB",
      WIFILOGGER_ARCHIVE_DIR: "/srv/logs",
      WIFILOGGER_CACHE_FILE: "~/cache.json",
      WIFILOGGER_CONTROL_SOCKET: "/tmp/control.sock",
      WIFILOGGER_FLUSH_INTERVAL: "1h",
      WIFILOGGER_COMPRESS_AFTER: "7d",
      WIFILOGGER_COMPRESS_LEVEL: "9",
      WIFILOGGER_RETENTION: "30d, 500MB",
      WIFILOGGER_WEAR_BUDGET: "20MB",
      WIFILOGGER_CARD_ENDURANCE: "58000GB",
      WIFILOGGER_ACTIVE_TIMEOUT: "30s",
      WIFILOGGER_IDLE_TIMEOUT: "2m",
      WIFILOGGER_LOCAL_NETWORKS: "203.0.113.0/24, 2001:db8::/32",
      WIFILOGGER_REVERSE_DNS: "No",
      WIFILOGGER_GEO_DB: "~/city.mmdb, /srv/asn.mmdb",
      IPINFO_TOKEN: "0123456789abcd",
      WIFILOGGER_IPINFO_BUDGET: "0",
      WIFILOGGER_IPINFO_URL: "http://127.0.0.1:8080/",
    },
  });
  assertEquals(given.interfaces, ["wlan0", "eth0"]);
  assertEquals(given.ramLogPath, "/home/pi/ram/today.log");
  assertEquals(given.ramLimitBytes, 1_500_000);
  assertEquals(given.archiveDir, "/srv/logs");
  assertEquals(given.placeCachePath, "/home/pi/cache.json");
  assertEquals(given.controlSocketPath, "/tmp/control.sock");
  assertEquals(given.flushIntervalMs, 3_600_000);
  assertEquals(given.compressAfterDays, 7);
  assertEquals(given.compressLevel, 9);
  assertEquals(given.retention, { days: 30, bytes: 500e6 });
  assertEquals(given.wearBudgetBytes, 20e6);
  assertEquals(given.cardEnduranceBytes, 58e12);
  assertEquals(given.activeTimeoutMs, 30_000);
  assertEquals(given.idleTimeoutMs, 120_000);
  assertEquals(given.localNetworks, ["203.0.113.0/24", "2001:db8::/32"]);
  assertEquals(given.reverseDns, false);
  assertEquals(given.geoDbPaths, ["/home/pi/city.mmdb", "/srv/asn.mmdb"]);
  assertEquals(given.ipinfoToken?.reveal(), "0123456789abcd");
  assertEquals(given.ipinfoBudget, 0);
  assertEquals(given.ipinfoUrl, "http://127.0.0.1:8080");
});

Deno.test("`readSettings()` shows the token nowhere, not even one that is none", () => {
  const environment = { IPINFO_TOKEN: "s3cret-t0ken" };
  const given = settings({ environment });
  const shown = [
    Deno.inspect(given, { showHidden: true, depth: 9 }),
    JSON.stringify(given),
    `${given.ipinfoToken}`,
  ];
  for (const text of shown) assertEquals(text.includes("s3cret"), false, text);
  const message = complaint({ environment: { IPINFO_TOKEN: "s3cret t0ken" } });
  assertStringIncludes(message, "cannot use IPINFO_TOKEN in the environment: it is no token");
  assertEquals(message.includes("s3cret"), false);
});

Deno.test("`readSettings()` says of a value that cannot be used its name, itself, its origin and what to write", () => {
  const cases: [name: string, value: string, advice: string][] = [
    ["WIFILOGGER_ACTIVE_TIMEOUT", "soon", "Write it as 10s"],
    ["WIFILOGGER_ACTIVE_TIMEOUT", "60", "Write it as 10s"],
    ["WIFILOGGER_ACTIVE_TIMEOUT", "999ms", "from 1s to 24h"],
    ["WIFILOGGER_IDLE_TIMEOUT", "0s", "from 1s to 24h"],
    ["WIFILOGGER_FLUSH_INTERVAL", "25h", "from 1s to 24h"],
    ["WIFILOGGER_FLUSH_INTERVAL", `${"9".repeat(400)}h`, "from 1s to 24h"],
    ["WIFILOGGER_RAM_LIMIT", "much", "Write it as 40MB"],
    ["WIFILOGGER_RAM_LIMIT", "63999", "at least 64000 bytes"],
    ["WIFILOGGER_RAM_LOG", "today.log", "Begin it with /"],
    ["WIFILOGGER_ARCHIVE_DIR", "~root/logs", "Begin it with /"],
    ["WIFILOGGER_CACHE_FILE", "../cache.json", "Begin it with /"],
    ["WIFILOGGER_CONTROL_SOCKET", "~", "Begin it with /"],
    ["WIFILOGGER_LOCAL_NETWORKS", "192.168.0.0/16,lan", "192.168.0.0/16"],
    ["WIFILOGGER_REVERSE_DNS", "maybe", "Write on or off"],
    ["WIFILOGGER_COMPRESS_AFTER", "90m", "Write it as 1d"],
    ["WIFILOGGER_COMPRESS_LEVEL", "0", "from 1"],
    ["WIFILOGGER_RETENTION", "365d,some", "Write it as 365d,2GB"],
    ["WIFILOGGER_RETENTION", "12h", "Write it as 365d,2GB"],
    ["WIFILOGGER_WEAR_BUDGET", "1kB", "Write it as 20MB"],
    ["WIFILOGGER_CARD_ENDURANCE", "long", "of at least"],
    ["WIFILOGGER_GEO_DB", "/srv/a.mmdb,b.mmdb", "Begin it with /"],
    ["WIFILOGGER_IPINFO_BUDGET", "many", "Write it as 45000"],
    ["WIFILOGGER_IPINFO_BUDGET", "-1", "Write it as 45000"],
    ["WIFILOGGER_IPINFO_URL", "ipinfo.io", "Write it as https://HOST"],
    ["WIFILOGGER_IPINFO_URL", "http://ipinfo.io", "Write it as https://HOST"],
    ["WIFILOGGER_IPINFO_URL", "https://user@ipinfo.io", "Write it as https://HOST"],
  ];
  for (const [name, value, advice] of cases) {
    const origins: [sources: Partial<SettingSources>, origin: string][] = [
      [{ flags: { [name]: value } }, ":"],
      [{ environment: { [name]: value } }, " in the environment:"],
      [{ dotenvText: `${name}="${value}"` }, " in ~/.env:"],
    ];
    for (const [sources, origin] of origins) {
      const message = complaint(sources);
      assertStringIncludes(message, `${name}=${JSON.stringify(value)}${origin}`);
      assertStringIncludes(message, advice);
    }
  }
});

Deno.test("`readSettings()` takes a retention of days, of a size, or none", () => {
  const retention = (text: string) =>
    settings({ environment: { WIFILOGGER_RETENTION: text } }).retention;
  assertEquals(retention("90d"), { days: 90, bytes: undefined });
  assertEquals(retention("1GB"), { days: undefined, bytes: 1e9 });
  assertEquals(retention("off"), { days: undefined, bytes: undefined });
  const compressAfter = settings({ environment: { WIFILOGGER_COMPRESS_AFTER: "off" } });
  assertEquals(compressAfter.compressAfterDays, undefined);
});

Deno.test("`readSettings()` names the one network that is none", () => {
  const message = complaint({
    environment: { WIFILOGGER_LOCAL_NETWORKS: "10.1.0.0/16, 10.2.0.0/99" },
  });
  assertStringIncludes(message, '"10.2.0.0/99" is no network');
});

Deno.test("`readSettings()` shows a value with a line feed in one line", () => {
  const message = complaint({ environment: { WIFILOGGER_REVERSE_DNS: "o\nff\x1b[2J" } });
  assertEquals(/\p{Cc}/u.test(message), false, JSON.stringify(message));
});

Deno.test("`readSettings()` needs a home folder", () => {
  for (const home of [undefined, "", "home/pi"]) {
    const message = complaint({ environment: { HOME: home } });
    assertStringIncludes(message, "HOME");
  }
});
