import { ByteCursor } from "../../../capture/wire/byte_cursor.ts";
import { assertEquals } from "../../assert.ts";
import { hex } from "./build_bytes.ts";

Deno.test("ByteCursor reads the integers of RFC 9000, A.1", () => {
  const integers = {
    "c2197c5eff14e88c": 151288809941952652,
    "9d7f3e7d": 494878333,
    "7bbd": 15293,
    "25": 37,
    "4025": 37,
  };
  for (const [digits, value] of Object.entries(integers)) {
    const cursor = new ByteCursor(hex(digits));
    assertEquals([cursor.varint(), cursor.atEnd, cursor.overrun], [value, true, false], digits);
  }
});

Deno.test("ByteCursor reads fields one after the other", () => {
  const cursor = new ByteCursor(
    hex("01" + "0203" + "040506" + "ff000001" + "01aa" + "0001bb" + "cc"),
  );
  assertEquals([cursor.uint8(), cursor.uint16(), cursor.uint24()], [1, 0x0203, 0x040506]);
  assertEquals([cursor.uint32(), cursor.offset], [0xff000001, 10]);
  assertEquals([cursor.vector8(), cursor.vector16()], [hex("aa"), hex("bb")]);
  assertEquals([cursor.atEnd, cursor.take(1), cursor.atEnd], [false, hex("cc"), true]);
  assertEquals(cursor.overrun, false);
});

Deno.test("ByteCursor gives zeros and nothing past the end, and stays there", () => {
  const reads: ((cursor: ByteCursor) => number | Uint8Array)[] = [
    (cursor) => cursor.uint16(),
    (cursor) => cursor.uint24(),
    (cursor) => cursor.take(2).length,
    (cursor) => cursor.take(2 ** 60).length,
    (cursor) => cursor.vector8().length,
    (cursor) => cursor.vector16().length,
  ];
  for (const read of reads) {
    const cursor = new ByteCursor(hex("07"));
    assertEquals([read(cursor), cursor.overrun, cursor.atEnd], [0, true, true]);
    assertEquals([cursor.uint8(), cursor.uint32(), cursor.varint()], [0, 0, 0]);
  }
});
