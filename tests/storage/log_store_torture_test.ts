/**
 * A logger killed at random moments, again and again: while it appends, rolls parts off, flushes and
 * compresses. The first argument says how often (25); the task `test:torture` does it 500 times.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { fileNames, readIds, recordIds, type Scratch, scratch, textOf } from "./scratch.ts";

const WRITER = new URL("./numbered_writer.ts", import.meta.url).href;
const KILLS = Number(Deno.args[0] ?? 25);
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

/** What the killed one was in the middle of, by the files that it left. */
function remainsOf({ ramFolder, archiveDir }: Scratch): string[] {
  const names = [...fileNames(ramFolder), ...fileNames(archiveDir)];
  return Object.entries({
    "a flush": ".flushing",
    "the appending of a flush": ".journal",
    "parts waiting": ".part-",
    "a compression": ".gz.tmp",
  }).filter(([, part]) => names.some((name) => name.endsWith(part) || name.includes(`${part}0`)))
    .map(([what]) => what);
}

/** What a logger says that mends what a killed one left. */
function isExpected(warning: string): boolean {
  return warning === "" ||
    /finished a flush that was cut short|its last line was torn/.test(warning);
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
  const remains = new Map<string, number>();
  for (let life = 0; life < KILLS; life++) {
    const warnings = await liveAndDie(place, acknowledgedPath, life);
    assertEquals(warnings.split("\n").filter((line) => !isExpected(line)), []);
    for (const what of remainsOf(place)) remains.set(what, (remains.get(what) ?? 0) + 1);
  }

  await using store = await LogStore.open(place.options);
  const inRam = fileNames(place.ramFolder).filter((name) => /\.log(\.part-\d+)?$/.test(name))
    .flatMap((name) => recordIds(textOf(join(place.ramFolder, name))));
  const kept = [...await readIds(place.archiveDir), ...inRam];
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
      `killed inside: ${[...remains].map(([what, times]) => `${what} ${times}`).join(", ")}`,
  );
  assert(acknowledged > 0 && remains.size > 0);
});
