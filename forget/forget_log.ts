/**
 * Forgetting: a device, a site or a time, taken out of everything that is kept on this machine.
 *
 * 1. The logger moves what it has in RAM to the archive, so that nothing of it is left there, and lets go of the places
 *    of addresses that it remembers.
 * 2. Each day that has something of it is written anew without it, beside the old one, while the logger goes on.
 * 3. With the archive alone in its hands (`archive_lock.ts`), it looks again at days that have changed meanwhile; then
 *    all days, sums, the ledger of firsts, the owner's names and marks are exchanged at one instant (`exchange.ts`).
 * 4. Sums of the days that were exchanged are made anew.
 *
 * Killed before that instant, everything of it is there; after it nothing, as soon as the exchange is finished.
 */

import { join } from "@std/path";
import { LEDGER_FILE, newsDir } from "../news/ledger/kept_ledger.ts";
import { OWNER_FILE, readOwner } from "../news/owner/owner_file.ts";
import { readTold, TOLD_FILE } from "../news/telling/told_file.ts";
import { listMonths, monthsDir } from "../report/summary/month_sums.ts";
import {
  listSummaries,
  makeSummary,
  openSummary,
  summaryDir,
} from "../report/summary/summaries.ts";
import { archivePath } from "../storage/archive/archive.ts";
import { gzipPath, listDays, statIfThere } from "../storage/archive/archive_days.ts";
import { ownArchive, shareArchive } from "../storage/archive/archive_lock.ts";
import { removeIfThere, removeTwin } from "../storage/archive/day_compression.ts";
import { dayFilesBlocks, openDay } from "../storage/archive/archive_reader.ts";
import {
  exchange,
  type Exchanged,
  finishExchange,
  removeStaged,
  stagedPath,
} from "../storage/forget/exchange.ts";
import { filterDay, type FilteredDay } from "../storage/forget/filtered_day.ts";
import {
  forgottenPath,
  readForgettings,
  withForgetting,
} from "../storage/forget/forgotten_days.ts";
import type { DayCut } from "../storage/forget/position_map.ts";
import { createOwn } from "../system/files/own_file.ts";
import { pathExists } from "../system/files/path_exists.ts";
import { writeAll } from "../system/files/write_all.ts";
import { AddressOwners } from "./address_owners.ts";
import { forgottenLines } from "./forgotten_records.ts";
import type { ForgetOrder } from "./order.ts";
import { ownerWithout, toldWithout } from "./owner_without.ts";
import { summaryWithout } from "./summary_without.ts";
import { makeOwnFolder } from "../system/files/owner.ts";

/** What is forgotten where, and who else has a hand in it. */
export interface ForgetOptions {
  readonly archiveDir: string;
  readonly order: ForgetOrder;
  /** gzip's, 1 to 9, for days that are compressed. */
  readonly compressLevel: number;
  /** Has everything that is in RAM moved to the archive, and resolves when it is there. */
  readonly flush: () => Promise<void>;
  /** Has the places of addresses forgotten, in the logger's memory and in their file. */
  readonly forgetPlaces: () => Promise<void>;
  /** Called with how much has been read, from 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** What went. */
export interface Forgotten {
  readonly records: number;
  /** Of their lines. */
  readonly bytes: number;
  /** Days of the archive, `YYYY-MM-DD`. */
  readonly days: readonly string[];
  /** Days of which there were only sums. */
  readonly summedDays: readonly string[];
  /** Names and marks of the owner's. */
  readonly marks: number;
}

const NOBODY = { note: () => {} };
const OTHERS_MODE = 0o640;

/** @throws {Error} why not; then nothing has been forgotten, unless the error says otherwise */
export async function forgetLog(options: ForgetOptions): Promise<Forgotten> {
  const { archiveDir, flush, forgetPlaces } = options;
  await makeOwnFolder(newsDir(archiveDir));
  // One after the other: what they stage has the same names.
  using _alone = await ownArchive(newsDir(archiveDir));
  await flush();
  await forgetPlaces();
  {
    using _own = await ownArchive(archiveDir);
    await finishExchange(archiveDir);
    await removeAllStaged(archiveDir);
  }
  try {
    const { forgotten, toSum } = await forgetArchived(options);
    await sumAnew(archiveDir, toSum);
    return forgotten;
  } catch (error) {
    // Behind the instant the journal is there, and what is staged is needed.
    using _own = await ownArchive(archiveDir);
    if (!await finishExchange(archiveDir)) await removeAllStaged(archiveDir);
    throw error;
  }
}

/** Sums days whose sums went with what they had summed; a logger would do it by and by. */
async function sumAnew(archiveDir: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    // One at a time: others want the archive, too.
    using _shared = await shareArchive(archiveDir);
    const day = (await listDays(archiveDir)).find(({ day }) => day === name);
    if (day !== undefined) await makeSummary(summaryDir(archiveDir), archiveDir, day, NOBODY);
  }
}

