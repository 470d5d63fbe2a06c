/** The count of what is written to the card, where the settings say that the log and the archive lie. */

import { join } from "@std/path";
import type { Clock } from "../../system/clock.ts";
import type { FlushReport } from "../../storage/flush/flush_report.ts";
import { flushLeftOver, hasLeftOver } from "../../storage/left_over.ts";
import { ramFiles } from "../../storage/ram/ram_files.ts";
import { WearLedger } from "../../storage/card/wear_ledger.ts";
import type { Settings } from "../settings/settings.ts";

/** Where the log goes. */
type LogPlaces = Pick<Settings, "ramLogPath" | "archiveDir">;

/** Opens the count. */
export function openWearLedger(
  { ramLogPath, archiveDir }: LogPlaces,
  clock: Clock,
): Promise<WearLedger> {
  return WearLedger.open({
    clock,
    ramPath: ramFiles(ramLogPath).wear,
    cardPath: join(archiveDir, "wear.json"),
  });
}

/** How left-over records are moved. */
export interface LeftOverOptions {
  readonly clock: Clock;
  /** Called with a line for a person, each time there is something to know. */
  readonly warn: (message: string) => void;
  /** Whether the count in RAM is about to go, so that the card's copy is written. @default false */
  readonly countToCard?: boolean;
}

/**
 * Moves what a logger that was killed has left in RAM to the archive, and counts that as wear; `undefined` when there
 * is nothing.
 *
 * @throws {RamLogInUseError} when a logger is running after all
 * @throws {FlushError} and the records stay
 */
export async function moveLeftOver(
  places: LogPlaces,
  { clock, warn, countToCard = false }: LeftOverOptions,
): Promise<FlushReport | undefined> {
  const { ramLogPath, archiveDir } = places;
  if (!await hasLeftOver(ramLogPath)) return undefined;
  const card = await openWearLedger(places, clock);
  const report = await flushLeftOver({ ramLogPath, archiveDir, clock, warn, card });
  await card.save({ toCard: countToCard });
  return report;
}
