/**
 * The settings: read once, at start, from flags, then the environment, then `~/.env`, then the defaults of
 * `setting_table.ts`. One that cannot be used names itself.
 */

import { parse as parseDotenv } from "dotenv";
import { isAbsolute, join } from "@std/path";
import { SettingError } from "./setting_error.ts";
import type { Settings } from "./settings.ts";
import { type Setting, SETTINGS } from "./setting_table.ts";
import { UnusableValue } from "./setting_types.ts";

/** Where settings come from. */
export interface SettingSources {
  /** Values given by flags, by setting name. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of `~/.env`, `undefined` where there is no such file. */
  readonly dotenvText?: string;
}

/** Where a value was written. */
export type SettingOrigin = "flag" | "environment" | "~/.env" | "default";

/** A value as it was written, and where. */
interface Found {
  readonly text: string;
  readonly origin: SettingOrigin;
}

/** One setting as it stands. */
export interface SettingState {
  readonly setting: Setting<unknown>;
  readonly value: unknown;
  readonly origin: SettingOrigin;
  /** As it was written; `undefined` where nothing is set and nothing is the default. */
  readonly text: string | undefined;
  /** Why the text cannot be used, and what to write instead; then `value` is `undefined`. */
  readonly error?: UnusableValue;
}

/** @throws {SettingError} for the first setting that cannot be used */
export function readSettings(sources: SettingSources): Settings {
  const values = Object.entries(readSettingStates(sources)).map(([key, state]) => {
    if (state.error !== undefined) throw settingError(state, state.error);
    return [key, state.value];
  });
  return Object.fromEntries(values) as Settings;
}

/**
 * Every setting with where its value comes from, by its field of `Settings`; those that cannot be used say why.
 *
 * @throws {SettingError} when there is no home folder
 */
export function readSettingStates(sources: SettingSources): Record<keyof Settings, SettingState> {
  const find = findIn(sources);
  const home = homeFolder(sources);
  const states = Object.entries(SETTINGS).map(([key, setting]) => [
    key,
    stateOf(setting, find(setting.name), home),
  ]);
  return Object.fromEntries(states);
}

function stateOf(setting: Setting<unknown>, found: Found | undefined, home: string): SettingState {
  const { fallback } = setting;
  const { text, origin } = found ?? { text: fallback, origin: "default" as const };
  if (text === undefined) return { setting, value: setting.none, origin, text };
  try {
    return { setting, value: setting.read(text, home), origin, text };
  } catch (error) {
    if (!(error instanceof UnusableValue)) throw error;
    return { setting, value: undefined, origin, text, error };
  }
}

function settingError({ setting, text, origin }: SettingState, error: UnusableValue): SettingError {
  const shown = setting.isSecret ? "" : `=${JSON.stringify(text)}`;
  return new SettingError(
    `cannot use ${setting.name}${shown}${ORIGIN_TEXTS[origin]}: ${error.message}`,
    { cause: error.cause },
  );
}

const ORIGIN_TEXTS: Record<SettingOrigin, string> = {
  "flag": "",
  "environment": " in the environment",
  "~/.env": " in ~/.env",
  "default": "",
};

/** Where the settings of this process come from. @throws {SettingError} */
export function processSources(flags: Readonly<Record<string, string>> = {}): SettingSources {
  const environment = Deno.env.toObject();
  return { flags, environment, dotenvText: readDotenv(environment.HOME) };
}

/** The settings of this process. @throws {SettingError} */
export function readProcessSettings(flags: Readonly<Record<string, string>> = {}): Settings {
  return readSettings(processSources(flags));
}

/** The file that `~/.env` is in a home folder. */
export function dotenvPath(home: string | undefined): string {
  return join(home ?? "", ".env");
}

/** The text of `.env` in a home folder, `undefined` where there is none. @throws {SettingError} */
export function readDotenv(home: string | undefined): string | undefined {
  if (home === undefined) return undefined;
  const path = dotenvPath(home);
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

/** The settings in a text of `~/.env`, and whatever else stands there. */
export function dotenvNames(dotenvText: string | undefined): Record<string, string> {
  return dotenvText === undefined ? {} : parseDotenv(dotenvText);
}

function findIn({ flags = {}, environment, dotenvText }: SettingSources) {
  const dotenv = dotenvNames(dotenvText);
  return (name: string): Found | undefined => {
    if (flags[name] !== undefined) return { text: flags[name], origin: "flag" };
    // An empty value is no value: `NAME=` is how a setting is switched back in an env file.
    if (environment[name]) return { text: environment[name], origin: "environment" };
    if (dotenv[name]) return { text: dotenv[name], origin: "~/.env" };
    return undefined;
  };
}

function homeFolder({ environment }: SettingSources): string {
  const home = environment.HOME;
  if (home !== undefined && isAbsolute(home)) return home;
  throw new SettingError("cannot find the home folder: HOME is not set. Set HOME");
}