/** `toSum`: days that have to be summed anew. */
async function forgetArchived(
  options: ForgetOptions,
): Promise<{ readonly forgotten: Forgotten; readonly toSum: readonly string[] }> {
  const { archiveDir, order } = options;
  const rewriter = new DayRewriter(options);
  await rewriter.prepare();
  using _own = await ownArchive(archiveDir);
  const days = await rewriter.finish();
  const cuts = Object.fromEntries(days.map(({ cut, filtered }) => [filtered.day, cut]));
  const summed = await stageSummaries(archiveDir, order, days.map(({ filtered }) => filtered.day));
  const owner = await stageOwner(archiveDir, order);
  const told = await stageTold(archiveDir, order);
  const files: Exchanged[] = [
    ...days.flatMap(({ filtered }) => filtered.files),
    ...summed.files,
    ...owner.files,
    ...told.files,
  ];
  if (days.length + summed.changed.length > 0) files.push(...await sumsOfMonths(archiveDir));
  const forgotten = {
    records: days.reduce((sum, { filtered }) => sum + filtered.lines, 0),
    bytes: days.reduce((sum, { filtered }) => sum + filtered.bytes, 0),
    days: days.map(({ filtered }) => filtered.day),
    summedDays: summed.changed,
    marks: owner.marks,
  };
  if (files.length === told.files.length && !told.isChanged) {
    await removeAllStaged(archiveDir);
    return { forgotten, toSum: [] };
  }
  // The ledger has firsts of it, and is made anew of what stays.
  files.push({ remove: join(newsDir(archiveDir), LEDGER_FILE) });
  if (days.length > 0) {
    const text = withForgetting(await readForgettings(archiveDir), cuts);
    files.push(await stage(forgottenPath(archiveDir), text));
  }
  await exchange(archiveDir, files, NOBODY);
  await removeAllStaged(archiveDir);
  return { forgotten, toSum: summed.toMake };
}

/** A day that was written anew, and what its files were then. */
interface RewrittenDay {
  readonly filtered: FilteredDay;
  readonly cut: DayCut;
  readonly state: string;
}

/** Writes days anew; those that change meanwhile once more. */
class DayRewriter {
  readonly #options: ForgetOptions;
  readonly #owners = new AddressOwners();
  readonly #days = new Map<string, RewrittenDay>();
  readonly #decoder = new TextDecoder();
  #isForgotten: (line: string) => boolean = () => false;

  constructor(options: ForgetOptions) {
    this.#options = options;
  }

  /** While others change the archive. */
  async prepare(): Promise<void> {
    const { archiveDir, progress } = this.#options;
    const days = (await listDays(archiveDir)).map(({ day }) => day);
    const reads = days.length * 2;
    for (const [i, day] of days.entries()) {
      await this.#learn(day);
      progress?.(i / reads);
    }
    for (const [i, day] of days.entries()) {
      await this.#rewrite(day);
      progress?.((days.length + i) / reads);
    }
  }

