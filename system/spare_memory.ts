/**
 * Memory that this process holds and can do without: pages of mapped files, free memory that malloc keeps, and garbage
 * that V8 sees no need to collect.
 */

import { sleep } from "./clock.ts";
import { releaseFilePages, residentFileBytes } from "./file_pages.ts";
import { keepMallocSmall, trimMalloc } from "./malloc.ts";

/**
 * Bytes of file pages that may become resident again before they are released anew. A busy logger touches 15 MB of them
 * each second. With everything full it releases them about every three seconds, in 6 ms; its median is 6 MB lower than
 * with a growth of 24 MB.
 */
const GROWTH_BYTES = 20e6;

/** How often a program that is not in a hurry looks, and after how many looks it releases in any case. */
const LOOK_MS = 1000;
const LOOKS = 60;

/** A heap of less is let alone, and one that has grown by less than so much of what was left of it the last time. */
const HEAP_BYTES = 24e6;
const HEAP_GROWTH = 1.4;

/** Releases spare memory. */
export class SpareMemory {
  readonly #growthBytes: number;
  #leastFileBytes = Infinity;
  #leastHeapBytes = 0;

  constructor(growthBytes = GROWTH_BYTES) {
    this.#growthBytes = growthBytes;
  }

  /** Releases it now: call this when the start is over, and then about once a minute. */
  release(): void {
    trimMalloc();
    releaseFilePages();
    this.#leastFileBytes = residentFileBytes();
  }

  /** Releases it once so many file pages have come back since the last release. The check takes 0.02 ms. */
  releaseIfGrown(): void {
    if (residentFileBytes() > this.#leastFileBytes + this.#growthBytes) this.release();
  }

  /** Collects garbage once there is much of it, in 10 ms, and has malloc return what is free, in 2 ms. */
  collectIfGrown(): void {
    const { heapUsed } = Deno.memoryUsage();
    if (heapUsed > Math.max(HEAP_BYTES, this.#leastHeapBytes * HEAP_GROWTH)) {
      gc?.();
      this.#leastHeapBytes = Deno.memoryUsage().heapUsed;
    }
    trimMalloc();
  }
}

/** What `--expose-gc` gives an executable (`scripts/compile.ts`). */
const { gc } = globalThis as { gc?: () => void };

/** Releases it now, as it has grown, and once a minute: most of a program's file is touched by its start alone. */
export async function keepReleasing(stop: AbortSignal): Promise<void> {
  keepMallocSmall();
  const spare = new SpareMemory();
  for (let looks = 0; !stop.aborted; looks++) {
    if (looks % LOOKS === 0) spare.release();
    else spare.releaseIfGrown();
    await sleep(LOOK_MS, stop);
  }
}
