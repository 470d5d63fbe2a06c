/** Everything that is kept of a small household, with two devices and a site that can be told apart in every file. */

import { join } from "@std/path";
import { constants, gunzipSync } from "node:zlib";
import { readTold, writeTold } from "../../news/telling/told_file.ts";
import { openLedger } from "../../news/ledger/kept_ledger.ts";
import { writeOwner } from "../../news/owner/owner_file.ts";
import { KeptMonths } from "../../report/summary/month_sums.ts";
import { listSummaries, makeSummary, summaryDir } from "../../report/summary/summaries.ts";
import type { ForgetOrder } from "../../forget/order.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { compressDay } from "../../storage/archive/day_compression.ts";
import { flowLine, type MadeUpFlow } from "../news/flow_line.ts";
import type { Scratch } from "../storage/scratch.ts";

export const GUEST = { mac: "02:00:00:00:00:0a", ip: "192.168.1.77", host: "guest-phone" };
export const OWNER = { mac: "02:00:00:00:00:0b", ip: "192.168.1.20", host: "owners-laptop" };
export const SECRET_SITE = "secret-shop.example";

/** Words of the guest that nobody else has; its address is the owner's on other days. */
export const GUEST_WORDS = [GUEST.mac, GUEST.host, "guests name", "guest-only.example"];

/** The guest, all of it. */
export const FORGET_GUEST: ForgetOrder = {
  device: {
    macs: new Set([GUEST.mac]),
    bare: new Set(),
    names: new Set([GUEST.host, "guests name"]),
  },
  sinceMs: -Infinity,
  untilMs: Infinity,
};

const NOBODY = { note: () => {} };
const DAYS = ["2026-11-20", "2026-11-21", "2026-11-22"];

/** Of one day: what both devices did, and what was called from outside at an address that was first one's, then the other's. */
function flowsOf(day: string): MadeUpFlow[] {
  const at = (hour: number) => Date.parse(`${day}T${String(hour).padStart(2, "0")}:30:00`);
  const flow = (hour: number, name: string, of: Partial<MadeUpFlow>) => ({
    endMs: at(hour),
    id: `${day}-${hour}`,
    name,
    ...of,
  });
  return [
    flow(1, "www.example.org", OWNER),
    flow(2, "guest-only.example", GUEST),
    flow(3, "unknown", { ip: GUEST.ip, direction: "inbound" }),
    flow(4, `www.${SECRET_SITE}`, OWNER),
    flow(5, `www.${SECRET_SITE}`, GUEST),
    flow(6, "www.example.org", GUEST),
    // The guest has left: its address is the laptop's second one.
    flow(7, "www.example.org", { ...OWNER, ip: GUEST.ip }),
    flow(8, "unknown", { ip: GUEST.ip, direction: "inbound" }),
  ].map((one) => ({ ip: "", ...one }));
}

/** Ids of the records of the guest's, and of all others. */
export const GUEST_IDS = DAYS.flatMap((day) => [2, 3, 5, 6].map((hour) => `${day}-${hour}`));
export const OTHER_IDS = DAYS.flatMap((day) => [1, 4, 7, 8].map((hour) => `${day}-${hour}`));

/**
 * Lays it: a day that is compressed, one with a compressed and a plain file, both summed; one in RAM; a day of which only
 * sums are left; the ledger, names and marks, what was told, the cache of places.
 */
export async function layHome({ ramLogPath, archiveDir, folder }: Scratch): Promise<string> {
  await Deno.mkdir(archiveDir, { recursive: true });
  const [summed, mixed, inRam] = DAYS;
  const text = (flows: readonly MadeUpFlow[]) => flows.map((one) => flowLine(one) + "\n").join("");
  const path = (day: string) => join(archiveDir, `${day}.log`);
  const sums = summaryDir(archiveDir);
  await Deno.writeTextFile(path("2026-11-01"), text(flowsOf("2026-11-01")));
  await Deno.writeTextFile(path(summed), text(flowsOf(summed)));
  await Deno.writeTextFile(path(mixed), text(flowsOf(mixed).slice(0, 4)));
  for (const day of ["2026-11-01", summed, mixed]) {
    await compressDay({ archiveDir, day, level: 6, card: NOBODY });
  }
  await Deno.writeTextFile(path(mixed), text(flowsOf(mixed).slice(4)));
  for (const day of await listDays(archiveDir)) await makeSummary(sums, archiveDir, day, NOBODY);
  const summaries = await listSummaries(sums);
  const months = new KeptMonths(archiveDir);
  await months.open({ month: "2026-11", days: summaries });
  await months.makeMissing();
  await openLedger({ ramLogPath, archiveDir });
  await Deno.remove(`${path("2026-11-01")}.gz`);
  await Deno.writeTextFile(ramLogPath, text(flowsOf(inRam)));
  await writeOwner(archiveDir, {
    names: { [GUEST.mac]: "guests name", [OWNER.mac]: "my laptop" },
    known: [
      { kind: "device", device: GUEST.mac },
      { kind: "site", what: SECRET_SITE },
      { kind: "site", what: "example.org" },
    ],
  });
  await writeTold(archiveDir, {
    ...await readTold(archiveDir),
    told: { [`device ${GUEST.mac}`]: 1e12, [`site ${OWNER.mac} ${SECRET_SITE}`]: 1e12 },
    devices: { [GUEST.mac]: 1e12, [OWNER.mac]: 1e12 },
  });
  return join(folder, "ip_location_cache.json");
}

/** Another one like it. */
export async function copyHome(from: Scratch, to: Scratch): Promise<void> {
  await copyFiles(from.folder, to.folder);
  await copyFiles(from.ramFolder, to.ramFolder);
}

async function copyFiles(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const copy = isDirectory ? copyFiles : Deno.copyFile;
    await copy(join(from, name), join(to, name));
  }
}

/** The text of every file below some folders, compressed ones unpacked too, by its path. */
export async function everyText(...folders: string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) {
        for (const [inner, text] of await everyText(path)) texts.set(inner, text);
        continue;
      }
      const bytes = await Deno.readFile(path);
      texts.set(path, new TextDecoder("latin1").decode(bytes) + unpacked(bytes));
    }
  }
  return texts;
}

/** What the gzip members in a file hold, from the first one on. */
function unpacked(bytes: Uint8Array<ArrayBuffer>): string {
  const at = bytes.findIndex((byte, i) => byte === 0x1f && bytes[i + 1] === 0x8b);
  if (at < 0) return "";
  // What a killed one has begun to write is cut short.
  const finishFlush = constants.Z_SYNC_FLUSH;
  return new TextDecoder("latin1").decode(gunzipSync(bytes.subarray(at), { finishFlush }));
}

/** Which of some words stand in which file. */
export async function wordsIn(words: readonly string[], ...folders: string[]): Promise<string[]> {
  return [...await everyText(...folders)].flatMap(([path, text]) =>
    words.filter((word) => text.includes(word)).map((word) => `${word} in ${path}`)
  );
}
