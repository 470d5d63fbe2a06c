/** Forgetting killed at each of its steps in turn, in a real process by a real SIGKILL. */

import { assert, assertEquals } from "../assert.ts";
import { openLedger } from "../../news/ledger/kept_ledger.ts";
import { readOwner } from "../../news/owner/owner_file.ts";
import { LogStore } from "../../storage/log_store.ts";
import { readIds, type Scratch, scratch } from "../storage/scratch.ts";
import {
  copyHome,
  GUEST,
  GUEST_IDS,
  GUEST_WORDS,
  layHome,
  OTHER_IDS,
  OWNER,
  wordsIn,
} from "./kept_home.ts";

/** When the guest had gone, its address was the laptop's. */
const OWNER_CALLED_AT = GUEST.ip;
const FIXTURE = new URL("./forgetting_process.ts", import.meta.url).href;

/** @returns whether it got to the end before the step to die at */
async function forgetUntilStep(
  { ramLogPath, archiveDir }: Scratch,
  cachePath: string,
  step: number,
): Promise<boolean> {
  const { stderr, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", FIXTURE],
      ...[ramLogPath, archiveDir, cachePath, String(step)],
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
  return success;
}

/** Mends what the killed one left, as the next logger does. @returns whether the guest is still there */
async function lookAt(place: Scratch, step: number): Promise<boolean> {
  {
    await using store = await LogStore.open(place.options);
    await store.flush();
  }
  const ids = (await readIds(place.archiveDir)).map(String).sort();
  const isThere = ids.includes(GUEST_IDS[0]);
  const expected = isThere ? [...GUEST_IDS, ...OTHER_IDS] : OTHER_IDS;
  assertEquals(ids, expected.toSorted(), `step ${step}`);
  const { names } = await readOwner(place.archiveDir);
  assertEquals(Object.values(names).includes("guests name"), isThere, `step ${step}`);
  if (!isThere) {
    assertEquals(await wordsIn(GUEST_WORDS, place.folder, place.ramFolder), [], `step ${step}`);
    const { ledger } = await openLedger(place);
    const devices = [...ledger.deviceKeys()].map(([key]) => key);
    assertEquals(devices.sort(), [OWNER.mac, OWNER_CALLED_AT, "household"].sort());
    assertEquals(await wordsIn(GUEST_WORDS, place.folder, place.ramFolder), [], `step ${step}`);
  }
  return isThere;
}

Deno.test("forgetting leaves everything of a device or nothing, and all else, whichever step it is killed at", async () => {
  let step = 0;
  let finished = false;
  const outcomes: [step: number, isThere: boolean][] = [];
  using laid = scratch();
  const cachePath = await layHome(laid);
  const worker = async () => {
    while (!finished) {
      const lastStep = ++step;
      using place = scratch();
      await copyHome(laid, place);
      const done = await forgetUntilStep(place, cachePath, lastStep);
      outcomes.push([lastStep, await lookAt(place, lastStep)]);
      finished ||= done;
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  outcomes.sort(([a], [b]) => a - b);
  console.log(`killed at each of ${step} steps`);
  const firstGone = outcomes.findIndex(([, isThere]) => !isThere);
  assert(firstGone > 10, "most is done before the instant");
  assert(outcomes.slice(firstGone).every(([, isThere]) => !isThere), "once gone, it stays gone");
  assert(firstGone < outcomes.length - 5, "and some steps come after it");
});
