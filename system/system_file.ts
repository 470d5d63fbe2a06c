/**
 * Files of `/proc` and `/sys`, read through the C library: Deno itself reads them only for a program that may do
 * everything, and this one is given less.
 */

import { cString, loadLibc } from "./native.ts";

const O_RDONLY_CLOEXEC = 0o2000000;
/** A routing table of a thousand entries has a tenth of it. */
const MAX_BYTES = 1 << 20;
/** One for all reads: of new ones, two a second, so much garbage comes that an idle program collects it all the time. */
const CHUNK = new Uint8Array(16 << 10);

/** The text of such a file, at most its first megabyte; `undefined` when it is not there or cannot be read. */
export function readSystemFile(path: string): string | undefined {
  const libc = loadLibc();
  const descriptor = libc.open(cString(path), O_RDONLY_CLOEXEC);
  if (descriptor < 0) return undefined;
  try {
    const decoder = new TextDecoder();
    let text = "";
    while (text.length < MAX_BYTES) {
      const length = Number(libc.read(descriptor, CHUNK, BigInt(CHUNK.length)));
      if (length < 0) return undefined;
      if (length === 0) break;
      text += decoder.decode(CHUNK.subarray(0, length), { stream: true });
    }
    return text;
  } finally {
    libc.close(descriptor);
  }
}
