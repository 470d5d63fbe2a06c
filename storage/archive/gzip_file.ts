/** Files in gzip members (RFC 1952), one after the other, as `zcat` reads them. */

import { Readable } from "node:stream";
import { crc32, createGunzip, createGzip } from "node:zlib";
import { writeAll } from "../../system/files/write_all.ts";

const CHUNK_BYTES = 64 * 1024;
/** RFC 1952 section 2.3.1: a member ends with the CRC-32 and the length of what it holds. */
const TRAILER_BYTES = 8;

/** Something that is read like a file. */
export interface ByteSource {
  /** Reads into `bytes`; how many, or null at the end. */
  read(bytes: Uint8Array): Promise<number | null>;
}

/** Compresses what is left of `source` to one member at the position of `target`. @returns its bytes */
export async function appendMember(
  source: ByteSource,
  target: Deno.FsFile,
  level: number,
): Promise<number> {
  let written = 0;
  for await (const bytes of through(createGzip({ level }), source)) {
    await writeAll(target, bytes);
    written += bytes.length;
  }
  return written;
}

/** Reads a file of members as one text. */
export class GunzipSource implements ByteSource {
  readonly #chunks: AsyncGenerator<Uint8Array, void>;
  #rest: Uint8Array = new Uint8Array(0);

  /** Reads `file` from its position on; it stays the caller's. */
  constructor(file: Deno.FsFile) {
    this.#chunks = through(createGunzip(), file);
  }

  /** @throws {Error} where the file is damaged or cut short. */
  async read(bytes: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return null;
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, bytes.length);
    bytes.set(taken);
    this.#rest = this.#rest.subarray(taken.length);
    return taken.length;
  }

  /** Lets go of what is being read. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return();
  }
}

/** Whether the last member of `gzip` holds exactly what `plain` holds, by length and CRC-32. */
export async function isLastMember(plain: Deno.FsFile, gzip: Deno.FsFile): Promise<boolean> {
  const { size } = await gzip.stat();
  if (size <= TRAILER_BYTES) return false;
  await gzip.seek(size - TRAILER_BYTES, Deno.SeekMode.Start);
  const trailer = new Uint8Array(TRAILER_BYTES);
  if (await readFull(gzip, trailer) < TRAILER_BYTES) return false;
  const [crc, length] = [0, 4].map((at) => new DataView(trailer.buffer).getUint32(at, true));
  if ((await plain.stat()).size % 2 ** 32 !== length) return false;
  await plain.seek(0, Deno.SeekMode.Start);
  let sum = 0;
  for await (const bytes of chunksOf(plain)) sum = crc32(bytes, sum);
  return sum === crc;
}

/** How the members that `appendMember()` writes begin: no name, no time; then the level's mark and the system's. */
const MEMBER_HEAD = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);

/** Where a member ends: bytes of the file, and of what all members up to there hold. */
export type MemberEnd = readonly [bytes: number, held: number];

/**
 * The ends of a file's members but the last, by how `appendMember()` writes them: that compressed data looks like the
 * beginning of one happens once in 2^64 bytes. Members of other programs are taken as part of the one before.
 */
export async function memberEnds(file: Deno.FsFile): Promise<MemberEnd[]> {
  const ends: MemberEnd[] = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  const overlap = TRAILER_BYTES + MEMBER_HEAD.length;
  let held = 0;
  await file.seek(0, Deno.SeekMode.Start);
  for (let [from, kept] = [0, 0];;) {
    const length = await file.read(chunk.subarray(kept));
    if (length === null) return ends;
    const filled = kept + length;
    // The first one begins the file, and ends nothing.
    const first = from === 0 ? TRAILER_BYTES : 0;
    for (let at = first; at + MEMBER_HEAD.length <= filled; at++) {
      if (at < TRAILER_BYTES || chunk[at] !== MEMBER_HEAD[0]) continue;
      if (!MEMBER_HEAD.every((byte, i) => chunk[at + i] === byte)) continue;
      const bytes = from + at;
      if (ends.at(-1)?.[0] === bytes) continue;
      held += new DataView(chunk.buffer).getUint32(at - 4, true);
      ends.push([bytes, held]);
    }
    kept = Math.min(overlap, filled);
    chunk.copyWithin(0, filled - kept, filled);
    from += filled - kept;
  }
}

async function* through(
  codec: ReturnType<typeof createGzip> | ReturnType<typeof createGunzip>,
  file: ByteSource,
): AsyncGenerator<Uint8Array, void> {
  const source = Readable.from(chunksOf(file));
  source.on("error", (error) => codec.destroy(error));
  try {
    yield* source.pipe(codec);
  } finally {
    codec.destroy();
    // What is being read of the file comes to its end before the caller closes it.
    await new Promise<unknown>((closed) =>
      source.closed ? closed(true) : source.once("close", closed).destroy()
    );
  }
}

async function* chunksOf(file: ByteSource): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const bytes = new Uint8Array(CHUNK_BYTES);
    const length = await file.read(bytes);
    if (length === null) return;
    yield bytes.subarray(0, length);
  }
}

async function readFull(file: Deno.FsFile, bytes: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const length = await file.read(bytes.subarray(filled));
    if (length === null) break;
    filled += length;
  }
  return filled;
}
