import { HandClock } from "../hand_clock.ts";
import { assertEquals } from "../assert.ts";
import { ClockWatch } from "../../system/clock_watch.ts";

const FIVE_YEARS_MS = 5 * 365 * 24 * 3600e3;
const START_MS = Date.parse("2026-11-22T12:00:00Z");

/** A clock that is set by hand, and what watches it. */
function clocks(isSynced: boolean) {
  const hands = new HandClock(START_MS);
  const sync = () => isSynced = true;
  return { hands, sync, watch: new ClockWatch(hands, () => isSynced) };
}

Deno.test("`ClockWatch` sees a leap, and none in the passing of time or in slewing", () => {
  const { hands, watch } = clocks(true);
  for (let i = 0; i < 100; i++) {
    hands.pass(1000);
    hands.leap(20);
    const wallMs = hands.wallMs();
    assertEquals(watch.look(), { wallMs, leapMs: 0, sleptMs: 0, wasUnsynced: false });
  }
  hands.leap(-FIVE_YEARS_MS);
  assertEquals(watch.look().leapMs, -FIVE_YEARS_MS);
  assertEquals(watch.look().leapMs, 0);
});

Deno.test("`ClockWatch` trusts no clock that is not set, or was set otherwise within 24 hours", () => {
  const { hands, sync, watch } = clocks(false);
  assertEquals(watch.isTrusted, false);
  sync();
  hands.leap(FIVE_YEARS_MS);
  assertEquals(watch.look(), {
    wallMs: hands.wallMs(),
    leapMs: FIVE_YEARS_MS,
    sleptMs: 0,
    wasUnsynced: true,
  });
  assertEquals([watch.isSynced, watch.isTrusted], [true, true]);
  hands.leap(FIVE_YEARS_MS);
  watch.look();
  assertEquals([watch.isSynced, watch.isTrusted], [true, false]);
  hands.pass(23 * 3600e3);
  assertEquals(watch.isTrusted, false);
  hands.pass(3600e3);
  assertEquals(watch.isTrusted, true);
});

Deno.test("`ClockWatch` takes a sleep of the machine for no leap, also where the clock is set behind it", () => {
  const hands = new HandClock(START_MS);
  let suspendedMs = 5000;
  const bootMs = () => 77_000 + hands.monotonicMs() + suspendedMs;
  const watch = new ClockWatch(hands, () => true, bootMs);
  const sleep = (ms: number, leapMs = 0) => {
    hands.pass(2000);
    suspendedMs += ms;
    hands.leap(ms + leapMs);
    const { leapMs: leapt, sleptMs } = watch.look();
    return [leapt, sleptMs];
  };
  const beforeUs = hands.wallMs() * 1e3;
  assertEquals(sleep(8 * 3600e3), [0, 8 * 3600e3]);
  assertEquals([watch.present(beforeUs), watch.isTrusted], [beforeUs, true]);
  assertEquals(sleep(0), [0, 0]);
  assertEquals(sleep(0, 60_000), [60_000, 0]);
  assertEquals(sleep(5000, 3000), [3000, 5000]);
  assertEquals(watch.isTrusted, false);
});

for (const leapMs of [FIVE_YEARS_MS, -FIVE_YEARS_MS, 5000, -5000]) {
  Deno.test(`\`ClockWatch.present()\` moves what was told before a leap by ${leapMs} ms, once`, () => {
    const { hands, watch } = clocks(true);
    const beforeUs = hands.wallMs() * 1e3;
    assertEquals(watch.present(beforeUs), beforeUs);
    hands.pass(1000);
    hands.leap(leapMs);
    watch.look();
    assertEquals(watch.present(beforeUs), beforeUs + leapMs * 1e3);
    const afterUs = hands.wallMs() * 1e3;
    assertEquals(watch.present(afterUs), afterUs);
    hands.pass(60_000);
    watch.look();
    assertEquals(watch.present(afterUs), afterUs);
    assertEquals(watch.present(hands.wallMs() * 1e3), hands.wallMs() * 1e3);
  });
}

Deno.test("`ClockWatch.present()` knows what was told before a leap there and back", () => {
  const { hands, watch } = clocks(true);
  const firstUs = hands.wallMs() * 1e3;
  hands.pass(1000);
  hands.leap(FIVE_YEARS_MS);
  watch.look();
  const secondUs = hands.wallMs() * 1e3;
  hands.pass(1000);
  hands.leap(-FIVE_YEARS_MS);
  watch.look();
  assertEquals(watch.present(firstUs), firstUs);
  assertEquals(watch.present(secondUs), secondUs - FIVE_YEARS_MS * 1e3);
});
