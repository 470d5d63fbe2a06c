import fc from "fast-check";
import { keptByAddress, keptByMac } from "../../../capture/address/kept_texts.ts";
import { assertEquals } from "../../assert.ts";

/** Few values, so that the same comes again, and others with its hash. */
const word = fc.constantFrom(0, 1, -1, 2, 3, 0x7fffffff, -0x80000000);

Deno.test("property: a kept text is that of its address, whatever was asked for before", () => {
  const text = keptByAddress((words) => words.join(" "));
  const address = fc.tuple(word, word, word, word);
  fc.assert(fc.property(fc.array(address, { maxLength: 200 }), (addresses) => {
    for (const words of addresses) assertEquals(text(words), words.join(" "));
  }));
});

Deno.test("property: the same for MAC addresses", () => {
  const text = keptByMac((mac) => mac.join(" "));
  fc.assert(fc.property(fc.array(fc.tuple(word, word), { maxLength: 200 }), (macs) => {
    for (const mac of macs) assertEquals(text(mac), mac.join(" "));
  }));
});

Deno.test("a text that is asked for again is not made again", () => {
  let made = 0;
  const text = keptByAddress((words) => `${made++} ${words}`);
  made = 0;
  assertEquals(text([1, 2, 3, 4]), text([1, 2, 3, 4]));
  assertEquals(made, 1);
});
