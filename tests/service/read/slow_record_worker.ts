/** A thread for records that takes its time, and writes when a gap ended as a line of a file. */

import { serveRecords } from "../../../service/read/record_thread.ts";

/** How slow it is to be, in milliseconds. */
export interface SlowOrder {
  readonly path: string;
  readonly openMs: number;
  readonly writeMs: number;
}

serveRecords(async ({ path, openMs, writeMs }: SlowOrder) => {
  await pause(openMs);
  let waiting = "";
  const written = async () => {
    await pause(writeMs);
    await Deno.writeTextFile(path, waiting, { append: true });
    waiting = "";
  };
  return {
    take: () => {},
    takeGap: ({ endUs }) => waiting += `${endUs}\n`,
    flush: () => {},
    written,
  };
});

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
