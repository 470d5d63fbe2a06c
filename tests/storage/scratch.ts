/** Real folders and real records for the storage tests. */

import { systemClock } from "../../system/clock.ts";
import { join } from "node:path";
import { archiveLines } from "./archive/archive_lines.ts";
import { gapRecord } from "../../record/record_builder.ts";
import type { LostRecords } from "../../storage/ram/lost_records.ts";
import type { LogStoreOptions } from "../../storage/log_store.ts";
import { isTmpfs } from "../../system/files/tmpfs.ts";

const MEMORY = isTmpfs("/dev/shm") ? "/dev/shm" : undefined;

/** Temporary folders for one test; the archive folder is not made yet. */
export interface Scratch extends Disposable {
  /** On a tmpfs, where the machine has one in its usual place. */
  ramFolder: string;
  ramLogPath: string;
  /** A folder on the disk. */
  folder: string;
  archiveDir: string;
  /** What the store warned of. */
  warnings: string[];
  /** Ready for `LogStore.open()`. */
  options: LogStoreOptions;
}

/** Makes temporary folders; they go when the test ends. */
export function scratch(): Scratch {
  const prefix = "wifilogger_";
  const folder = Deno.makeTempDirSync({ prefix });
  const ramFolder = Deno.makeTempDirSync({ prefix, dir: MEMORY });
  const ramLogPath = join(ramFolder, "today.log");
  const archiveDir = join(folder, "logs");
  const warnings: string[] = [];
  return {
    folder,
    ramFolder,
    ramLogPath,
    archiveDir,
    warnings,
    options: {
      ramLogPath,
      archiveDir,
      clock: systemClock,
      warn: (message) => warnings.push(message),
    },
    [Symbol.dispose]() {
      Deno.removeSync(folder, { recursive: true });
      Deno.removeSync(ramFolder, { recursive: true });
    },
  };
}

/** Noon of a local day, `YYYY-MM-DD`, as the log writes instants. */
export function noonOf(day: string): string {
  return new Date(`${day}T12:00:00`).toISOString();
}

/** A log line about as long as a real one. */
export function recordLine(id: number, timestamp: string): string {
  const record = {
    "@timestamp": timestamp,
    network: { type: "ipv4", transport: "tcp", bytes: id },
    wifilogger: { v: 1, flow_id: id },
    pad: "x".repeat(id % 300),
  };
  return JSON.stringify(record) + "\n";
}

/** The gap record of records that were dropped, as the logger writes it. */
export function gapLine({ count, startMs, endMs }: LostRecords): string {
  const [startUs, endUs] = [startMs * 1e3, endMs * 1e3];
  return JSON.stringify(gapRecord({ reason: "ram_full", startUs, endUs, count }, {})) + "\n";
}

/** The ids of a log text's records, in order, but for gaps; throws on a torn line. */
export function recordIds(text: string): number[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error(`torn last line: ${text.slice(-80)}`);
  return text.split("\n").slice(0, -1).flatMap((line) => JSON.parse(line).wifilogger.flow_id ?? []);
}

/** The text of a file; empty when there is none. */
export function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The ids of all records in the archive, day by day; throws on a torn line. */
export function archivedIds(archiveDir: string): number[] {
  return fileNames(archiveDir).flatMap((name) => recordIds(textOf(join(archiveDir, name))));
}

/** The ids of all records in the archive as a report reads them, plain and compressed, but for gaps. */
export async function readIds(archiveDir: string): Promise<number[]> {
  const ids: number[] = [];
  for await (const line of archiveLines(archiveDir)) {
    ids.push(...recordIds(new TextDecoder().decode(line) + "\n"));
  }
  return ids;
}

/** How many records the gap records of the archive tell of. */
export async function lostByGaps(archiveDir: string): Promise<number> {
  let lost = 0;
  for await (const line of archiveLines(archiveDir)) {
    lost += JSON.parse(new TextDecoder().decode(line)).wifilogger.gap?.count ?? 0;
  }
  return lost;
}

/** The names in a folder, sorted; none when it is missing. */
export function fileNames(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
