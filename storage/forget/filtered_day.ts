/** A day of the archive without some of its lines: new files, staged beside the old ones. */

import { archivePath } from "../archive/archive.ts";
import { gzipPath } from "../archive/archive_days.ts";
import { openIfThere } from "../archive/day_compression.ts";
import { appendMember, type ByteSource, GunzipSource, memberEnds } from "../archive/gzip_file.ts";
import { linesIn, wholeLines } from "../archive/whole_lines.ts";
import { createOwn } from "../../system/files/own_file.ts";
import { writeAll } from "../../system/files/write_all.ts";
import { type Exchanged, stagedPath } from "./exchange.ts";
import { CutList, type FileCut } from "./position_map.ts";

/** Whether a line, given without its newline, goes; a view, valid until it returns. */
export type IsForgotten = (line: Uint8Array) => boolean;

/** What becomes of a day. */
export interface FilteredDay {
  readonly day: string;
  readonly files: readonly Exchanged[];
  /** Lines that go, and their bytes, uncompressed. */
  readonly lines: number;
  readonly bytes: number;
  /** Bytes that were written. */
  readonly writtenBytes: number;
  readonly gzip: FileCut | undefined;
  readonly plain: FileCut | undefined;
}

const MODE = 0o640;
const NEWLINE = new Uint8Array([0x0a]);

/**
 * Stages a day without the lines that go; nothing is staged of a file of which none goes. A torn last line, as a power
 * loss leaves it, goes too. Memory is bounded by a block of lines.
 *
 * @throws what the failing file call throws; what was staged by then stays for `removeStaged()`
 */
export async function filterDay(
  archiveDir: string,
  day: string,
  options: { readonly isForgotten: IsForgotten; readonly level: number },
): Promise<FilteredDay> {
  const gzip = await filterGzip(gzipPath(archiveDir, day), options);
  const plain = await filterPlain(archivePath(archiveDir, day), options);
  const parts = [gzip, plain].filter((part) => part !== undefined);
  const sum = (field: "lines" | "bytes" | "writtenBytes") =>
    parts.reduce((all, part) => all + part[field], 0);
  return {
    day,
    files: parts.flatMap(({ exchanged }) => exchanged),
    lines: sum("lines"),
    bytes: sum("bytes"),
    writtenBytes: sum("writtenBytes"),
    gzip: gzip?.cut,
    plain: plain?.cut,
  };
}

interface FilteredFile {
  readonly exchanged: readonly Exchanged[];
  readonly lines: number;
  readonly bytes: number;
  readonly writtenBytes: number;
  readonly cut: FileCut;
}

async function filterPlain(
  path: string,
  { isForgotten }: { isForgotten: IsForgotten },
): Promise<FilteredFile | undefined> {
  using old = await openIfThere(path);
  if (old === undefined) return undefined;
  const cuts = new CutList();
  using target = await createOwn(stagedPath(path), MODE);
  const kept = new KeptLines(old, isForgotten, cuts);
  for (let chunk = await kept.next(); chunk !== undefined; chunk = await kept.next()) {
    await writeAll(target, chunk);
  }
  return await staged({ path, old, target, kept, before: kept.readBytes, after: kept.keptBytes });
}

async function filterGzip(
  path: string,
  { isForgotten, level }: { isForgotten: IsForgotten; level: number },
): Promise<FilteredFile | undefined> {
  using old = await openIfThere(path);
  if (old === undefined) return undefined;
  const cuts = new CutList();
  using target = await createOwn(stagedPath(path), MODE);
  await using source = new GunzipSource(old);
  const kept = new KeptLines(source, isForgotten, cuts);
  const after = await appendMember(kept.asSource(), target, level);
  const before = (await old.stat()).size;
  const filtered = await staged({ path, old, target, kept, before, after });
  if (filtered === undefined) return undefined;
  return { ...filtered, cut: { ...filtered.cut, members: await memberEnds(old) } };
}

/** What became of a file, whose new content is synced where it has one. */
async function staged(
  { path, old, target, kept, before, after }: {
    path: string;
    old: Deno.FsFile;
    target: Deno.FsFile;
    kept: KeptLines;
    before: number;
    after: number;
  },
): Promise<FilteredFile | undefined> {
  const { lines, bytes, cuts } = kept;
  if (lines === 0) {
    await Deno.remove(stagedPath(path));
    return undefined;
  }
  const isGone = kept.keptBytes === 0;
  if (isGone) await Deno.remove(stagedPath(path));
  else {
    // The age that retention looks at is that of the lines.
    const { mtime } = await old.stat();
    await target.sync();
    if (mtime !== null) await target.utime(mtime, mtime);
  }
  return {
    exchanged: isGone ? [{ remove: path }] : [{ replace: path }],
    lines,
    bytes,
    writtenBytes: isGone ? 0 : after,
    cut: {
      before,
      after: isGone ? 0 : after,
      stream: kept.readBytes,
      cuts: cuts.ranges,
    },
  };
}

/** Lines that stay, in chunks, and the count of those that go. */
class KeptLines {
  lines = 0;
  bytes = 0;
  /** Bytes of whole lines that were read, and of those that stay. */
  readBytes = 0;
  keptBytes = 0;
  readonly cuts: CutList;
  readonly #blocks: AsyncGenerator<Uint8Array, void>;
  readonly #isForgotten: IsForgotten;

  constructor(source: ByteSource, isForgotten: IsForgotten, cuts: CutList) {
    this.#blocks = wholeLines(source, { torn: "skip" });
    this.#isForgotten = isForgotten;
    this.cuts = cuts;
  }

  /** The next lines that stay, valid until the next call; may be empty. `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const { value: block, done } = await this.#blocks.next();
    if (done) return undefined;
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const line of linesIn([block] as unknown as AsyncIterable<Uint8Array>)) {
      const bytes = line.length + 1;
      if (this.#isForgotten(line)) {
        this.lines++;
        this.bytes += bytes;
        this.cuts.add(this.readBytes, bytes);
      } else {
        parts.push(line, NEWLINE);
        length += bytes;
      }
      this.readBytes += bytes;
    }
    this.keptBytes += length;
    if (length === block.length) return block;
    const kept = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      kept.set(part, at);
      at += part.length;
    }
    return kept;
  }

  asSource(): ByteSource {
    let rest: Uint8Array = new Uint8Array(0);
    return {
      read: async (bytes) => {
        while (rest.length === 0) {
          const chunk = await this.next();
          if (chunk === undefined) return null;
          rest = chunk;
        }
        const taken = rest.subarray(0, bytes.length);
        bytes.set(taken);
        rest = rest.subarray(taken.length);
        return taken.length;
      },
    };
  }
}
