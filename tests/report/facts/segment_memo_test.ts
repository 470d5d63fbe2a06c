import fc from "fast-check";
import { HASH_START, hashByte, SegmentMemo } from "../../../report/facts/segment_memo.ts";
import { assert, assertEquals } from "../../assert.ts";

const encoder = new TextEncoder();

function ask(memo: SegmentMemo, text: string): number {
  // Not at the beginning of its buffer, nor of the block.
  const block = encoder.encode(`..${text}..`).subarray(1);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const to = block.length - 2;
  let hash = HASH_START;
  for (let at = 1; at < to; at++) hash = hashByte(hash, block[at]);
  return memo.numberOf(view, 1, to, hash);
}

Deno.test("`SegmentMemo` gives each piece the number that was made for it, and makes it once", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary", maxLength: 9 })), (texts) => {
    const made: string[] = [];
    const memo = new SegmentMemo((text) => made.push(text) - 1);
    for (const text of [...texts, ...texts]) assertEquals(made[ask(memo, text)], text);
    assertEquals(made.length, new Set(texts).size);
  }));
});

Deno.test("`SegmentMemo` forgets when it is full, and goes on", () => {
  for (const bounds of [{ maxSegments: 100 }, { maxBytes: 500 }]) {
    const made: string[] = [];
    const memo = new SegmentMemo((text) => made.push(text) - 1, bounds);
    const texts = Array.from({ length: 5000 }, (_, i) => `piece ${i % 700}`);
    for (const text of texts) assertEquals(made[ask(memo, text)], text);
    assert(made.length > 700);
  }
});

Deno.test("`SegmentMemo` tells pieces of one hash apart", () => {
  const memo = new SegmentMemo((text) => text.length);
  const [one, other] = ["abc", "abcdef"].map((text) => {
    const bytes = encoder.encode(text);
    return () => memo.numberOf(new DataView(bytes.buffer), 0, bytes.length, 7);
  });
  assertEquals([one(), other(), one(), other()], [3, 6, 3, 6]);
});
