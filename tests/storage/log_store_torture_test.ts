/**
 * A logger killed at random moments, again and again. `WIFILOGGER_TORTURE_KILLS` (default 25) says how
 * often.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { archivedIds, recordIds, type Scratch, scratch, textOf } from "./scratch.ts";

const WRITER = new URL("./numbered_writer.ts", import.meta.url).href;
const KILLS = Number(Deno.env.get("WIFILOGGER_TORTURE_KILLS") ?? 25);
const NUMBERS_PER_LIFE = 10_000_000;

/** Starts a writer, kills it after a random while, and returns what it warned of. */
async function liveAndDie(place: Scratch, acknowledgedPath: string, life: number) {
  const args = ["run", "-A", "--no-check", WRITER, place.ramLogPath, place.archiveDir];
  const writer = new Deno.Command(Deno.execPath(), {
    args: [...args, acknowledgedPath, String(life * NUMBERS_PER_LIFE)],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => writer.kill("SIGKILL"), 60 + Math.random() * 500);
  const { signal, stderr } = await writer.output();
  clearTimeout(timer);
  const warnings = new TextDecoder().decode(stderr);
  assertEquals(signal, "SIGKILL", warnings);
  return warnings;
}

/** For each life, the highest number that was acknowledged. */
function acknowledgedNumbers(path: string): Map<number, number> {
  const highest = new Map<number, number>();
  for (const line of textOf(path).split("\n").slice(0, -1)) {
    highest.set(Math.floor(Number(line) / NUMBERS_PER_LIFE), Number(line));
  }
  return highest;
}

Deno.test(`\`LogStore\` keeps every acknowledged record once through ${KILLS} kills`, async () => {
  using place = scratch();
  const acknowledgedPath = join(place.folder, "acknowledged");
  let finishedFlushes = 0;
  for (let life = 0; life < KILLS; life++) {
    const warnings = await liveAndDie(place, acknowledgedPath, life);
    if (warnings.includes("finished a flush")) finishedFlushes++;
  }

  await using store = await LogStore.open(place.options);
  const inRam = recordIds(textOf(place.ramLogPath));
  const kept = [...archivedIds(place.archiveDir), ...inRam];
  const once = new Set(kept);
  assertEquals(kept.length, once.size, "records are there twice");
  assertEquals(store.ramRecords, inRam.length);
  let acknowledged = 0;
  for (const [life, highest] of acknowledgedNumbers(acknowledgedPath)) {
    for (let number = life * NUMBERS_PER_LIFE; number <= highest; number++, acknowledged++) {
      assert(once.has(number), `record ${number} was acknowledged and is lost`);
    }
  }
  console.log(
    `${KILLS} kills, ${acknowledged} records acknowledged, ${kept.length} kept, ` +
      `${finishedFlushes} flushes finished by the next process`,
  );
  assert(acknowledged > 0 && finishedFlushes > 0);
});