  /** With the archive alone in its hands. @returns the days that something goes from, oldest first */
  async finish(): Promise<{ readonly filtered: FilteredDay; readonly cut: DayCut }[]> {
    const { archiveDir } = this.#options;
    for (const { day } of await listDays(archiveDir)) await removeTwin(archiveDir, day);
    const days = (await listDays(archiveDir)).map(({ day }) => day);
    const changed: string[] = [];
    for (const day of days) {
      const { state } = await lookAt(archiveDir, day);
      if (this.#days.get(day)?.state !== state) changed.push(day);
    }
    for (const day of changed) await this.#learn(day);
    for (const day of changed) await this.#rewrite(day);
    const there = new Set(days);
    return [...this.#days.values()]
      .filter(({ filtered }) => filtered.lines > 0 && there.has(filtered.day))
      .sort((a, b) => a.filtered.day < b.filtered.day ? -1 : 1);
  }

  async #learn(day: string): Promise<void> {
    if (this.#options.order.device === undefined) return;
    using files = await openDay(this.#options.archiveDir, day);
    for await (const block of dayFilesBlocks(files)) {
      for (const line of this.#decoder.decode(block).split("\n")) this.#owners.learn(line);
    }
  }

  async #rewrite(day: string): Promise<void> {
    const { archiveDir, order, compressLevel: level } = this.#options;
    // What it looks like is taken before it is read: a day that changes behind this look is written once more.
    const { state, gzipBytes, plainBytes } = await lookAt(archiveDir, day);
    this.#isForgotten = forgottenLines(order, this.#owners);
    for (const path of [archivePath(archiveDir, day), gzipPath(archiveDir, day)]) {
      await removeIfThere(stagedPath(path));
    }
    const filtered = await filterDay(archiveDir, day, {
      level,
      isForgotten: (line) => this.#isForgotten(this.#decoder.decode(line)),
    });
    const isGone = (file: FilteredDay["gzip"], bytes: number | undefined) =>
      bytes === undefined || file?.after === 0;
    const cut = {
      gzipBytes: gzipBytes ?? 0,
      gzip: filtered.gzip,
      plain: filtered.plain,
      isGone: isGone(filtered.gzip, gzipBytes) && isGone(filtered.plain, plainBytes),
    };
    this.#days.set(day, { filtered, cut, state });
  }
}

/** A day's files as they are now: `state` changes when one of them does. */
async function lookAt(
  archiveDir: string,
  day: string,
): Promise<{
  readonly state: string;
  readonly gzipBytes: number | undefined;
  readonly plainBytes: number | undefined;
}> {
  const paths = [archivePath(archiveDir, day), gzipPath(archiveDir, day)];
  const [plain, gzip] = (await Promise.all(paths.map(statIfThere)))
    .map((info) => info?.isFile ? info : undefined);
  const state = [plain, gzip].map((info) =>
    info === undefined ? "" : `${info.ino} ${info.size} ${info.mtime?.getTime()}`
  );
  return { state: state.join(), gzipBytes: gzip?.size, plainBytes: plain?.size };
}

/** Of days that are written anew the sums go, and are made anew; of days that have only sums these are written anew. */
async function stageSummaries(archiveDir: string, order: ForgetOrder, rewritten: string[]) {
  const folder = summaryDir(archiveDir);
  const inArchive = new Set((await listDays(archiveDir)).map(({ day }) => day));
  const files: Exchanged[] = [];
  const changed: string[] = [];
  const toMake: string[] = [];
  for (const { day, path } of await listSummaries(folder)) {
    if (rewritten.includes(day)) {
      files.push({ remove: path });
      toMake.push(day);
    } else if (!inArchive.has(day)) {
      const without = await summaryWithout(await openSummary(path), order);
      if (without === undefined) continue;
      changed.push(day);
      files.push(without.bytes === undefined ? { remove: path } : await stage(path, without.bytes));
    }
  }
  return { files, changed, toMake };
}

/** All of them: they are made anew when somebody asks, and one may be of days that are gone. */
async function sumsOfMonths(archiveDir: string): Promise<Exchanged[]> {
  return (await listMonths(monthsDir(archiveDir))).map((remove) => ({ remove }));
}

async function stageOwner(archiveDir: string, order: ForgetOrder) {
  const files: Exchanged[] = [];
  const words = await readOwner(archiveDir);
  const without = ownerWithout(words, order);
  const count = ({ names, known }: typeof words) => Object.keys(names).length + known.length;
  const marks = count(words) - count(without);
  if (marks > 0) {
    const path = join(newsDir(archiveDir), OWNER_FILE);
    files.push(await stage(path, JSON.stringify(without, null, 2) + "\n"));
  }
  return { files, marks };
}

/** Written anew in any case: who tells goes by it that something was forgotten. */
async function stageTold(archiveDir: string, order: ForgetOrder) {
  const path = join(newsDir(archiveDir), TOLD_FILE);
  if (!await pathExists(path)) return { files: [], isChanged: false };
  const before = await readTold(archiveDir);
  const without = toldWithout(before, order);
  const count = ({ told, devices, outbox }: typeof before) =>
    Object.keys(told).length + Object.keys(devices).length + outbox.length;
  return {
    files: [await stage(path, JSON.stringify(without) + "\n", 0o600)],
    isChanged: count(without) < count(before),
  };
}

async function stage(
  path: string,
  content: string | Uint8Array,
  mode = OTHERS_MODE,
): Promise<Exchanged> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  using file = await createOwn(stagedPath(path), mode);
  await writeAll(file, bytes);
  await file.sync();
  return { replace: path };
}

async function removeAllStaged(archiveDir: string): Promise<void> {
  const folders = [summaryDir, monthsDir, newsDir].map((folderOf) => folderOf(archiveDir));
  for (const folder of [archiveDir, ...folders]) await removeStaged(folder);
}
