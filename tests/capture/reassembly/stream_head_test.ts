import fc from "fast-check";
import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import { StreamHead } from "../../../capture/reassembly/stream_head.ts";
import { assert, assertEquals } from "../../assert.ts";
import { text } from "../wire/build_bytes.ts";

const LIMIT = 16 << 10;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What a stream head holds after pieces of text at offsets. */
function contiguousAfter(...pieces: readonly (readonly [offset: number, piece: string])[]): string {
  using head = new StreamHead(new InspectorBudget());
  for (const [offset, piece] of pieces) assert(head.add(offset, text(piece)));
  return textOf(head.contiguous);
}

Deno.test("StreamHead puts pieces in order, whatever order they come in", () => {
  assertEquals(contiguousAfter([0, "abc"], [3, "def"]), "abcdef");
  assertEquals(contiguousAfter([3, "def"], [0, "abc"]), "abcdef");
  assertEquals(contiguousAfter([6, "g"], [3, "def"], [0, "abc"]), "abcdefg");
});

Deno.test("StreamHead gives nothing behind a gap", () => {
  assertEquals(contiguousAfter([3, "def"]), "");
  assertEquals(contiguousAfter([0, "ab"], [3, "def"]), "ab");
});

Deno.test("StreamHead keeps the bytes that came first where pieces overlap", () => {
  assertEquals(contiguousAfter([0, "abc"], [0, "xyz"]), "abc");
  assertEquals(contiguousAfter([0, "abc"], [1, "xyz"]), "abcz");
  assertEquals(contiguousAfter([2, "cd"], [0, "wxyz"]), "wxcd");
  assertEquals(contiguousAfter([2, "c"], [4, "e"], [0, "uvwxyz"]), "uvcxez");
  assertEquals(contiguousAfter([4, "ef"], [3, "xyz"], [0, "abc"]), "abcxef");
});

Deno.test("StreamHead leaves out what lies before the stream's first byte", () => {
  assertEquals(contiguousAfter([-1, "_abc"]), "abc");
  assertEquals(contiguousAfter([-5, "_"], [0, "abc"]), "abc");
});

Deno.test("StreamHead keeps 16 KiB and drops the rest", () => {
  const budget = new InspectorBudget();
  using head = new StreamHead(budget);
  assert(head.add(0, new Uint8Array(LIMIT - 1)));
  assert(!head.isFull);
  assert(head.add(LIMIT - 1, new Uint8Array(1000)));
  assert(head.isFull);
  assert(head.add(2 ** 40, new Uint8Array(1000)));
  assertEquals(head.contiguous.length, LIMIT);
  assertEquals(budget.heldBytes, LIMIT);
});

Deno.test("StreamHead stays right when more is out of order than it keeps", () => {
  using head = new StreamHead(new InspectorBudget());
  const stream = text("0123456789".repeat(20));
  const isOdd = (offset: number) => offset % 2 === 1;
  const offsets = [...stream.keys()];
  for (const offset of offsets.filter(isOdd)) head.add(offset, stream.subarray(offset, offset + 1));
  for (const offset of offsets) {
    if (!isOdd(offset)) head.add(offset, stream.subarray(offset, offset + 1));
  }
  // 32 ranges were kept, and the whole part grows up to the first byte that was not.
  assertEquals(textOf(head.contiguous), textOf(stream.subarray(0, 65)));
  head.add(0, stream);
  assertEquals(head.contiguous, stream);
});

Deno.test("StreamHead takes its memory from the budget and gives it back", () => {
  const budget = new InspectorBudget(5000);
  using first = new StreamHead(budget);
  using second = new StreamHead(budget);
  assert(first.add(0, new Uint8Array(3000)));
  assertEquals([budget.heldBytes, budget.refused], [4096, 0]);
  assert(!second.add(0, new Uint8Array(1)));
  assertEquals([budget.heldBytes, budget.refused], [4096, 1]);
  first.release();
  first.release();
  assertEquals(budget.heldBytes, 0);
  assert(second.add(0, new Uint8Array(1)));
});

Deno.test("property: StreamHead holds the first bytes that came for each place", () => {
  const piece = fc.record({
    offset: fc.integer({ min: -20, max: 200 }),
    bytes: fc.uint8Array({ maxLength: 60, size: "max" }),
  });
  fc.assert(fc.property(fc.array(piece, { maxLength: 30, size: "max" }), (pieces) => {
    using head = new StreamHead(new InspectorBudget());
    const expected: number[] = [];
    for (const { offset, bytes } of pieces) {
      head.add(offset, bytes);
      bytes.forEach((byte, i) => {
        if (offset + i >= 0) expected[offset + i] ??= byte;
      });
    }
    const gap = Array.from({ length: expected.length + 1 }, (_, i) => expected[i])
      .indexOf(undefined as unknown as number);
    assertEquals([...head.contiguous], expected.slice(0, gap));
  }));
});
