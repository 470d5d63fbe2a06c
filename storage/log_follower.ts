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
 * Nothing stays open between looks: a follower that sleeps keeps no memory of the tmpfs.
 */

import type { ArchiveDay } from "./archive/archive_days.ts";
import { endOfLastLine } from "./archive/archive.ts";
import { GunzipSource, isLastMember } from "./archive/gzip_file.ts";
import { limitedSource, linesIn, wholeLines } from "./archive/whole_lines.ts";
import {
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
}

/** How far a file of the RAM log was read. */
interface ReadRamFile {
  readonly inode: number | null;
  readBytes: number;
  /** Of the lines that were read. */
  readonly identities: string[];
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
  #seen = new Map<string, SeenDay>();
  #ram: ReadRamFile[] = [];

  /** Nothing is read before the first call. */
  constructor(options: FollowOptions) {
    this.#options = options;
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
    for (const day of log.days) this.#days.set(day.day, await wholeOf(day));
    this.#forgetUnread(log);
    this.#ram = await Promise.all(log.ram.map(async (file) => {
      const read = { inode: file.inode, readBytes: 0, identities: [] };
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
   * The lines that were not given before, without their newlines, oldest first; at the first call everything. Each call
   * is to be read to its end, one at a time.
   *
   * @throws {Error} which file could not be read and why
   */
  async *lines(): AsyncGenerator<string, void> {
    const seen = new Map<string, SeenDay>();
    const { ramLogPath, archiveDir } = this.#options;
    using log = await openLog({ ramLogPath, archiveDir }, (day) => {
      seen.set(day.day, day);
      return !isSame(day, this.#seen.get(day.day));
    });
    const given = new Given();
    const decoder = new TextDecoder();
    const ram = await this.#matchRam(log.ram);
    for (const { identities } of this.#ram.filter((file) => !ram.includes(file))) {
      for (const identity of identities) given.add(identity);
    }
    for (const day of log.days) {
      const read = this.#days.get(day.day);
      const { lines, now } = await newInDay(day, read);
      for await (const bytes of lines) {
        const line = decoder.decode(bytes);
        if (!given.take(this.#options.identityOf(line))) yield line;
      }
      this.#days.set(day.day, now());
    }
    for (const [i, file] of log.ram.entries()) {
      for await (const { line, identity } of this.#newInRam(file, ram[i])) {
        if (!given.take(identity)) yield line;
      }
    }
    this.#ram = ram;
    this.#seen = seen;
    this.#forgetUnread(log);
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
      read.identities.push(identity);
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
      const isKnown = known !== undefined && known.readBytes <= file.size &&
        (known.identities.length === 0 || known.identities[0] === await this.#firstIdentity(file));
      matched.push(isKnown ? known : { inode: file.inode, readBytes: 0, identities: [] });
    }
    return matched;
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
  return {
    lines: async function* () {
      if (hasNewMembers) {
        await gzip.seek(read.gzipBytes <= gzipBytes ? read.gzipBytes : 0, Deno.SeekMode.Start);
        await using source = new GunzipSource(gzip);
        let skipped = 0;
        for await (const line of linesIn(wholeLines(source, { torn: "skip" }))) {
          const isRead = skipped < read.plainBytes;
          skipped += line.length + 1;
          if (!isRead) yield line;
        }
      }
      if (plain === undefined || isTwin) return;
      await plain.seek(plainRead, Deno.SeekMode.Start);
      const source = limitedSource(plain, plainBytes - plainRead);
      for await (const line of linesIn(wholeLines(source, { torn: "skip" }))) {
        plainRead += line.length + 1;
        yield line;
      }
    }(),
    now: () => ({ gzipBytes, plainBytes: plain === undefined || isTwin ? 0 : plainRead }),
  };
}
