/**
 * Memory that is a view of a file: the program's own code and constants, its libraries, its tables. Starting touches
 * 70 MB of it; capturing then needs 20, and what is done now and then as much again.
 */

import { loadLibc } from "./native.ts";
import { readSystemFile } from "./system_file.ts";

const MADV_DONTNEED = 4;
/** proc(5), smaps: a mapping of a file (its inode is not 0) that is private and may not be written to. */
const READ_ONLY_FILE = /^([0-9a-f]+)-([0-9a-f]+) r-.p [0-9a-f]+ \S+ [1-9]/;
/** Nothing in it was ever written: some parts are, and made read-only afterwards, as is what the linker relocates. */
const NEVER_WRITTEN = /^Anonymous: +0 kB$/m;

/**
 * Takes out of this process's memory what can be read again from its files. The kernel keeps it in its cache for as long
 * as it has no better use for that memory, and maps what is touched again, 64 KB at a time: from the cache, at less than
 * a microsecond each, or else from the disk. So it lessens what the process is seen to hold, and what the kernel must
 * first take away from it before it can use it otherwise; it does not make the cache smaller. 4 ms.
 */
export function releaseFilePages(): void {
  const libc = loadLibc();
  const mappings = (readSystemFile("/proc/self/smaps") ?? "").split(/^(?=[0-9a-f]+-)/m);
  for (const mapping of mappings) {
    const range = READ_ONLY_FILE.exec(mapping);
    if (range === null || !NEVER_WRITTEN.test(mapping)) continue;
    const [begin, end] = [BigInt(`0x${range[1]}`), BigInt(`0x${range[2]}`)];
    libc.madvise(Deno.UnsafePointer.create(begin), end - begin, MADV_DONTNEED);
  }
}

/** What is resident of such memory, and of the rings that packets come in, bytes: proc(5), status. */
export function residentFileBytes(): number {
  const kb = /^RssFile:\s*(\d+) kB$/m.exec(readSystemFile("/proc/self/status") ?? "")?.[1];
  return 1024 * Number(kb ?? 0);
}
