import { plainName, plainSource } from "../../scripts/plain_source.ts";
import { assertEquals, assertThrows } from "../assert.ts";

Deno.test("`plainSource()` leaves the code, without types and comments, importing JavaScript", () => {
  const source = `/** Says so. */
import { type A, b } from "./b.ts";
import type { C } from "../c.ts";
export const enum Kind { One = 1 }
const LATER = new URL("./worker.ts", import.meta.url); // a thread
const path: string = "./not an import.ts";
export async function d(a: A, c: C): Promise<void> {
  using held = b(a, c, Kind.One);
  await import("./e.ts");
}
`;
  assertEquals(
    plainSource("a.ts", source),
    `import { b } from "./b.js";
export var Kind;
(function (Kind) {
    Kind[Kind["One"] = 1] = "One";
})(Kind || (Kind = {}));
const LATER = new URL("./worker.js", import.meta.url);
const path = "./not an import.ts";
export async function d(a, c) {
    using held = b(a, c, Kind.One);
    await import("./e.js");
}
`,
  );
  assertThrows(() => plainSource("a.ts", "const = 1;"), Error, "a.ts: ");
});

Deno.test("`plainName()` renames sources, not declarations", () => {
  const names = ["main.ts", "types/a.d.ts", "deno.json"];
  assertEquals(names.map(plainName), ["main.js", "types/a.d.ts", "deno.json"]);
});
