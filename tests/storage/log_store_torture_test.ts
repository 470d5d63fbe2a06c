/**
 * A logger killed at random moments, again and again: while it appends, rolls parts off, flushes, compresses, corrects
 * the time of records, writes some to the archive directly and, in one life out of five, drops the oldest because the
 * card cannot be written. The first argument says how often (25); the task `test:torture` does it 500 times.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { givenNumbers } from "./given_numbers.ts";
import { fileNames, lostByGaps, readIds, type Scratch, scratch, textOf } from "./scratch.ts";

const WRITER = new URL("./numbered_writer.ts", import.meta.url).href;
const KILLS = Number(Deno.args[0] ?? 25);
const NUMBERS_PER_LIFE = 10_000_000;
/** One life in so many has a card that cannot be written. */
const FULL_EVERY = 5;

/** Starts a writer, kills it after a random while, and returns what it warned of. */
async function liveAndDie(place: Scratch, acknowledgedPath: string, life: number) {
  const isFull = life % FULL_EVERY === FULL_EVERY - 1;
  const archiveDir = isFull ? join(noFolder(place), "logs") : place.archiveDir;
  const args = ["run", "-A", "--no-check", WRITER, place.ramLogPath, archiveDir];
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      ...args,
      ...[acknowledgedPath, String(life * NUMBERS_PER_LIFE)],
      ...(isFull ? ["full"] : []),
    ],
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

/** A file where a folder would have to be. */
function noFolder({ folder }: Scratch): string {
  return join(folder, "no folder");
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
    /finished a flush that was cut short|its last line was torn|no folder\/logs: Not a directory/
      .test(warning);
}

Deno.test(`\`LogStore\` keeps every acknowledged record once through ${KILLS} kills`, async () => {
  using place = scratch();
  Deno.writeTextFileSync(noFolder(place), "");
  const acknowledgedPath = join(place.folder, "acknowledged");
  const remains = new Map<string, number>();
  for (let life = 0; life < KILLS; life++) {
    const warnings = await liveAndDie(place, acknowledgedPath, life);
    assertEquals(warnings.split("\n").filter((line) => !isExpected(line)), []);
    for (const what of remainsOf(place)) remains.set(what, (remains.get(what) ?? 0) + 1);
  }

  await using store = await LogStore.open(place.options);
  const inRam = fileNames(place.ramFolder).filter((name) => /\.log(\.part-\d+)?$/.test(name))
    .map((name) => textOf(join(place.ramFolder, name))).join("");
  assertEquals(store.ramRecords, inRam.split("\n").length - 1);
  await store.flush();
  const kept = await readIds(place.archiveDir);
  const once = new Set(kept);
  assertEquals(kept.length, once.size, "records are there twice");
  const { taken, unknown } = givenNumbers(acknowledgedPath);
  const missing = taken.filter((number) => !once.has(number)).length;
  const maybeMissing = unknown.filter((number) => !once.has(number)).length;
  const told = await lostByGaps(place.archiveDir);
  console.log(
    `${KILLS} kills, ${taken.length} records acknowledged, ${kept.length} kept, ` +
      `${missing} dropped from a RAM that was full, gaps tell of ${told}; killed inside: ` +
      [...remains].map(([what, times]) => `${what} ${times}`).join(", "),
  );
  assert(missing <= told, "records are lost that no gap tells of");
  // A batch that was being given when its process died may have been taken, and dropped by a later one.
  assert(told <= missing + maybeMissing, "gaps tell of records that are not lost");
  assert(missing > 0 && remains.size > 0);
});
