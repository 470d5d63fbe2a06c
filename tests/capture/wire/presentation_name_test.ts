import fc from "fast-check";
import { assertEquals, assertMatch } from "../../assert.ts";
import { presentationName } from "../../../capture/wire/presentation_name.ts";

Deno.test("`presentationName()` gives lower case without the root's dot", () => {
  assertEquals(presentationName("WWW.Example.ORG."), "www.example.org");
  assertEquals(presentationName("_dmarc.xn--Bcher-KVA.example"), "_dmarc.xn--bcher-kva.example");
});

Deno.test("`presentationName()` gives no name where none is left, or one longer than a name can be", () => {
  for (const text of ["", ".", "a".repeat(254)]) assertEquals(presentationName(text), undefined);
  assertEquals(presentationName("a".repeat(253) + "."), "a".repeat(253));
});

Deno.test("`presentationName()` escapes what is no printable ASCII character", () => {
  assertEquals(presentationName("a b"), "a\\032b");
  assertEquals(presentationName("a\\b"), "a\\092b");
  assertEquals(presentationName("\x00\x1b[31m\x7f\n"), "\\000\\027[31m\\127\\010");
  assertEquals(presentationName("bücher"), "b\\195\\188cher");
  assertEquals(presentationName("\u{1f600}"), "\\240\\159\\152\\128");
});

Deno.test("`presentationName()` gives a letter that only looks like ASCII no ASCII form", () => {
  // The Kelvin sign's lower case is the letter k.
  assertEquals(presentationName("ban\u212a.example"), "ban\\226\\132\\170.example");
});

Deno.test("`presentationName()` gives nothing but printable ASCII for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const name = presentationName(text);
      if (name !== undefined) assertMatch(name, /^[\x21-\x40\x5b-\x7e]+$/);
    }),
    { numRuns: 500 },
  );
});

Deno.test("`presentationName()` gives different names for different texts but for their ASCII case", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 });
  const folded = (value: string) =>
    value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/\.$/, "");
  fc.assert(
    fc.property(text, text, (a, b) => {
      if (folded(a) !== folded(b)) assertEquals(presentationName(a) === presentationName(b), false);
    }),
    { numRuns: 2000, examples: [["\u212a", "k"]] },
  );
});
