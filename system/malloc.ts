/** The C library's malloc, in a program that runs for months and whose many threads are seldom busy. */

import { loadLibc } from "./native.ts";

/** mallopt(3) */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;
/** Both thresholds' first value, which malloc otherwise raises to as much as 64 MB. */
const THRESHOLD_BYTES = 128 << 10;

/**
 * Has it give back to the kernel what is freed, and no thread more get an arena of its own: with everything full
 * (`scripts/dev.sh bench memory`) that takes 7 MB off.
 */
export function keepMallocSmall(): void {
  const libc = loadLibc();
  libc.mallopt(M_ARENA_MAX, 1);
  libc.mallopt(M_MMAP_THRESHOLD, THRESHOLD_BYTES);
  libc.mallopt(M_TRIM_THRESHOLD, THRESHOLD_BYTES);
}

/**
 * Gives back what is free between what is in use, in all arenas: 6 MB more, most of it left behind by V8's compiler.
 * 1 to 3 ms.
 */
export function trimMalloc(): void {
  loadLibc().malloc_trim(0n);
}
