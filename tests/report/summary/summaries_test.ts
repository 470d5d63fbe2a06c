/** Which summaries are dropped, by what clock. */

import { join } from "@std/path";
import { keepSummaries, listSummaries, summaryDir } from "../../../report/summary/summaries.ts";
import { SummaryBuilder } from "../../../report/summary/day_summary.ts";
import { encodeSummary } from "../../../report/summary/summary_file.ts";
import { assertEquals } from "../../assert.ts";

const DAYS = Array.from({ length: 40 }, (_, i) => dayOf(Date.UTC(2026, 9, 14) + i * 24 * 3600e3));

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

/** How many of forty summaries without a day, the last of 2026-11-22, stay when they are kept in order day after day. */
async function kept(days: number, todays: readonly string[], clockIsTrusted = true) {
  const home = Deno.makeTempDirSync({ prefix: "wifilogger_" });
  try {
    const archiveDir = join(home, "logs");
    const folder = summaryDir(archiveDir);
    Deno.mkdirSync(folder, { recursive: true });
    for (const day of DAYS) {
      const bytes = await encodeSummary(day, {}, new SummaryBuilder().finish());
      Deno.writeFileSync(join(folder, `${day}.summary`), bytes);
    }
    for (const today of todays) {
      await keepSummaries({
        archiveDir,
        compressAfterDays: undefined,
        retention: { days, bytes: undefined },
        today,
        clockIsTrusted,
        card: { note() {} },
      });
    }
    return (await listSummaries(folder)).length;
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

Deno.test("`keepSummaries()` drops what is older than it is told, one at a time, but by no clock that leapt", async () => {
  const now = Array(20).fill("2026-11-23");
  assertEquals(await kept(30, now), 30);
  assertEquals(await kept(30, now.slice(0, 3)), 37);
  assertEquals(await kept(30, now, false), 40);
  assertEquals(await kept(40, Array(100).fill("1970-01-01")), 40);
  assertEquals(await kept(40, Array(100).fill("2038-01-19")), 40);
  assertEquals(await kept(40, Array(100).fill("2106-02-07")), 40);
});
