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
  source: Deno.FsFile,
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

async function* through(
  codec: ReturnType<typeof createGzip> | ReturnType<typeof createGunzip>,
  file: Deno.FsFile,
): AsyncGenerator<Uint8Array, void> {
  const source = Readable.from(chunksOf(file));
  source.on("error", (error) => codec.destroy(error));
  try {
    yield* source.pipe(codec);
  } finally {
    source.destroy();
    codec.destroy();
  }
}

async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array, void> {
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
