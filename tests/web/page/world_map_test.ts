import { assert, assertEquals } from "../../assert.ts";
import { makeWorldMap } from "../../../scripts/page/world_map.ts";

Deno.test("the map has every country that traffic goes to, the small ones as points", () => {
  const { countries, points, width, height } = makeWorldMap();
  const drawn = new Set(countries.map(([code]) => code));
  const pointed = new Set(points.map(([code]) => code));
  for (const code of ["US", "DE", "IE", "JP", "CN", "BR", "ZA", "AU", "XK"]) {
    assert(drawn.has(code), code);
  }
  for (const code of ["SG", "HK", "MT", "BH", "LU", "LI", "MC", "MU", "GI", "RE"]) {
    assert(pointed.has(code), code);
  }
  for (const [code, x, y] of points) {
    assert(x >= 0 && x <= width && y >= 0 && y <= height, `${code} lies beside the map`);
  }
  const [, france] = countries.find(([code]) => code === "FR")!;
  assert(/^M\d+ \d+l[-\d ]+z/.test(france));
  assertEquals(makeWorldMap(), makeWorldMap());
});
