/**
 * How far each output has come: in RAM with every batch, for the next start and for `wifilogger status`; on the card as
 * often as the log itself is moved there. After a power cut the card's word counts: what was sent since is sent again.
 */

import { join } from "@std/path";
import type { Clock } from "../../system/clock.ts";
import { osReason } from "../../system/files/os_error.ts";
import type { OutputUrl } from "../../service/settings/output_url.ts";
import { folderByArchive } from "../../storage/archive/archive.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import type { LogPosition } from "../../storage/log_follower.ts";
import type { FailureKind } from "../outputs/output.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** What is known of an output. Times are RFC 3339. */
export interface OutputState {
  /** Names it to people. */
  readonly output: string;
  /** The forwarder's process. */
  readonly pid: number;
  /** Records that were taken, and those that the receiver will not take, since the forwarder started. */
  readonly sent: number;
  readonly refused: number;
  /** Attempts that failed since then. */
  readonly failures: number;
  /** Lines of the log that are no records. */
  readonly foreign: number;
  readonly lastSent?: string;
  /** The time of the oldest record that is read and not sent; absent when all of them are. */
  readonly oldestUnsent?: string;
  /** Why the last attempt failed, since when it does, and when the next one is due. */
  readonly failure?: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly since: string;
    readonly next: string;
  };
}

/** What lies in RAM. */
interface ProgressFile extends OutputState {
  readonly position?: LogPosition;
}

/** Where progress is kept. Paths are absolute. */
export interface ProgressPlace {
  readonly ramDir: string;
  readonly cardDir: string;
  /** The card is written to no more often. */
  readonly cardIntervalMs: number;
  readonly clock: Clock;
  /** Is told what cannot be written. */
  readonly warn: (message: string) => void;
}

/** The folder on the card. */
export function progressDir(archiveDir: string): string {
  return folderByArchive(archiveDir, "forward");
}

/** The file in which an output's progress is, in either folder. */
export async function progressName({ kind, url, key }: OutputUrl): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  const hex = Array.from(
    new Uint8Array(digest, 0, 6),
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  return `${kind}-${url.hostname.replace(/[^\w.-]/g, "_")}-${hex.join("")}.json`;
}

/** The progress of one output. */
export class Progress {
  readonly #place: ProgressPlace;
  readonly #name: string;
  #position: LogPosition | undefined;
  /** The days of a position, and their text: most positions have the days of the one before. */
  #days: { readonly value: LogPosition["days"]; readonly text: string } | undefined;
  /** What the card has, as text. */
  #onCard: string | undefined;
  #cardAtMs = -Infinity;
  #isWarned = false;

  private constructor(place: ProgressPlace, name: string) {
    this.#place = place;
    this.#name = name;
  }

  /** Reads how far an output has come; what cannot be read is said, and the output begins anew. */
  static async open(place: ProgressPlace, url: OutputUrl): Promise<Progress> {
    const progress = new Progress(place, await progressName(url));
    const ram = await progress.#read<ProgressFile>(place.ramDir);
    const card = await progress.#read<LogPosition>(place.cardDir);
    progress.#position = ram?.position ?? card;
    progress.#onCard = card && cardText(card);
    return progress;
  }

  /** Where to go on; `undefined` for an output that is new. */
  get position(): LogPosition | undefined {
    return this.#position;
  }

  /** Keeps it in RAM and, when it is time and there is something new, on the card. */
  async save(state: OutputState, position: LogPosition | undefined): Promise<void> {
    this.#position = position ?? this.#position;
    const { ramDir, cardIntervalMs, clock } = this.#place;
    await this.#write(ramDir, this.#ramText(state));
    if (clock.monotonicMs() - this.#cardAtMs >= cardIntervalMs) await this.saveOnCard();
  }

  /** `ProgressFile` as JSON. */
  #ramText(state: OutputState): string {
    if (this.#position === undefined) return JSON.stringify(state);
    const { days, ...rest } = this.#position;
    if (this.#days?.value !== days) this.#days = { value: days, text: JSON.stringify(days) };
    const open = (value: object) => JSON.stringify(value).slice(0, -1);
    return `${open(state)},"position":${open(rest)},"days":${this.#days.text}}}`;
  }

  /** Keeps it on the card, where that does not have it. */
  async saveOnCard(): Promise<void> {
    if (this.#position === undefined) return;
    const text = cardText(this.#position);
    if (text === this.#onCard) return;
    this.#cardAtMs = this.#place.clock.monotonicMs();
    if (await this.#write(this.#place.cardDir, text)) this.#onCard = text;
  }

  async #read<T>(folder: string): Promise<T | undefined> {
    const path = join(folder, this.#name);
    try {
      return JSON.parse(await readOwnText(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      const why = error instanceof SyntaxError ? "it is damaged" : osReason(error);
      this.#place.warn(`reading ${path}: ${why}. Records may be sent twice`);
      return undefined;
    }
  }

  async #write(folder: string, text: string): Promise<boolean> {
    const path = join(folder, this.#name);
    try {
      await makeOwnFolder(folder, 0o755);
      const isTransient = folder === this.#place.ramDir;
      await writeFileAtomic(path, text, { mode: 0o640, isTransient });
      this.#isWarned = false;
      return true;
    } catch (error) {
      const again = "Until it can be, records are sent again after a restart";
      if (!this.#isWarned) this.#place.warn(`writing ${path}: ${osReason(error)}. ${again}`);
      this.#isWarned = true;
      return false;
    }
  }
}

/** What the card is told: RAM is another one after a power cut. */
function cardText({ days, last, unread, forgotten }: LogPosition): string {
  return JSON.stringify({ days, last, unread, ram: [], forgotten });
}

/** Removes from RAM what is known of outputs that are set no longer. What the card has stays, should they come back. */
export async function forgetOtherOutputs(
  ramDir: string,
  outputs: readonly OutputUrl[],
): Promise<void> {
  const names = await Promise.all(outputs.map(progressName));
  try {
    for await (const { name } of Deno.readDir(ramDir)) {
      if (name.endsWith(".json") && !names.includes(name)) {
        await Deno.remove(join(ramDir, name)).catch(() => {});
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * The state of an output; `undefined` when it was not tried since this machine started.
 *
 * @throws {Deno.errors.PermissionDenied}
 */
export async function readOutputState(
  ramDir: string,
  url: OutputUrl,
): Promise<OutputState | undefined> {
  try {
    return JSON.parse(await readOwnText(join(ramDir, await progressName(url))));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The state of each output, of a forwarder that runs or has run since this machine started. */
export async function readOutputStates(ramDir: string): Promise<OutputState[]> {
  const states: OutputState[] = [];
  try {
    for await (const { name } of Deno.readDir(ramDir)) {
      if (!name.endsWith(".json")) continue;
      const { position: _, ...state }: ProgressFile = JSON.parse(
        await readOwnText(join(ramDir, name)),
      );
      states.push(state);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return states.sort((a, b) => a.output < b.output ? -1 : 1);
}
