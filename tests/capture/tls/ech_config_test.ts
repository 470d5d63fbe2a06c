import fc from "fast-check";
import { parseEchConfigs } from "../../../capture/tls/ech_config.ts";
import { assert, assertEquals } from "../../assert.ts";
import { echConfig, echConfigList } from "../dns/build_service_binding.ts";
import { concat, hex, text, vector16 } from "../wire/build_bytes.ts";

const OUTER = echConfig({ id: 7, publicName: "outer.example" });

/** What crypto.cloudflare.com published in 2024. */
const CLOUDFLARE = hex(
  "0045fe0d0041f200200020c221a5373fabf3ebaf09da845166da6d484c07fb5217f3fdd3380ac4c74b512c0004" +
    "000100010012636c6f7564666c6172652d6563682e636f6d0000",
);

Deno.test("parseEchConfigs() gives the id and the public name of a list as it is published", () => {
  assertEquals(parseEchConfigs(CLOUDFLARE), [{ id: 0xf2, publicName: "cloudflare-ech.com" }]);
});

Deno.test("parseEchConfigs() gives every configuration of a list", () => {
  const list = echConfigList(OUTER, echConfig({ id: 255, publicName: "other.example" }));
  assertEquals(parseEchConfigs(list), [
    { id: 7, publicName: "outer.example" },
    { id: 255, publicName: "other.example" },
  ]);
});

Deno.test("parseEchConfigs() passes over versions that it does not know", () => {
  const draft = echConfig({ id: 1, publicName: "draft.example", version: 0xfe0a });
  assertEquals(parseEchConfigs(echConfigList(draft, OUTER, draft)), [
    { id: 7, publicName: "outer.example" },
  ]);
});

Deno.test("parseEchConfigs() gives public names as server names are given", () => {
  const nameOf = (publicName: string | Uint8Array) =>
    parseEchConfigs(echConfigList(echConfig({ id: 7, publicName })))[0]?.publicName;
  assertEquals(nameOf("OUTER.Example"), "outer.example");
  assertEquals(nameOf(""), undefined);
  assertEquals(nameOf("outer.example\n"), undefined);
  assertEquals(nameOf(Uint8Array.of(0xff, 0xfe)), undefined);
});

Deno.test("parseEchConfigs() gives nothing of a configuration that is not whole", () => {
  for (let length = 0; length < OUTER.length - 2; length++) {
    // Cut with the lengths around it true and itself too short, and with a list that ends too early.
    const contents = OUTER.subarray(4, length);
    assertEquals(
      parseEchConfigs(echConfigList(concat(OUTER.subarray(0, 2), vector16(contents)))),
      [],
    );
    assertEquals(parseEchConfigs(echConfigList(OUTER).subarray(0, length)), []);
  }
});

Deno.test("parseEchConfigs() bears any bytes, and gives no more than they can hold", () => {
  const list = echConfigList(OUTER, OUTER);
  const changed = fc.array(fc.tuple(fc.nat(list.length - 1), fc.nat(255)), { maxLength: 4 }).map(
    (changes) => {
      const bytes = Uint8Array.from(list);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    },
  );
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      for (const { id, publicName } of parseEchConfigs(bytes)) {
        assert(id >= 0 && id <= 255);
        assert(text(publicName).length <= bytes.length * 4);
      }
    }),
    { numRuns: 3000 },
  );
});
