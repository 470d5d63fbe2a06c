/**
 * Reading the archive back, plain or compressed, one day or many, while a logger writes to it.
 *
 * The plain file is opened before the compressed one, and both before either is read: compression first
 * puts the compressed file in place and then removes the plain one, so that a reader sees each line in
 * one of the two. A plain file that is the twin of the last member (see `day_compression.ts`) is passed
 * over, and so is a last line whose end has not been written yet.
 */

import { archivePath } from "./archive.ts";
import { gzipPath } from "./archive_days.ts";
import { openIfThere } from "./day_compression.ts";
import { GunzipSource, isLastMember } from "./gzip_file.ts";
import { osReason } from "../../system/files/os_error.ts";
import { limitedSource, wholeLines } from "./whole_lines.ts";

/** The open files of a day. */
export interface DayFiles extends Disposable {
  /** For messages. */
  readonly plainPath: string;
  readonly gzipPath: string;
  /** Undefined where there is none. */
  readonly plain: Deno.FsFile | undefined;
  readonly gzip: Deno.FsFile | undefined;
}

/** Opens what there is of a day. @throws {Error} which file could not be opened and why */
export async function openDay(archiveDir: string, day: string): Promise<DayFiles> {
  const paths = { plain: archivePath(archiveDir, day), gzip: gzipPath(archiveDir, day) };
  using opened = new DisposableStack();
  const open = async (path: string) => {
    const file = await openIfThere(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    return opened.use(file);
  };
  const plain = await open(paths.plain);
  const gzip = await open(paths.gzip);
  const kept = opened.move();
  return {
    plainPath: paths.plain,
    gzipPath: paths.gzip,
    plain,
    gzip,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/**
 * The lines of a day's files, once, in blocks as `wholeLines()` gives them; of the plain file only those in its first
 * `plainBytes`.
 */
export async function* dayFilesBlocks(
  files: DayFiles,
  plainBytes = Infinity,
): AsyncGenerator<Uint8Array, void> {
  const { plain, gzip } = files;
  let hasTwin = false;
  if (gzip !== undefined) {
    hasTwin = plain !== undefined && await isLastMember(plain, gzip);
    await gzip.seek(0, Deno.SeekMode.Start);
    await using source = new GunzipSource(gzip);
    yield* named(files.gzipPath, wholeLines(source, { torn: "skip" }));
  }
  if (plain !== undefined && !hasTwin) {
    await plain.seek(0, Deno.SeekMode.Start);
    const source = limitedSource(plain, plainBytes);
    yield* named(files.plainPath, wholeLines(source, { torn: "skip" }));
  }
}

/** Names the file in what goes wrong with it. */
async function* named<T>(path: string, lines: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* lines;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  const advice = cause instanceof Deno.errors.PermissionDenied
    ? "Run as the user that the logger runs as, or as a member of its group"
    : "Restore it from a copy, or move it away to read the other days";
  return new Error(`reading the archive file ${path}: ${osReason(cause)}. ${advice}`, { cause });
}
