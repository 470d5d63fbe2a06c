import { assertEquals, assertGreaterOrEqual, assertRejects } from "../../assert.ts";
import { RecordThread } from "../../../service/read/record_thread.ts";
import type { SlowOrder } from "./slow_record_worker.ts";

const SLOW_WORKER = new URL("./slow_record_worker.ts", import.meta.url);

/** Gives a thread so many gaps. */
function give(thread: RecordThread, count: number): void {
  for (let i = 0; i < count; i++) thread.takeGap({ reason: "restart", startUs: 0, endUs: i });
}

/** Calls `use` with a slow thread and what reads the lines that it has written. */
async function withSlowThread(
  slow: Pick<SlowOrder, "openMs" | "writeMs">,
  use: (thread: RecordThread, lines: () => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "wifilogger_" });
  using thread = new RecordThread(SLOW_WORKER, { path, ...slow });
  await use(thread, async () => (await Deno.readTextFile(path)).split("\n").slice(0, -1));
  await Deno.remove(path);
}

Deno.test("what a thread is given before it has begun is written all the same, and in order", async () => {
  await withSlowThread({ openMs: 200, writeMs: 0 }, async (thread, lines) => {
    give(thread, 300);
    await thread.written();
    assertEquals(await lines(), Array.from({ length: 300 }, (_, i) => String(i)));
  });
});

Deno.test("a thread is not left behind by more than a few messages", async () => {
  await withSlowThread({ openMs: 0, writeMs: 2 }, async (thread, lines) => {
    await thread.flush();
    give(thread, 200);
    assertGreaterOrEqual((await lines()).length, 200 - 64);
  });
});

Deno.test("a thread that cannot begin says so at the first `flush()`, and keeps nobody waiting", async () => {
  using thread = new RecordThread(new URL("data:text/javascript,throw new Error('cut short')"), {});
  give(thread, 1000);
  await assertRejects(() => thread.flush(), Error, "cut short");
  await assertRejects(() => thread.written(), Error, "cut short");
});
