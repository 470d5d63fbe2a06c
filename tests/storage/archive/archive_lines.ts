/** The archive as a reader sees it, for tests of what is in it. */

import { dayFilesBlocks, openDay } from "../../../storage/archive/archive_reader.ts";
import { listDays } from "../../../storage/archive/archive_days.ts";
import { linesIn } from "../../../storage/archive/whole_lines.ts";

/** The lines of all days, oldest first, plain and compressed; each is valid until the next one is asked for. */
export async function* archiveLines(archiveDir: string): AsyncGenerator<Uint8Array, void> {
  for (const { day } of await listDays(archiveDir)) {
    using files = await openDay(archiveDir, day);
    yield* linesIn(dayFilesBlocks(files));
  }
}
