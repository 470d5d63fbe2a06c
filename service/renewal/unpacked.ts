/** Files on the way: unpacking, sums, making them last. */

import { createHash } from "node:crypto";
import { writeAll } from "../../system/files/write_all.ts";
import { createOwn, openOwn } from "../../system/files/own_file.ts";

/** What is unpacked may have so many bytes: a small file can unpack to any size. */
const MAX_BYTES = 2e9;

/** Unpacks gzip from one file into another, durably. @throws when it is damaged, or there is no room */
export async function unpack(packedPath: string, path: string): Promise<void> {
  using packed = await openOwn(packedPath);
  using file = await createOwn(path, 0o640);
  let bytes = 0;
  for await (const piece of packed.readable.pipeThrough(new DecompressionStream("gzip"))) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new RangeError("it unpacks to more than 2 GB");
    await writeAll(file, piece);
  }
  await file.sync();
}

/** SHA-256 of a file, hexadecimal, a piece at a time; `undefined` where there is none. */
export async function sha256Of(path: string): Promise<string | undefined> {
  let file: Deno.FsFile;
  try {
    file = await openOwn(path);
  } catch {
    return undefined;
  }
  const hash = createHash("sha256");
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

/** Makes what was written to a file last over a power cut. */
export async function syncFile(path: string): Promise<void> {
  using file = await openOwn(path, { write: true });
  await file.sync();
}
