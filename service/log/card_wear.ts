/** What the counted writes mean for the card, and how often to flush to spare it. */

import type { Written } from "../../storage/card/card_writes.ts";

/**
 * What a sync costs the card beyond the bytes that are synced: the blocks that are written in full though only a part
 * of them is new, and ext4's journal. Measured, see docs/storage.md.
 */
export const SYNC_COST_BYTES = 24 * 1024;

/** Bytes that reach the card, about, for what was written to files. */
export function cardBytes({ bytes, syncs }: Written): number {
  return bytes + syncs * SYNC_COST_BYTES;
}

/** The share of its life, 0 to 1, that a card spends in a year of such days. */
export function yearlyShare(perDay: Written, enduranceBytes: number): number {
  return cardBytes(perDay) * 365 / enduranceBytes;
}

/** What the next interval depends on. */
export interface BudgetState {
  /** The interval that is set. */
  readonly intervalMs: number;
  /** Bytes that may reach the card in a day. */
  readonly budgetBytes: number;
  /** What was written today. */
  readonly today: Written;
  /** How much of the day is left. */
  readonly dayLeftMs: number;
  /** Bytes of records that come in a millisecond. */
  readonly recordBytesPerMs: number;
}

/** However small the budget, the log is flushed so often: at most that much is lost with the power. */
export const LONGEST_INTERVAL_MS = 4 * 3600e3;
const LONGEST_FACTOR = 8;

/**
 * How long to wait for the next flush. The records have to be written anyway; what can be saved is what each sync costs.
 * So the interval becomes as long as the rest of today's budget asks for, but no shorter than it is set, and no longer
 * than eight times that, nor (unless it is set so) than four hours.
 */
export function budgetInterval(state: BudgetState): number {
  const { intervalMs, budgetBytes, today, dayLeftMs, recordBytesPerMs } = state;
  const longestMs = Math.max(
    intervalMs,
    Math.min(intervalMs * LONGEST_FACTOR, LONGEST_INTERVAL_MS),
  );
  const forSyncs = budgetBytes - cardBytes(today) - recordBytesPerMs * dayLeftMs;
  const flushesLeft = Math.max(0, forSyncs) / SYNC_COST_BYTES;
  return Math.min(longestMs, Math.max(intervalMs, dayLeftMs / Math.max(flushesLeft, 1e-9)));
}
