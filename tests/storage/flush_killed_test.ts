/** A flush and a compression killed at each of their steps in turn, in a real process by a real SIGKILL. */

import { assert, assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { readIds, type Scratch, scratch } from "./scratch.ts";

const FIXTURE = new URL("./killed_at_step.ts", import.meta.url).href;

interface Run {
  /** Ids of the records that `append()` took. */
  taken: number[];
  /** Whether it got to the end before the step to die at. */
  done: boolean;
}

async function runUntilStep(place: Scratch, firstId: number, step: number): Promise<Run> {
  const args = ["run", "-A", "--no-check", FIXTURE];
  const { stdout, stderr, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: [...args, place.ramLogPath, place.archiveDir, String(firstId), String(step)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  return { taken: lines.filter((line) => line !== "done").map(Number), done: success };
}

/** Mends what the killed ones left, and asserts that each record they took is archived once. */
async function assertAllArchived(place: Scratch, runs: Run[]): Promise<void> {
  await using store = await LogStore.open(place.options);
  await store.flush();
  const archived = (await readIds(place.archiveDir)).sort((a, b) => a - b);
  assertEquals(archived, [...new Set(archived)], "a record is there twice");
  const missing = runs.flatMap((run) => run.taken).filter((id) => !archived.includes(id));
  assertEquals(missing, []);
}

Deno.test("`flush()` and `keepArchive()` archive every record once whichever step it is killed at", async () => {
  let step = 0;
  let finished = false;
  const worker = async () => {
    while (!finished) {
      const lastStep = ++step;
      using place = scratch();
      const first = await runUntilStep(place, 201, lastStep);
      // The next process is killed as well, mostly while it mends what the first one left.
      const second = await runUntilStep(place, 501, 1 + lastStep % 25);
      await assertAllArchived(place, [first, second]);
      finished ||= first.done;
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  console.log(`killed at each of ${step} steps`);
  assert(step > 50);
});
