/** Flags that set settings: every setting has one, named like it, except the token, which
 * would show in the list of processes, and where it is sent. */

import { readProcessSettings, type Settings } from "../service/settings/settings.ts";
import type { Arguments } from "./arguments.ts";

/** Each flag with the setting it sets. */
export const SETTING_FLAGS = {
  "interface": "WIFILOGGER_INTERFACE",
  "ram-log": "WIFILOGGER_RAM_LOG",
  "ram-limit": "WIFILOGGER_RAM_LIMIT",
  "archive-dir": "WIFILOGGER_ARCHIVE_DIR",
  "cache-file": "WIFILOGGER_CACHE_FILE",
  "flush-interval": "WIFILOGGER_FLUSH_INTERVAL",
  "compress-after": "WIFILOGGER_COMPRESS_AFTER",
  "compress-level": "WIFILOGGER_COMPRESS_LEVEL",
  "retention": "WIFILOGGER_RETENTION",
  "wear-budget": "WIFILOGGER_WEAR_BUDGET",
  "card-endurance": "WIFILOGGER_CARD_ENDURANCE",
  "active-timeout": "WIFILOGGER_ACTIVE_TIMEOUT",
  "idle-timeout": "WIFILOGGER_IDLE_TIMEOUT",
  "local-networks": "WIFILOGGER_LOCAL_NETWORKS",
  "reverse-dns": "WIFILOGGER_REVERSE_DNS",
  "control-socket": "WIFILOGGER_CONTROL_SOCKET",
  "geo-db": "WIFILOGGER_GEO_DB",
  "ipinfo-budget": "WIFILOGGER_IPINFO_BUDGET",
} as const;

/** Settings that hold several values: a flag given again adds one. */
const LIST_FLAGS: ReadonlySet<string> = new Set([
  "interface",
  "local-networks",
  "retention",
  "geo-db",
]);

/** The settings, flags first. @throws {SettingError} */
export function settingsFrom(args: Arguments): Settings {
  const flags: Record<string, string> = {};
  for (const [flag, setting] of Object.entries(SETTING_FLAGS)) {
    const value = LIST_FLAGS.has(flag) ? args.values(flag).join(",") : args.value(flag);
    if (value) flags[setting] = value;
  }
  return readProcessSettings(flags);
}
