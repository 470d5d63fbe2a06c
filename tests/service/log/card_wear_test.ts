import { assert, assertAlmostEquals, assertEquals } from "../../assert.ts";
import {
  budgetInterval,
  type BudgetState,
  cardBytes,
  LONGEST_INTERVAL_MS,
  SYNC_COST_BYTES,
  yearlyShare,
} from "../../../service/log/card_wear.ts";

const DAY_MS = 24 * 3600e3;
const QUARTER_MS = 15 * 60e3;

function state(options: Partial<BudgetState> = {}): BudgetState {
  return {
    intervalMs: QUARTER_MS,
    budgetBytes: 20e6,
    today: { bytes: 0, syncs: 0 },
    dayLeftMs: DAY_MS,
    recordBytesPerMs: 10e6 / DAY_MS,
    ...options,
  };
}

Deno.test("`yearlyShare()` counts what a sync costs besides its bytes", () => {
  assertEquals(cardBytes({ bytes: 1000, syncs: 2 }), 1000 + 2 * SYNC_COST_BYTES);
  assertAlmostEquals(yearlyShare({ bytes: 10e12 / 365, syncs: 0 }, 10e12), 1);
});

Deno.test("`budgetInterval()` leaves the interval as it is set while the budget suffices", () => {
  assertEquals(budgetInterval(state()), QUARTER_MS);
});

Deno.test("`budgetInterval()` waits so long that the rest of the day keeps to the budget", () => {
  const budgetBytes = 11e6;
  const intervalMs = budgetInterval(state({ budgetBytes }));
  assert(intervalMs > QUARTER_MS);
  assertAlmostEquals(DAY_MS / intervalMs * SYNC_COST_BYTES, budgetBytes - 10e6, 1);
});

Deno.test("`budgetInterval()` never waits longer than its bound, though the budget is spent", () => {
  const spent = { today: { bytes: 30e6, syncs: 10 } };
  assertEquals(budgetInterval(state(spent)), 8 * QUARTER_MS);
  assertEquals(budgetInterval(state({ ...spent, intervalMs: 3600e3 })), LONGEST_INTERVAL_MS);
  assertEquals(budgetInterval(state({ ...spent, intervalMs: 6 * 3600e3 })), 6 * 3600e3);
});

Deno.test("`budgetInterval()` keeps a whole day's writes to the budget, where that can be done", () => {
  for (const budgetBytes of [10.5e6, 11e6, 12e6]) {
    const today = { bytes: 0, syncs: 0 };
    const recordBytesPerMs = 10e6 / DAY_MS;
    for (let dayLeftMs = DAY_MS; dayLeftMs > 0;) {
      // At midnight it is flushed anyway.
      const waitMs = Math.min(dayLeftMs, budgetInterval(state({ budgetBytes, today, dayLeftMs })));
      dayLeftMs -= waitMs;
      today.bytes += waitMs * recordBytesPerMs;
      today.syncs++;
    }
    assert(cardBytes(today) <= budgetBytes * 1.02, `${cardBytes(today)} of ${budgetBytes}`);
  }
});
