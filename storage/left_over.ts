/** Records that a logger left in its RAM log when it died, and no logger now to move them. */

import { dirname } from "node:path";
import type { FlushReport } from "./flush/flush_report.ts";
import { LogStore, type LogStoreOptions } from "./log_store.ts";
import { pathExists } from "../system/files/path_exists.ts";
import { listParts, ramFiles } from "./ram/ram_files.ts";

/** Whether there are any records at this RAM log path. */
export async function hasLeftOver(ramLogPath: string): Promise<boolean> {
  const files = ramFiles(ramLogPath);
  const { log, segment } = files;
  if (await pathExists(segment)) return true;
  if (await pathExists(dirname(log)) && listParts(files).length > 0) return true;
  return await pathExists(log) && (await Deno.stat(log)).size > 0;
}

/**
 * Moves them to the archive. The report's sums include a flush that the dead logger had begun.
 *
 * @throws {RamLogInUseError} when a logger is running after all
 * @throws {FlushError} and the records stay
 */
export async function flushLeftOver(options: LogStoreOptions): Promise<FlushReport> {
  await using store = await LogStore.open(options);
  const report = await store.flush();
  const { flushedRecords, flushedBytes } = store.counters;
  return { ...report, records: flushedRecords, bytes: flushedBytes };
}

/** Removes the files of a RAM log that holds no records, so that its folder is empty. Not while a logger uses it. */
export async function removeRamFiles(ramLogPath: string): Promise<void> {
  for (const path of Object.values(ramFiles(ramLogPath))) {
    if (await pathExists(path)) await Deno.remove(path);
  }
}
