/**
 * Following the log: what a reader has not seen yet of archive and RAM, each record once, whatever becomes of the files
 * meanwhile.
 *
 * A record moves: within RAM by renames, then by a copy to the plain file of its day, then by another into the
 * compressed one. So each look at the log opens all of it as of one instant (`openLog()`), and reads
 *
 * - of a file in RAM what lies behind the place where the last look ended;
 * - of a day's stream, the compressed file and the plain one behind it, likewise; that stream only grows;
 *
 * and leaves out what it has read already: the records of files that were in RAM at the last look and are no longer, by
 * what identifies them. As of one instant each of them is in one place, or was dropped for good; so the next look needs
 * to know nothing of them. What went to the archive past the RAM log, or through all of it between two looks, is new.
 *
 * Nothing stays open between looks: a follower that sleeps keeps no memory of the tmpfs. A look may be broken off; the
 * next one goes on there. And how far a follower has come can be kept (`position()`): another one goes on there, in
 * another process. What it does not know is what it had read of a file in RAM that has been moved since: of that it
 * gives the records again.
 */

import type { ArchiveDay } from "./archive/archive_days.ts";
import { endOfLastLine } from "./archive/archive.ts";
import { GunzipSource, isLastMember } from "./archive/gzip_file.ts";
import { limitedSource, linesIn, wholeLines } from "./archive/whole_lines.ts";
import { forgottenMark, readForgettings } from "./forget/forgotten_days.ts";
import { type DayCut, movedPosition } from "./forget/position_map.ts";
import {
  HalfForgottenError,
  type LogRange,
  type LogSnapshot,
  type OpenDay,
  type OpenLog,
  openLog,
  type OpenRamFile,
  sectionsOf,
} from "./log_snapshot.ts";

/** Which log is followed, and what tells its records apart. */
export interface FollowOptions extends LogRange {
  /** The same for a record wherever it lies, also when its times have been corrected, and for no other one. */
  readonly identityOf: (line: string) => string;
  /** Where another follower of this log ended. @default the beginning of the log */
  readonly position?: LogPosition;
}

/** How far a log was read, as JSON can hold it. */
export interface LogPosition {
  /**
   * By day, `YYYY-MM-DD`: bytes of its compressed file, and of its lines behind them. Positions share one object as long as
   * nothing in it is another.
   */
  readonly days: Readonly<Record<string, readonly [gzipBytes: number, plainBytes: number]>>;
  /** The day that was read last, which counts for more than what `days` says of it. */
  readonly last?: readonly [day: string, gzipBytes: number, plainBytes: number];
  /** Days that were there and are not read to their end. */
  readonly unread: readonly string[];
  readonly ram: readonly RamPosition[];
  /** The last run of `forget` that it takes account of; absent: none. */
  readonly forgotten?: number;
}

/** How far a file of the RAM log was read. */
interface RamPosition {
  readonly inode: number | null;
  readonly readBytes: number;
  /** Of its first line: an inode's number may be given again to another file. */
  readonly first: string;
}

/** How far a file of the RAM log was read. */
interface ReadRamFile {
  readonly inode: number | null;
  readBytes: number;
  /** Of the first line that was read. */
  readonly first: string | undefined;
  /** Of all lines that were read; `undefined` as long as only the position of another follower is known. */
  identities: string[] | undefined;
}

/** How far a day's stream was read: all of `gzipBytes`, and so much of what was the plain file behind it. */
interface ReadDay {
  readonly gzipBytes: number;
  readonly plainBytes: number;
}

/** What changes when a file of the archive does. */
interface SeenDay {
  readonly plainBytes: number | undefined;
  readonly gzipBytes: number | undefined;
  readonly modifiedMs: number;
}

/** Follows one log. */
export class LogFollower {
  readonly #options: FollowOptions;
  readonly #days = new Map<string, ReadDay>();
  /** The day that was read last, and what positions say of the others. */
  #lastDay: string | undefined;
  #otherDays: LogPosition["days"] | undefined;
  readonly #seen = new Map<string, SeenDay>();
  #ram: ReadRamFile[] = [];
  readonly #unread: Set<string>;
  readonly #missed: string[] = [];
  /** Records of files that have gone from RAM, which this look has not met in the archive yet. */
  readonly #given = new Given();
  /** The last run of `forget` that positions take account of, and the file's state then. */
  #forgotten: number | undefined;
  #forgottenMark: string | undefined;

