/**
 * What forgetting takes: `scripts/dev.sh bench:forget`. Ten days of a made-up household, 50,000 records each, all
 * compressed and summed; a device goes from all of them, beside nobody.
 */

import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { forgetLog } from "../../forget/forget_log.ts";
import { makeSummary, summaryDir } from "../../report/summary/summaries.ts";
import { cpuSeconds } from "../../scripts/bench/process_usage.ts";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { shareArchive } from "../../storage/archive/archive_lock.ts";
import { localDay } from "../../storage/day/calendar_day.ts";

const DAYS = 10;
const RECORDS = 50_000;
const DAY_MS = 24 * 3600e3;
const NOBODY = { note: () => {} };

const home = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
try {
  const archiveDir = join(home, "logs");
  await Deno.mkdir(archiveDir);
  const macs = new Map<string, number>();
  for (let day = 0; day < DAYS; day++) {
    const startMs = new Date(2026, 9, 1 + day).getTime();
    const lines = [...householdLines({ startMs, records: RECORDS, seed: day })];
    for (const line of lines) {
      const mac = /"mac":"([^"]+)"/.exec(line)?.[1];
      if (mac !== undefined) macs.set(mac, (macs.get(mac) ?? 0) + 1);
    }
    const text = lines.map((line) => line.endsWith("\n") ? line : line + "\n").join("");
    const path = join(archiveDir, `${localDay(startMs + DAY_MS / 2)}.log.gz`);
    await Deno.writeFile(path, gzipSync(text));
  }
  for (const day of await listDays(archiveDir)) {
    await makeSummary(summaryDir(archiveDir), archiveDir, day, NOBODY);
  }
  const [[mac]] = [...macs].sort(([, a], [, b]) => b - a);
  let heldMs = 0;
  let isOver = false;
  // How long somebody who changes the archive has to wait for it.
  const waiting = (async () => {
    while (!isOver) {
      const askedMs = performance.now();
      (await shareArchive(archiveDir))?.[Symbol.dispose]();
      heldMs = Math.max(heldMs, performance.now() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const [begunMs, cpuBefore] = [performance.now(), cpuSeconds(Deno.pid)];
  const { records, days } = await forgetLog({
    archiveDir,
    order: {
      device: { macs: new Set([mac]), bare: new Set(), names: new Set() },
      sinceMs: -Infinity,
      untilMs: Infinity,
    },
    compressLevel: 6,
    flush: () => Promise.resolve(),
    forgetPlaces: () => Promise.resolve(),
  });
  const seconds = (performance.now() - begunMs) / 1e3;
  isOver = true;
  await waiting;
  console.log(
    `${records} of ${DAYS * RECORDS} records of ${days.length} days went in ${
      seconds.toFixed(1)
    } s ` +
      `(${(cpuSeconds(Deno.pid) - cpuBefore).toFixed(1)} s of CPU); a flush would have waited ` +
      `${(heldMs / 1e3).toFixed(1)} s at most; ${
        Math.round(Deno.memoryUsage().rss / 1e6)
      } MB resident`,
  );
} finally {
  await Deno.remove(home, { recursive: true });
}
