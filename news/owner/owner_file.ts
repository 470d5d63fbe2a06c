/** What the owner says besides the log: names of devices, and what is known already. One file, `news/owner.json`. */

import { dirname, join } from "@std/path";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { osReason } from "../../system/files/os_error.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";
import { reasonAnd } from "../../system/files/reason_and.ts";
import { newsDir } from "../ledger/kept_ledger.ts";
import type { Device, OwnNames } from "../rules/household_devices.ts";
import type { NewsItem, NewsKind } from "../rules/news_item.ts";

/** In the folder `news`. */
export const OWNER_FILE = "owner.json";
/** As the archive's: its group may read it. */
const FILE_MODE = 0o640;
/** More marks than this are nobody's doing by hand. */
const MAX_MARKS = 10_000;

/** Something that the owner has looked at. */
export interface KnownMark {
  readonly kind: NewsKind;
  /** Of a device that is known by itself: absent. */
  readonly what?: string;
  /** A MAC address of the device, or what it has instead; absent: on any device. */
  readonly device?: string;
}

/** All of it. */
export interface OwnerWords {
  /** By a device's first MAC address. */
  readonly names: OwnNames;
  readonly known: readonly KnownMark[];
}

function ownerPath(archiveDir: string): string {
  return join(newsDir(archiveDir), OWNER_FILE);
}

/** Nothing, where there is no file. @throws {Error} why it cannot be read, and what to do */
export async function readOwner(archiveDir: string): Promise<OwnerWords> {
  const path = ownerPath(archiveDir);
  try {
    const { names = {}, known = [] } = JSON.parse(await readOwnText(path));
    return { names, known };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { names: {}, known: [] };
    const why = error instanceof SyntaxError
      ? "it is no JSON. Mend it, or remove it"
      : reasonAnd(error, "Run as the user that the logger runs as");
    throw new Error(`reading ${path}: ${why}`, { cause: error });
  }
}

/** @throws {Error} why it cannot be written, and what to do */
export async function writeOwner(archiveDir: string, words: OwnerWords): Promise<void> {
  const path = ownerPath(archiveDir);
  if (words.known.length > MAX_MARKS) {
    throw new Error(`there are ${MAX_MARKS} marks already. Remove some: wifilogger known list`);
  }
  try {
    await makeOwnFolder(dirname(path));
    await writeFileAtomic(path, JSON.stringify(words, null, 2) + "\n", { mode: FILE_MODE });
  } catch (cause) {
    throw new Error(
      `writing ${path}: ${osReason(cause)}. Run as the user that the logger runs as`,
      { cause },
    );
  }
}

/** Whether the owner has looked at a piece of news. */
export function isMarked(known: readonly KnownMark[]): (item: NewsItem) => boolean {
  const marks = new Set(known.map(markKey));
  return ({ kind, what, device }) =>
    marks.has(markKey({ kind, what })) ||
    device !== undefined && keysOf(device).some((key) =>
        marks.has(markKey({ kind, device: key, ...(kind === "device" ? {} : { what }) }))
      );
}

/** The mark that makes a piece of news known. */
export function markOf({ kind, what, device }: NewsItem): KnownMark {
  if (kind === "device") return { kind, device: device?.id };
  return { kind, what, ...(device && { device: device.id }) };
}

/** The same for equal marks. */
export function markKey({ kind, what = "", device = "" }: KnownMark): string {
  return `${kind}\0${device}\0${what.toLowerCase()}`;
}

/** By which marks and names may know a device. */
export function keysOf({ id, macs }: Device): readonly string[] {
  return [id, ...macs];
}
