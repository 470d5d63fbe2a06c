/** Names that look like settings and are none: a misspelt one would otherwise go unnoticed. */

// @ts-types="../../types/std_text_closest_string.d.ts"
import { closestString } from "@std/text/closest-string";
import { dotenvNames, type SettingOrigin, type SettingSources } from "./read_settings.ts";
import { SETTING_LIST } from "./setting_table.ts";

/** A name that begins like a setting's and belongs to none. */
export interface UnknownSetting {
  readonly name: string;
  readonly origin: SettingOrigin;
  /** The setting whose name takes the fewest edits. */
  readonly closest: string;
}

const PREFIX = "WIFILOGGER_";

/** Every such name in the environment and in `~/.env`. */
export function unknownSettings({ environment, dotenvText }: SettingSources): UnknownSetting[] {
  const known = SETTING_LIST.filter(({ isHidden }) => !isHidden).map(({ name }) => name);
  const isUnknown = (name: string) =>
    name.startsWith(PREFIX) && SETTING_LIST.every((setting) => setting.name !== name);
  const unknown = (names: readonly string[], origin: SettingOrigin) =>
    names.filter(isUnknown).map((name) => ({ name, origin, closest: closestString(name, known) }));
  return [
    ...unknown(Object.keys(environment), "environment"),
    ...unknown(Object.keys(dotenvNames(dotenvText)), "~/.env"),
  ];
}
