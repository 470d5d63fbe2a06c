/** Forgetting beside a logger under load, with somebody who follows its log. */

import { assert, assertEquals } from "../assert.ts";
import { forgetLog } from "../../forget/forget_log.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import { readIds, type Scratch, scratch } from "../storage/scratch.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { FORGET_GUEST } from "./kept_home.ts";

const FIXTURE = new URL("./busy_writer.ts", import.meta.url).href;
const FEWEST_MS = 2000;
const FEWEST_RUNS = 4;
const RECORDS_PER_SECOND = 3000;

/** The writer, by its lines. */
class Writer {
  readonly #process: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  constructor({ ramLogPath, archiveDir }: Scratch) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", FIXTURE, ramLogPath, archiveDir],
        String(RECORDS_PER_SECOND),
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#stdin = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout);
  }

  /** The number in its next line that begins so. */
  async said(word: string): Promise<number> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the writer ended before it said ${word}`);
      if (value.startsWith(word)) return Number(value.slice(word.length));
    }
  }

  async ask(word: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${word}\n`));
  }

  async ended(): Promise<number> {
    await this.ask("stop");
    const count = await this.said("done");
    assert((await this.#process.status).success);
    await this.#stdin.abort().catch(() => {});
    return count;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

const NONE = { missing: [], twice: [] };

/** Which of the others are missing among some ids, and which ids are there twice; the first few. */
function differences(ids: readonly number[], others: readonly number[]) {
  const once = new Set(ids);
  const twice = [...Map.groupBy(ids, (id) => id)].filter(([, { length }]) => length > 1);
  return {
    missing: others.filter((id) => !once.has(id)).slice(0, 20),
    twice: twice.map(([id]) => id).slice(0, 20),
  };
}

const isGuests = (id: number) => id % 3 === 0;

Deno.test("beside a logger under load nobody else's record is lost or doubled, in the log and for who follows it", async () => {
  using place = scratch();
  const { ramLogPath, archiveDir } = place;
  const writer = new Writer(place);
  await writer.said("ready");
  const follower = new LogFollower({ ramLogPath, archiveDir, identityOf: recordIdentity });
  const followed: number[] = [];
  const look = async () => {
    for await (const line of follower.lines()) {
      followed.push(Number(recordIdentity(line).split(" ")[0]));
    }
  };
  let isOver = false;
  let looks = 0;
  const following = (async () => {
    while (!isOver) {
      await look();
      looks++;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  let [last, times, forgotten] = [-1, 0, 0];
  await new Promise((resolve) => setTimeout(resolve, 500));
  const begunMs = performance.now();
  while (performance.now() - begunMs < FEWEST_MS || times < FEWEST_RUNS) {
    let flushed = -1;
    const { records } = await forgetLog({
      archiveDir,
      order: FORGET_GUEST,
      compressLevel: 1,
      flush: async () => {
        await writer.ask("flush");
        flushed = await writer.said("flushed");
      },
      forgetPlaces: () => Promise.resolve(),
    });
    last = flushed;
    forgotten += records;
    times++;
    // Where lines were taken out is kept of the last three runs: who looks less often reads days anew.
    const before = looks;
    await eventually("a look at the log", () => looks > before);
  }
  const count = await writer.ended();
  isOver = true;
  await following;
  await look();
  const ids = (await readIds(archiveDir)).map(Number);
  const others = Array.from({ length: count }, (_, id) => id).filter((id) => !isGuests(id));
  assertEquals(differences(ids, others), NONE, "in the log");
  assertEquals(ids.filter((id) => isGuests(id) && id <= last), []);
  assertEquals(ids.length + forgotten, count, "what went was counted");
  assertEquals(differences(followed, others), NONE, "for who follows");
  console.log(`forgot ${forgotten} of ${count} records in ${times} runs`);
  assert(forgotten > 300);
});
