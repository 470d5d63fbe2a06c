/** What a check of the installation has found. */

import type { LoggerStatus, WaitingStatus } from "../control/logger_status.ts";
import type { InstalledService } from "../settings/installed_service.ts";
import type { SettingState } from "../settings/read_settings.ts";
import type { UnknownSetting } from "../settings/unknown_settings.ts";
import type { Settings } from "../settings/settings.ts";

/** `ok`; `warn`: the log may be poorer than it could; `bad`: nothing is logged, or records are or will be lost. */
export type Level = "ok" | "warn" | "bad";

/** One line of the doctor's. */
export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two. */
  readonly what: string;
  /** What was found and why it matters. */
  readonly why: string;
  /** The command that mends it. */
  readonly command?: string;
}

/** What the running logger said. */
export type Answer =
  | { readonly kind: "running"; readonly status: LoggerStatus }
  | { readonly kind: "waiting"; readonly waiting: WaitingStatus }
  /** `why` is the reason in the system's words. */
  | { readonly kind: "nobody" | "refused"; readonly why: string };

/** What the checks go by. */
export interface Patient {
  /** The settings in force; one that is wrong has its default here. */
  readonly settings: Settings;
  readonly states: readonly SettingState[];
  readonly unknown: readonly UnknownSetting[];
  /** The file of settings. */
  readonly envPath: string;
  readonly service: InstalledService | undefined;
  readonly answer: Answer;
  /** Whether this process may write nothing, whatever the logger may. @default false */
  readonly onlyReads?: boolean;
}

/** A finding that all is well. */
export function ok(what: string, why: string): Finding {
  return { level: "ok", what, why };
}
