/**
 * The beginning of a byte stream, put together from pieces in any order: TCP segments, QUIC CRYPTO frames.
 *
 *     0          whole                                limit
 *     |##########|      |#####|   |##|                |
 *      delivered         out of order: wait for what lies before them
 *
 * Where pieces overlap, the bytes that came first stay: a receiver may have read them already, and a piece with other
 * content for the same place is no retransmission but an attempt to be seen otherwise than received.
 */

import type { InspectorBudget } from "./inspector_budget.ts";

/** A ClientHello with two post-quantum key shares takes 3 KB, a request head with large cookies 8 KB. */
const STREAM_HEAD_LIMIT = 16 << 10;
/** Doubled when it does not suffice; a segment of an Ethernet fits. */
const FIRST_BUFFER_BYTES = 2 << 10;
/** Beyond so many ranges, what comes out of order is dropped; a hello in 33 pieces that came in the worst order is no loss. */
const MAX_OUT_OF_ORDER = 32;

/** Bytes that came before the ones in front of them: `[start, end)`. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The first 16 KiB of one stream. Takes its memory from a budget, to which `release()` gives it back. */
export class StreamHead implements Disposable {
  readonly #budget: InspectorBudget;
  #buffer = new Uint8Array(0);
  #wholeLength = 0;
  /** In order, apart from one another and from the whole part. */
  #outOfOrder: ByteRange[] = [];

  constructor(budget: InspectorBudget) {
    this.#budget = budget;
  }

  /** The bytes from the stream's first one on that are there without a gap. A view, valid until the next call. */
  get contiguous(): Uint8Array {
    return this.#buffer.subarray(0, this.#wholeLength);
  }

  /** No piece can make `contiguous` longer. */
  get isFull(): boolean {
    return this.#wholeLength === STREAM_HEAD_LIMIT;
  }

  /**
   * Adds a piece, which is copied, at its offset from the stream's first byte; what lies before that byte or beyond
   * the limit is left out. Returns `false` when the budget had no room for it.
   */
  add(offset: number, bytes: Uint8Array): boolean {
    const start = Math.max(offset, this.#wholeLength);
    const end = Math.min(offset + bytes.length, STREAM_HEAD_LIMIT);
    if (start >= end) return true;
    const touched = this.#outOfOrder.filter((range) => range.start <= end && range.end >= start);
    const isNewRange = touched.length === 0 && start > this.#wholeLength;
    if (isNewRange && this.#outOfOrder.length === MAX_OUT_OF_ORDER) return true;
    if (!this.#reserve(end)) return false;

    let copied = start;
    for (const range of touched) {
      this.#copy(offset, bytes, { start: copied, end: range.start });
      copied = Math.max(copied, range.end);
    }
    this.#copy(offset, bytes, { start: copied, end });
    this.#join({ start, end: Math.max(copied, end) }, touched);
    return true;
  }

  /** Gives the memory back to the budget. What was added is gone. */
  release(): void {
    this.#budget.giveBack(this.#buffer.length);
    this.#buffer = new Uint8Array(0);
    this.#wholeLength = 0;
    this.#outOfOrder = [];
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #copy(offset: number, bytes: Uint8Array, { start, end }: ByteRange): void {
    if (start < end) this.#buffer.set(bytes.subarray(start - offset, end - offset), start);
  }

  /** Joins a piece with the ranges that it touches, and with the contiguous part where it touches that. */
  #join(piece: ByteRange, touched: readonly ByteRange[]): void {
    if (piece.start === this.#wholeLength) {
      this.#wholeLength = piece.end;
    } else {
      const start = Math.min(piece.start, touched[0]?.start ?? piece.start);
      this.#outOfOrder.push({ start, end: piece.end });
    }
    this.#outOfOrder = this.#outOfOrder
      .filter((range) => !touched.includes(range))
      .sort((a, b) => a.start - b.start);
  }

  #reserve(end: number): boolean {
    const held = this.#buffer.length;
    if (end <= held) return true;
    let size = Math.max(held, FIRST_BUFFER_BYTES);
    while (size < end) size *= 2;
    if (!this.#budget.take(size - held)) return false;
    const larger = new Uint8Array(size);
    larger.set(this.#buffer);
    this.#buffer = larger;
    return true;
  }
}
