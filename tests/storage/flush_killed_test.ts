/**
 * What moves, changes or drops records killed at each of its steps in turn, in a real process by a real SIGKILL.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { lostByGaps, readIds, type Scratch, scratch } from "./scratch.ts";

const FIXTURE = new URL("./killed_at_step.ts", import.meta.url).href;

interface Run {
  /** Ids of the records that were taken. */
  taken: number[];
  /** How many more may have been: the process died before it could say. */
  unknown: number;
  /** Whether it got to the end before the step to die at. */
  done: boolean;
}

interface StepToDieAt {
  scenario: string;
  archiveDir: string;
  firstId: number;
  step: number;
}

async function runUntilStep({ ramLogPath }: Scratch, where: StepToDieAt): Promise<Run> {
  const { scenario, archiveDir, firstId, step } = where;
  const { stdout, stderr, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", FIXTURE],
      ...[scenario, ramLogPath, archiveDir, String(firstId), String(step)],
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  const taken = lines.filter((line) => /^\d+$/.test(line)).map(Number);
  const answered = lines.findLastIndex((line) => !line.startsWith("try"));
  return { taken, unknown: lines.length - 1 - answered, done: success };
}

/** Mends what the killed ones left, and asserts that each record they took is archived once, or told of by a gap. */
async function assertAllArchived(place: Scratch, runs: Run[]): Promise<number> {
  await using store = await LogStore.open(place.options);
  await store.flush();
  const archived = (await readIds(place.archiveDir)).sort((a, b) => a - b);
  assertEquals(archived, [...new Set(archived)], "a record is there twice");
  const lost = await lostByGaps(place.archiveDir);
  const taken = runs.flatMap((run) => run.taken);
  const missing = taken.filter((id) => !archived.includes(id));
  const unknown = runs.reduce((sum, run) => sum + run.unknown, 0);
  const isTold = missing.length <= lost && lost <= missing.length + unknown;
  assert(isTold, `missing: ${missing}; gaps tell of ${lost}`);
  return lost;
}

const SCENARIOS = {
  flush: "`flush()` and `keepArchive()` archive every record once",
  correct: "`correctClock()` keeps every record once",
  through: "`writeThrough()` archives every record once that it has resolved for",
  drop: "`dropOldest()` leaves every record once, or in a gap that counts it once,",
};

for (const [scenario, what] of Object.entries(SCENARIOS)) {
  Deno.test(`${what} whichever step it is killed at`, async () => {
    let step = 0;
    let finished = false;
    let lost = 0;
    const worker = async () => {
      while (!finished) {
        const lastStep = ++step;
        using place = scratch();
        let archiveDir = place.archiveDir;
        if (scenario === "drop" || scenario === "correct") {
          // Its card cannot be written.
          const file = join(place.folder, "a file");
          Deno.writeTextFileSync(file, "");
          archiveDir = join(file, "logs");
        }
        const where = { scenario, archiveDir };
        const first = await runUntilStep(place, { ...where, firstId: 201, step: lastStep });
        // The next process is killed as well, mostly while it mends what the first one left.
        const second = await runUntilStep(place, {
          ...where,
          firstId: 501,
          step: 1 + lastStep % 25,
        });
        lost += await assertAllArchived(place, [first, second]);
        finished ||= first.done;
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    console.log(`killed at each of ${step} steps`);
    assert(step > 25);
    assertEquals(lost > 0, scenario === "drop");
  });
}
