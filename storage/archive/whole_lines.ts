/** Reading a log in bounded pieces without cutting a line in two. */

import type { ByteSource } from "./gzip_file.ts";

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;

/** How a file is read in whole lines. */
export interface WholeLinesOptions {
  /** What becomes of a last line without its newline: it is given one, or left out. @default "end" */
  torn?: "end" | "skip";
}

/**
 * Yields the file, from its position on, as blocks of whole lines, each line ending in `\n`. A block is
 * valid until the next one is asked for. Memory: one block, which is 256 KiB or as long as the longest
 * line.
 */
export async function* wholeLines(
  file: ByteSource,
  { torn = "end" }: WholeLinesOptions = {},
): AsyncGenerator<Uint8Array, void> {
  let buffer = new Uint8Array(CHUNK_BYTES);
  let held = 0; // bytes of a line whose end has not been read yet
  for (;;) {
    if (held === buffer.length) buffer = doubled(buffer);
    const length = await file.read(buffer.subarray(held));
    if (length === null) break;
    const filled = held + length;
    const linesEnd = held + buffer.subarray(held, filled).lastIndexOf(NEWLINE) + 1;
    if (linesEnd === held) {
      held = filled;
      continue;
    }
    yield buffer.subarray(0, linesEnd);
    buffer.copyWithin(0, linesEnd, filled);
    held = filled - linesEnd;
  }
  if (held > 0 && torn === "end") {
    buffer[held] = NEWLINE; // there is room: a full buffer was doubled before the last read
    yield buffer.subarray(0, held + 1);
  }
}

/** The lines of such blocks, without their newlines; views. */
export async function* linesIn(
  blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for await (const block of blocks) {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start);
      yield block.subarray(start, end);
      start = end + 1;
    }
  }
}

/** The first `bytes` bytes of a source. */
export function limitedSource(source: ByteSource, bytes: number): ByteSource {
  let left = bytes;
  return {
    async read(into) {
      if (left === 0) return null;
      const length = await source.read(into.subarray(0, left));
      left -= length ?? 0;
      return length;
    },
  };
}

function doubled(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  return larger;
}
