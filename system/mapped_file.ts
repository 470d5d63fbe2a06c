/** Files that are used where they lie: the kernel reads what is looked at, and may forget it again. */

import { cString, loadLibc } from "./native.ts";

const O_RDONLY_CLOEXEC = 0o2000000;
const PROT_READ = 1;
const MAP_PRIVATE = 2;
/** The largest page that Linux has on the machines Deno runs on: an offset that suits it suits them all. */
export const MAP_ALIGNMENT = 64 << 10;

/**
 * A part of a file, mapped into memory for good. Writing to it ends the process, and so does reading what was cut off
 * the file since: for files that nobody changes.
 *
 * @param part `offset` is a multiple of `MAP_ALIGNMENT`
 * @throws {Error} when the file cannot be opened or mapped
 */
export function mapFile(path: string, part: { offset: number; length: number }): Uint8Array {
  const libc = loadLibc();
  const descriptor = libc.open(cString(path), O_RDONLY_CLOEXEC);
  if (descriptor < 0) throw new Error(`cannot open ${path}`);
  const length = BigInt(part.length);
  const offset = BigInt(part.offset);
  const pointer = libc.mmap(null, length, PROT_READ, MAP_PRIVATE, descriptor, offset);
  libc.close(descriptor); // the mapping stays
  if (pointer === null || BigInt.asIntN(64, Deno.UnsafePointer.value(pointer)) === -1n) {
    throw new Error(`cannot map ${part.length} bytes of ${path} into memory`);
  }
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, part.length));
}
