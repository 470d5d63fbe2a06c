/**
 * A logger under load: appends records of two devices as fast as it is asked to, flushes all the time, and compresses the
 * days, which are long over. Arguments: RAM log, archive folder, records a second. Each `flush` on standard input is
 * answered, when all that was appended before is in the archive, with the id of the last record of that. After `stop` it
 * prints `done` and the number of records.
 */

import { LogStore } from "../../storage/log_store.ts";
import { HandClock } from "../hand_clock.ts";
import { flowLine } from "../news/flow_line.ts";
import { GUEST, OWNER } from "./kept_home.ts";

const [ramLogPath, archiveDir, rate] = Deno.args;
const TICK_MS = 10;
const DAYS = ["2026-11-20", "2026-11-21"];

const store = await LogStore.open({
  ramLogPath,
  archiveDir,
  clock: new HandClock(Date.parse("2026-12-24T12:00:00Z")),
  warn: (message) => console.error(message),
});
const keeping = {
  compressAfterDays: 1,
  compressLevel: 1,
  retention: { days: undefined, bytes: undefined },
};
let id = 0;
let isOver = false;

function append(): void {
  for (let i = 0; i < Number(rate) * TICK_MS / 1000; i++) {
    const day = DAYS[id % 7 === 0 ? 0 : 1];
    const of = id % 3 === 0 ? GUEST : OWNER;
    const line = flowLine({
      ...of,
      id: String(id),
      endMs: Date.parse(`${day}T12:00:00Z`) + id,
      name: "www.example.org",
    });
    store.append(line + "\n", 1);
    id++;
  }
}

const timer = setInterval(append, TICK_MS);

async function answer(): Promise<void> {
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    for (const request of text.trim().split("\n")) {
      if (request === "stop") {
        isOver = true;
        return;
      }
      const last = id - 1;
      await store.flush();
      console.log(`flushed ${last}`);
    }
  }
}
void answer();
console.log("ready");
while (!isOver) {
  await store.flush();
  await store.keepArchive(keeping, { clockIsTrusted: true });
  await new Promise((resolve) => setTimeout(resolve, 30));
}
clearInterval(timer);
await store.flush();
await store.close();
console.log(`done ${id}`);
Deno.exit(0);
