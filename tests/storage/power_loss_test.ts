/**
 * The power cut at random moments, on a real ext4 file system on a loop device: what had not been synced is
 * dropped (see `Ext4Image.cutPower()`), and the RAM is gone. The first argument says how often (4); the task
 * `test:power` does it 50 times.
 *
 * A writer in a process of its own appends numbered records, flushes twice a second and compresses, and tells
 * in RAM up to which number a flush has answered. After each cut the archive must hold, whole and once, every
 * record that a flush had answered for; the rest may be lost.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { LogStore } from "../../storage/log_store.ts";
import { type Ext4Image, ext4Missing, mountExt4 } from "./ext4_image.ts";
import { readIds, type Scratch, scratch, textOf } from "./scratch.ts";

const WRITER = new URL("./flushing_writer.ts", import.meta.url).href;
const CUTS = Number(Deno.args[0] ?? 4);
const NUMBERS_PER_LIFE = 1_000_000;

interface Life {
  /** The number after the last one that a flush has answered for. */
  flushed: number;
  /** The number after the last one that was appended. */
  appended: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a writer, cuts the power after a random while, and mounts the card anew. */
async function liveAndLosePower(place: Scratch, card: Ext4Image, life: number): Promise<Life> {
  const progressPath = join(place.ramFolder, "progress");
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", WRITER, place.ramLogPath, join(card.path, "logs")],
      ...[progressPath, String(life * NUMBERS_PER_LIFE)],
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const complaints = new Response(writer.stderr).text();
  while (textOf(progressPath) === "") await sleep(10);
  await sleep(Math.random() * 2000);
  card.cutPower();
  writer.kill("SIGKILL");
  await writer.status;
  // What it says once the card is gone is no fault.
  const faults = (await complaints).split("\n")
    .filter((line) => line !== "" && !line.includes("Input/output error"));
  assertEquals(faults, []);
  await card.mountAnew();
  const [flushed, appended] = textOf(progressPath).split(" ").map(Number);
  for (const { name } of Deno.readDirSync(place.ramFolder)) {
    Deno.removeSync(join(place.ramFolder, name));
  }
  return { flushed, appended };
}

testWhen(
  ext4Missing,
  `\`LogStore\` keeps what a flush has answered for through ${CUTS} power losses on ext4`,
  async () => {
    using place = scratch();
    using card = mountExt4(64);
    const archiveDir = join(card.path, "logs");
    const lives: Life[] = [];
    let tornLines = 0;
    for (let life = 0; life < CUTS; life++) {
      lives.push(await liveAndLosePower(place, card, life));
      // The next start mends the archive.
      await using store = await LogStore.open({ ...place.options, archiveDir });
      tornLines += store.counters.tornLinesCut;
    }
    const ids = await readIds(archiveDir);
    const kept = new Set(ids);
    assertEquals(ids.length, kept.size, "a record is there twice");
    let [appended, lost] = [0, 0];
    for (const [life, { flushed, appended: end }] of lives.entries()) {
      for (let number = life * NUMBERS_PER_LIFE; number < end; number++, appended++) {
        if (kept.has(number)) continue;
        assert(number >= flushed, `record ${number} was flushed and is lost`);
        lost++;
      }
    }
    console.log(
      `${CUTS} power losses: ${appended} records appended, ${ids.length} kept, ${lost} lost, all of ` +
        `them after the last flush that had answered; ${tornLines} torn lines cut`,
    );
    assert(lost > 0 && ids.length > 0);
  },
);
