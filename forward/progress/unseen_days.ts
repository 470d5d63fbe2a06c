/** Days that came and went while no forwarder ran: the folder of summaries, which are kept longer, tells of them. */

import { listSummaries, summaryDir } from "../../report/summary/summaries.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import type { LogPosition } from "../../storage/log_follower.ts";

/**
 * Days, `YYYY-MM-DD`, later than any that were known when the forwarder ended, which the archive had and has no more. Of
 * those that it knew the follower itself tells.
 */
export async function unseenDays(
  archiveDir: string,
  { days, last, unread }: LogPosition,
): Promise<string[]> {
  const known = [...Object.keys(days), ...unread, ...(last === undefined ? [] : [last[0]])];
  const lastKnown = known.sort().at(-1);
  if (lastKnown === undefined) return [];
  const there = new Set((await listDays(archiveDir)).map(({ day }) => day));
  return (await listSummaries(summaryDir(archiveDir))).map(({ day }) => day)
    .filter((day) => day > lastKnown && !there.has(day));
}
