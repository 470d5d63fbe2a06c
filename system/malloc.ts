/** The C library's malloc, in a program that runs for months and whose many threads are seldom busy. */

import { loadLibc } from "./native.ts";

/** mallopt(3) */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;
/** The value that both thresholds begin with. Unless it is set, malloc raises it by itself, up to 64 MB. */
const THRESHOLD_BYTES = 128 << 10;

/**
 * Returns freed memory to the kernel at once, and keeps one arena for all threads: 7 MB less with everything full
 * (`scripts/dev.sh bench memory`).
 */
export function keepMallocSmall(): void {
  const libc = loadLibc();
  libc.mallopt(M_ARENA_MAX, 1);
  libc.mallopt(M_MMAP_THRESHOLD, THRESHOLD_BYTES);
  libc.mallopt(M_TRIM_THRESHOLD, THRESHOLD_BYTES);
}

/**
 * Returns to the kernel the free pages between blocks in use, in all arenas: 6 MB more, most of them left by V8's
 * compiler. Takes 1 to 3 ms.
 */
export function trimMalloc(): void {
  loadLibc().malloc_trim(0n);
}