  /** Nothing is read before the first call. */
  constructor(options: FollowOptions) {
    this.#options = options;
    const { days = {}, last, unread = [], ram = [], forgotten } = options.position ?? {};
    this.#forgotten = options.position === undefined ? undefined : forgotten ?? 0;
    for (const [day, [gzipBytes, plainBytes]] of Object.entries(days)) {
      this.#days.set(day, { gzipBytes, plainBytes });
    }
    if (last !== undefined) {
      const [day, gzipBytes, plainBytes] = last;
      this.#days.set(day, { gzipBytes, plainBytes });
    }
    this.#unread = new Set(unread);
    this.#ram = ram.map((file) => ({ ...file, identities: undefined }));
  }

  /** How far it has come: behind the last line that was given. */
  position(): LogPosition {
    const ofDay = ({ gzipBytes, plainBytes }: ReadDay) => [gzipBytes, plainBytes] as const;
    const last = this.#lastDay === undefined ? undefined : this.#days.get(this.#lastDay);
    // There may be a year of them, and somebody may ask after each hundred lines.
    this.#otherDays ??= Object.fromEntries(
      [...this.#days].filter(([day]) => day !== this.#lastDay)
        .map(([day, read]) => [day, ofDay(read)]),
    );
    return {
      days: this.#otherDays,
      last: last && [this.#lastDay!, ...ofDay(last)],
      unread: [...this.#unread],
      ram: this.#ram.flatMap(({ inode, readBytes, first, identities }) => {
        const firstRead = identities?.[0] ?? first;
        return firstRead === undefined ? [] : [{ inode, readBytes, first: firstRead }];
      }),
      ...(this.#forgotten !== undefined && this.#forgotten > 0 && { forgotten: this.#forgotten }),
    };
  }

  /** Days that were dropped from the archive before they were read to their end, each told once. */
  takeMissedDays(): string[] {
    return this.#missed.splice(0);
  }

  /**
   * Passes over the days before one.
   *
   * @throws {Error} which file could not be read and why
   */
  async passOverDaysBefore(day: string): Promise<void> {
    const { ramLogPath, archiveDir } = this.#options;
    using log = await openLog({ ramLogPath, archiveDir }, (one) => one.day < day);
    await this.#followForgetting(log);
    for (const one of log.days) this.#setRead(one.day, await wholeOf(one));
  }

  /**
   * Passes over what there is by now, and gives it to be read: of the archive, the days of the range. `lines()` goes on
   * behind it.
   *
   * @throws {Error} which file could not be read and why
   */
  async start(): Promise<LogSnapshot> {
    const { ramLogPath, archiveDir, from = "", to = "9999-99-99" } = this.#options;
    using opened = new DisposableStack();
    const log = opened.use(
      await openLog({ ramLogPath, archiveDir }, (day) => {
        this.#seen.set(day.day, day);
        return true;
      }),
    );
    await this.#followForgetting(log);
    for (const day of log.days) this.#setRead(day.day, await wholeOf(day));
    this.#forgetUnread(log);
    this.#ram = await Promise.all(log.ram.map(async (file) => {
      const read: ReadRamFile = newRamFile(file.inode);
      for await (const _ of this.#newInRam(file, read));
      await file.file.seek(0, Deno.SeekMode.Start);
      return read;
    }));
    const days = log.days.filter(({ day }) => day >= from && day <= to);
    const kept = opened.move();
    return {
      sections: sectionsOf({ days, ram: log.ram }),
      [Symbol.dispose]: () => kept.dispose(),
    };
  }

  /**
   * The lines that were not given before, without their newlines, oldest first; at the first call everything. One call at
   * a time. Who stops before the end gets the rest from the next call.
   *
   * @throws {Error} which file could not be read and why
   */
  async *lines(): AsyncGenerator<string, void> {
    const found = new Map<string, SeenDay>();
    const { ramLogPath, archiveDir } = this.#options;
    using opened = new DisposableStack();
    let log: OpenLog;
    try {
      log = opened.use(
        await openLog({ ramLogPath, archiveDir }, (day) => {
          found.set(day.day, day);
          return !isSame(day, this.#seen.get(day.day));
        }),
      );
      if (!await this.#followForgetting(log)) return;
    } catch (error) {
      // Where lines were and where they are now, nobody can tell until that is finished.
      if (error instanceof HalfForgottenError) return;
      throw error;
    }
    this.#compareDays(found, log);
    const decoder = new TextDecoder();
    const ram = await this.#matchRam(log.ram);
    for (const { identities } of this.#ram.filter((file) => !ram.includes(file))) {
      for (const identity of identities ?? []) this.#given.add(identity);
    }
    this.#ram = ram;
    for (const day of log.days) {
      const { lines, now } = await newInDay(day, this.#days.get(day.day));
      for await (const bytes of lines) {
        const line = decoder.decode(bytes);
        this.#setRead(day.day, now());
        if (!this.#given.take(this.#options.identityOf(line))) yield line;
      }
      this.#setRead(day.day, now());
      this.#unread.delete(day.day);
      this.#seen.set(day.day, found.get(day.day)!);
    }
    for (const [i, file] of log.ram.entries()) {
      for await (const { line, identity } of this.#newInRam(file, ram[i])) {
        if (!this.#given.take(identity)) yield line;
      }
    }
    this.#given.clear();
    this.#forgetUnread(log);
  }

  /**
   * Moves positions to where they are since lines were taken out of the archive. Days of which that is not known any more
   * are read anew.
   *
   * @returns false when more was taken out since the log was opened: the next look will do
   */
  async #followForgetting({ forgotten: mark }: OpenLog): Promise<boolean> {
    if (mark === this.#forgottenMark) return true;
    const { archiveDir } = this.#options;
    const forgettings = await readForgettings(archiveDir);
    if (forgottenMark(archiveDir) !== mark) return false;
    const last = forgettings.at(-1)?.number ?? 0;
    const known = this.#forgotten ?? last;
    if (forgettings.length > 0 && forgettings[0].number > known + 1) this.#days.clear();
    for (const { number, days } of forgettings) {
      if (number <= known) continue;
      for (const [day, cut] of Object.entries(days)) this.#moveDay(day, cut);
    }
    this.#forgotten = last;
    this.#forgottenMark = mark;
    return true;
  }

  #moveDay(day: string, cut: DayCut): void {
    const read = this.#days.get(day);
    // Nobody has missed what was to be forgotten.
    if (cut.isGone) this.#unread.delete(day);
    if (read === undefined) return;
    const moved = movedPosition([read.gzipBytes, read.plainBytes], cut);
    if (moved === undefined) this.#days.delete(day);
    else this.#days.set(day, { gzipBytes: moved[0], plainBytes: moved[1] });
    this.#otherDays = undefined;
  }

  #setRead(day: string, read: ReadDay): void {
    this.#days.set(day, read);
    if (day === this.#lastDay) return;
    this.#lastDay = day;
    this.#otherDays = undefined;
  }

  /** Notes which days are to be read, and forgets those that have gone. */
  #compareDays(found: ReadonlyMap<string, SeenDay>, { days }: OpenLog): void {
    for (const day of this.#unread) {
      if (!found.has(day)) this.#missed.push(day);
    }
    for (const known of [this.#unread, this.#days, this.#seen]) {
      for (const day of known.keys()) {
        if (!found.has(day)) known.delete(day);
      }
    }
    this.#otherDays = undefined;
    for (const { day } of days) this.#unread.add(day);
  }

  /** Lines behind the place up to which a file was read, which it is then read up to. */
  async *#newInRam({ file, size }: OpenRamFile, read: ReadRamFile) {
    const decoder = new TextDecoder();
    await file.seek(read.readBytes, Deno.SeekMode.Start);
    const source = limitedSource(file, size - read.readBytes);
    for await (const bytes of linesIn(wholeLines(source, { torn: "skip" }))) {
      const line = decoder.decode(bytes);
      const identity = this.#options.identityOf(line);
      read.readBytes += bytes.length + 1;
      read.identities!.push(identity);
      yield { line, identity };
    }
  }

  /** A file of which a part is of a later instant is looked at again, though it stays as it is. */
  #forgetUnread({ days }: OpenLog): void {
    for (const { day, files, plainBytes } of days) {
      const isWhole = files.plain === undefined || plainBytes === this.#seen.get(day)?.plainBytes;
      if (!isWhole) this.#seen.delete(day);
    }
  }

  /**
   * What is known of each file. An inode's number may be given again to another file: then its first line is another
   * one. A file that became shorter was emptied for want of room.
   */
  async #matchRam(files: readonly OpenRamFile[]): Promise<ReadRamFile[]> {
    const matched: ReadRamFile[] = [];
    for (const file of files) {
      const known = this.#ram.find(({ inode }) => inode === file.inode);
      const first = known?.identities?.[0] ?? known?.first;
      const isKnown = known !== undefined && known.readBytes <= file.size &&
        (first === undefined || first === await this.#firstIdentity(file));
      matched.push(isKnown ? await this.#withIdentities(file, known) : newRamFile(file.inode));
    }
    return matched;
  }

  /** What another follower had read of the file. */
  async #withIdentities(file: OpenRamFile, known: ReadRamFile): Promise<ReadRamFile> {
    if (known.identities !== undefined) return known;
    const { readBytes } = known;
    known.readBytes = 0;
    known.identities = [];
    for await (const _ of this.#newInRam({ ...file, size: readBytes }, known));
    return known;
  }

  async #firstIdentity({ file, size }: OpenRamFile): Promise<string | undefined> {
    await file.seek(0, Deno.SeekMode.Start);
    for await (const line of linesIn(wholeLines(limitedSource(file, size), { torn: "skip" }))) {
      return this.#options.identityOf(new TextDecoder().decode(line));
    }
    return undefined;
  }
}

/** Records that were given and lie elsewhere now. */
class Given {
  readonly #counts = new Map<string, number>();

  add(identity: string): void {
    this.#counts.set(identity, (this.#counts.get(identity) ?? 0) + 1);
  }

  /** Whether it was given, as often as this was asked. */
  take(identity: string): boolean {
    const count = this.#counts.get(identity) ?? 0;
    if (count > 0) this.#counts.set(identity, count - 1);
    return count > 0;
  }

  clear(): void {
    this.#counts.clear();
  }
}

/** A file in RAM of which nothing has been read. */
function newRamFile(inode: number | null): ReadRamFile {
  return { inode, readBytes: 0, first: undefined, identities: [] };
}

function isSame(day: ArchiveDay, seen: SeenDay | undefined): boolean {
  return seen !== undefined && day.plainBytes === seen.plainBytes &&
    day.gzipBytes === seen.gzipBytes && day.modifiedMs === seen.modifiedMs;
}

/** All of a day's stream. */
async function wholeOf({ files: { plain, gzip }, plainBytes }: OpenDay): Promise<ReadDay> {
  const gzipBytes = gzip === undefined ? 0 : (await gzip.stat()).size;
  const isTwin = plain !== undefined && gzip !== undefined && await isLastMember(plain, gzip);
  const isPlainRead = plain !== undefined && !isTwin;
  return { gzipBytes, plainBytes: isPlainRead ? await endOfLastLine(plain, plainBytes) : 0 };
}

/** The lines of a day's stream behind what was read, and how far it is read when they are. */
async function newInDay(
  { files, plainBytes }: OpenDay,
  read: ReadDay = { gzipBytes: 0, plainBytes: 0 },
): Promise<{ lines: AsyncGenerator<Uint8Array, void>; now(): ReadDay }> {
  const { plain, gzip } = files;
  const gzipBytes = gzip === undefined ? 0 : (await gzip.stat()).size;
  const isTwin = plain !== undefined && gzip !== undefined && await isLastMember(plain, gzip);
  // What was read of the plain file is the beginning of the members that were made of it since.
  const hasNewMembers = gzip !== undefined && gzipBytes !== read.gzipBytes;
  let plainRead = hasNewMembers || isTwin ? 0 : Math.min(read.plainBytes, plainBytes);
  // As long as they are read, the place is told from where they begin.
  const membersStart = gzip !== undefined && read.gzipBytes <= gzipBytes ? read.gzipBytes : 0;
  let inMembers: number | undefined = hasNewMembers ? read.plainBytes : undefined;
  return {
    lines: async function* () {
      if (hasNewMembers) {
        await gzip.seek(membersStart, Deno.SeekMode.Start);
        await using source = new GunzipSource(gzip);
        let skipped = 0;
        for await (const line of linesIn(wholeLines(source, { torn: "skip" }))) {
          const isRead = skipped < read.plainBytes;
          skipped += line.length + 1;
          if (isRead) continue;
          inMembers = skipped;
          yield line;
        }
        inMembers = undefined;
      }
      if (plain === undefined || isTwin) return;
      await plain.seek(plainRead, Deno.SeekMode.Start);
      const source = limitedSource(plain, plainBytes - plainRead);
      for await (const line of linesIn(wholeLines(source, { torn: "skip" }))) {
        plainRead += line.length + 1;
        yield line;
      }
    }(),
    now: () =>
      inMembers === undefined
        ? { gzipBytes, plainBytes: plain === undefined || isTwin ? 0 : plainRead }
        : { gzipBytes: membersStart, plainBytes: inMembers },
  };
}
