/** What the logger takes when nothing passes. */

import type { Bench } from "./bench.ts";
import { cpuSeconds, wakeUps } from "./process_usage.ts";
import { figure, median } from "./table.ts";
import { seconds, Wire } from "./wire.ts";

const SETTLE_SECONDS = 15;

/** Prints the lines. */
export async function benchIdle({ binary, runs, seconds: length, say }: Bench): Promise<void> {
  await using wire = await Wire.open();
  const { pid } = await wire.startLogger(binary);
  await seconds(SETTLE_SECONDS);
  const windowSeconds = length / 2;
  const shares: number[] = [];
  const wakes: number[] = [];
  for (let window = 0; window < runs; window++) {
    const before = { cpu: cpuSeconds(pid), wakeUps: wakeUps(pid), ms: performance.now() };
    await seconds(windowSeconds);
    const wall = (performance.now() - before.ms) / 1e3;
    shares.push((cpuSeconds(pid) - before.cpu) / wall);
    wakes.push((wakeUps(pid) - before.wakeUps) / wall);
  }
  say(
    `### idle\n\n${figure(100 * median(shares))} % of a core and ${
      figure(median(wakes))
    } wake-ups ` +
      `a second, all threads together (medians of ${runs} windows of ${windowSeconds} s).`,
  );
}
