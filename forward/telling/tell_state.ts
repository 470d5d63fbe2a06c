/** How it stands with who is told: in RAM, for `wifilogger status` and the doctor. */

import { join } from "@std/path";
import { countText } from "../../service/program/count_text.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** What is known of a receiver. Times are RFC 3339. */
export interface ReceiverState {
  /** Names it to people. */
  readonly receiver: string;
  /** Tellings that it has taken since the forwarder started, and those that wait for it. */
  readonly told: number;
  readonly waiting: number;
  readonly lastTold?: string;
  /** Why the last attempt failed, and since when it does. */
  readonly failure?: { readonly message: string; readonly since: string };
}

const FILE_NAME = "telling.state";
const FILE_MODE = 0o640;

/** Replaces what was known. @throws when it cannot be written */
export async function writeTellStates(
  ramDir: string,
  states: readonly ReceiverState[],
): Promise<void> {
  await makeOwnFolder(ramDir, 0o755);
  const text = JSON.stringify(states);
  await writeFileAtomic(join(ramDir, FILE_NAME), text, { mode: FILE_MODE, isTransient: true });
}

/** The receivers of a forwarder that runs, or has run since this machine started. */
export async function readTellStates(ramDir: string): Promise<ReceiverState[]> {
  try {
    return JSON.parse(await readOwnText(join(ramDir, FILE_NAME)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** `ntfys://ntfy.sh #3f2a: 2 told since it was started; nothing waits`, or what waits, and why. */
export function receiverText(
  { receiver, told, waiting, failure }: ReceiverState,
  { isRunning }: { readonly isRunning: boolean },
): string {
  const waits = waiting === 0 ? "nothing waits" : `${countText(waiting, "telling")} WAITING`;
  if (!isRunning) return `${receiver}: the forwarder DOES NOT RUN; when it last did: ${waits}`;
  const why = failure === undefined ? "" : `, since ${failure.since}: ${failure.message}`;
  return `${receiver}: ${told} told since it was started; ${waits}${why}`;
}
