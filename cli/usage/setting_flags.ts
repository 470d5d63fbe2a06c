/** Settings, with what flags say of them. */

import { readLogSettings } from "../../service/settings/installed_service.ts";
import { readProcessSettings } from "../../service/settings/read_settings.ts";
import { SETTING_LIST } from "../../service/settings/setting_table.ts";
import type { Settings } from "../../service/settings/settings.ts";
import type { Arguments } from "./arguments.ts";

/** The settings, flags first. @throws {SettingError} */
export function settingsFrom(args: Arguments): Settings {
  return readProcessSettings(flagValues(args));
}

/** The settings by which the log of this machine is read, flags first. @throws {SettingError} */
export function logSettingsFrom(args: Arguments): Settings {
  return readLogSettings(flagValues(args));
}

/** What flags say of settings, by the settings' names. */
export function flagValues(args: Arguments): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, flag, isList } of SETTING_LIST) {
    if (flag === undefined) continue;
    const value = isList ? args.values(flag).join(",") : args.value(flag);
    if (value) values[name] = value;
  }
  return values;
}
