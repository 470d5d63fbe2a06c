/** A few seconds of fuzzing, and what it has ever found, again. `scripts/dev.sh test:fuzz` takes longer. */

import { assertEquals, assertMatch } from "../assert.ts";
import { FIXTURES, fuzz, PacketPath, tryParser } from "./fuzz.ts";
import { mutated } from "./mutate.ts";
import { PARSERS } from "./parsers.ts";
import { seededRandom } from "../../scripts/seeded_random.ts";

const CASES = 60_000;

Deno.test({
  name: "damaged frames and messages neither throw nor take long",
  sanitizeResources: false, // libpcap, which reads the captures, stays loaded
  fn: () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    assertEquals(fuzz(CASES, seed), undefined, `seed ${seed}`);
  },
});
Deno.test("what fuzzing has found is not found again", () => {
  for (const { name } of Deno.readDirSync(FIXTURES)) {
    const [to, hex] = Deno.readTextFileSync(FIXTURES + name).split("\n");
    const bytes = Uint8Array.fromHex(hex);
    const why = to.startsWith("packet ")
      ? new PacketPath().try({ linkType: Number(to.slice("packet ".length)), bytes })
      : tryParser(PARSERS.find(({ name }) => name === to)!, bytes);
    assertEquals(why, undefined, name);
  }
});

Deno.test("fuzzing notices what throws and what takes long", () => {
  const bytes = Uint8Array.of(1);
  const thrown = tryParser({
    name: "throws",
    wholes: [],
    parse: () => {
      throw new Error("no");
    },
  }, bytes);
  assertEquals(thrown?.startsWith("threw Error: no"), true);
  const slow = tryParser({
    name: "dawdles",
    wholes: [],
    parse: () => {
      for (const endMs = performance.now() + 15; performance.now() < endMs;);
    },
  }, bytes);
  assertMatch(slow ?? "", /^took \d+/);
});

Deno.test("`mutated()` does the same for the same seed, and leaves the whole as it was", () => {
  const whole = Uint8Array.from({ length: 40 }, (_, i) => i);
  const once = mutated(whole, whole, seededRandom(7));
  assertEquals(mutated(whole, whole, seededRandom(7)), once);
  assertEquals(whole, Uint8Array.from({ length: 40 }, (_, i) => i));
});
