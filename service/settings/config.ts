/** Every setting as it would be used now, where it comes from, and what is wrong with it. */

import type { InstalledService } from "./installed_service.ts";
import {
  dotenvPath,
  readSettingStates,
  type SettingSources,
  type SettingState,
} from "./read_settings.ts";
import { type UnknownSetting, unknownSettings } from "./unknown_settings.ts";

/** What there is to show. */
export interface Config {
  readonly states: readonly SettingState[];
  readonly unknown: readonly UnknownSetting[];
  /** The file that was read for `~/.env`. */
  readonly envPath: string;
  /** Set when the service reads another file. */
  readonly service: InstalledService | undefined;
}

/** Settings that are hidden are left out as long as nobody set them. @throws {SettingError} when there is no home folder */
export function configOf(sources: SettingSources, service: InstalledService | undefined): Config {
  const envPath = dotenvPath(sources.environment.HOME);
  return {
    states: Object.values(readSettingStates(sources))
      .filter(({ setting, origin }) => !setting.isHidden || origin !== "default"),
    unknown: unknownSettings(sources),
    envPath,
    service: service?.envPath === envPath ? undefined : service,
  };
}

/** As it was written; of a secret, whether it is set. */
export function valueText({ setting, text, error }: SettingState): string | undefined {
  if (text === undefined) return undefined;
  if (!setting.isSecret) return text;
  return error === undefined ? "(set, not shown)" : "(not shown)";
}

/** The field names that programs rely on. */
export function configFields({ states, unknown, envPath, service }: Config) {
  return {
    settings: states.map((state) => ({
      name: state.setting.name,
      flag: state.setting.flag === undefined ? undefined : `--${state.setting.flag}`,
      value: valueText(state) ?? null,
      from: state.origin,
      problem: state.error?.message,
    })),
    unknown: unknown.map(({ name, origin, closest }) => ({ name, from: origin, closest })),
    env_file: envPath,
    service: service && { user: service.user, env_file: service.envPath },
  };
}
