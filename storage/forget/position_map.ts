/**
 * Where a reader stands in a day from which lines were taken out. A position in a day is how many bytes of its compressed
 * file were read, all of them, and how many bytes of lines behind those (`log_follower.ts`); both change when lines in
 * front of it go.
 */

import type { MemberEnd } from "../archive/gzip_file.ts";

/** What was taken out of one file. */
export interface FileCut {
  /** Bytes of the file before and after; after 0 it is gone. */
  readonly before: number;
  readonly after: number;
  /** Bytes of its lines before, uncompressed. */
  readonly stream: number;
  /** Of a compressed file of several members, where all but the last one ended. */
  readonly members?: readonly MemberEnd[];
  /** Bytes of lines that went: where they began, and how many, in order. Absent: not kept. */
  readonly cuts?: readonly CutRange[];
}

export type CutRange = readonly [at: number, bytes: number];

/** What was taken out of a day; absent of a file from which nothing was. */
export interface DayCut {
  /** Bytes of the compressed file before; 0 without one. */
  readonly gzipBytes: number;
  readonly gzip?: FileCut;
  readonly plain?: FileCut;
  /** Whether nothing is left of it. */
  readonly isGone?: boolean;
}

/** Bytes of a compressed file, all of which were read, and of the lines behind them. */
export type DayPosition = readonly [gzipBytes: number, plainBytes: number];

/** Collects what goes; ranges that touch are one. */
export class CutList {
  readonly #ranges: [number, number][] = [];

  add(at: number, bytes: number): void {
    const last = this.#ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === at) last[1] += bytes;
    else this.#ranges.push([at, bytes]);
  }

  get ranges(): readonly CutRange[] {
    return this.#ranges;
  }
}

/**
 * The position behind the same lines as before, those that went left out; `undefined` where that is not known any more:
 * then the day is to be read anew.
 */
export function movedPosition(
  [gzipBytes, plainBytes]: DayPosition,
  { gzipBytes: gzipBefore, gzip, plain }: DayCut,
): DayPosition | undefined {
  if (gzipBytes === gzipBefore) {
    const moved = plain === undefined ? plainBytes : keptBefore(plainBytes, plain);
    return moved === undefined ? undefined : [gzip?.after ?? gzipBytes, moved];
  }
  // The file was shorter then, or there was none, and what was read behind it is in it now.
  if (gzip === undefined) return [gzipBytes, plainBytes];
  const members = gzipBytes === 0 ? 0 : gzip.members?.find(([bytes]) => bytes === gzipBytes)?.[1];
  const moved = members === undefined ? undefined : keptBefore(members + plainBytes, gzip);
  return moved === undefined ? undefined : [0, moved];
}

/** How many of a file's first `bytes` bytes of lines stay. */
function keptBefore(bytes: number, { stream, cuts }: FileCut): number | undefined {
  if (bytes === 0) return 0;
  if (cuts === undefined || bytes > stream) return undefined;
  let gone = 0;
  for (const [at, length] of cuts) {
    if (at >= bytes) break;
    gone += Math.min(length, bytes - at);
  }
  return bytes - gone;
}
