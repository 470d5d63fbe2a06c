import fc from "fast-check";
import { assertEquals, assertMatch } from "../../assert.ts";
import { wireName } from "../../../capture/wire/wire_name.ts";

Deno.test("`wireName()` gives lower case without the root's dot", () => {
  assertEquals(wireName("WWW.Example.ORG."), "www.example.org");
  assertEquals(wireName("_dmarc.xn--Bcher-KVA.example"), "_dmarc.xn--bcher-kva.example");
});

Deno.test("`wireName()` gives no name where none is left, or one longer than a name can be", () => {
  for (const text of ["", ".", "a".repeat(254)]) assertEquals(wireName(text), undefined);
  assertEquals(wireName("a".repeat(253) + "."), "a".repeat(253));
});

Deno.test("`wireName()` escapes what is no printable ASCII character", () => {
  assertEquals(wireName("a b"), "a\\032b");
  assertEquals(wireName("a\\b"), "a\\092b");
  assertEquals(wireName("\x00\x1b[31m\x7f\n"), "\\000\\027[31m\\127\\010");
  assertEquals(wireName("bücher"), "b\\195\\188cher");
  assertEquals(wireName("\u{1f600}"), "\\240\\159\\152\\128");
});

Deno.test("`wireName()` gives a letter that only looks like ASCII no ASCII form", () => {
  // The Kelvin sign's lower case is the letter k.
  assertEquals(wireName("ban\u212a.example"), "ban\\226\\132\\170.example");
});

Deno.test("`wireName()` gives nothing but printable ASCII for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const name = wireName(text);
      if (name !== undefined) assertMatch(name, /^[\x21-\x40\x5b-\x7e]+$/);
    }),
    { numRuns: 500 },
  );
});

Deno.test("`wireName()` gives different names for different texts but for their ASCII case", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 });
  const folded = (value: string) =>
    value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/\.$/, "");
  fc.assert(
    fc.property(text, text, (a, b) => {
      if (folded(a) !== folded(b)) assertEquals(wireName(a) === wireName(b), false);
    }),
    { numRuns: 2000, examples: [["\u212a", "k"]] },
  );
});
