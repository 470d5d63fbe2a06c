import { assert, assertEquals } from "../../assert.ts";
import { parseSearch, searchText } from "../../../web/page/question/search.ts";

Deno.test("a search is read in every way in which it may be typed", () => {
  const cases: [string, Record<string, string>][] = [
    ["", {}],
    ["example.org", { name: "example.org" }],
    ["device:tv country=DE", { device: "tv", country: "DE" }],
    ["--device tv --site example.org", { device: "tv", site: "example.org" }],
    ["--port=443 tracker", { port: "443", name: "tracker" }],
    [`owner:"Good Hosting" device:"Anna's"`, { owner: "Good Hosting", device: "Anna's" }],
    ["https://example.org", { name: "https://example.org" }],
    ["device", { name: "device" }],
  ];
  for (const [text, filters] of cases) {
    assertEquals(parseSearch(text), { filters }, text);
  }
});

Deno.test("a search that cannot be understood says why", () => {
  for (const text of ["--devise tv", "device:", "--site", "tv radio", "port:1 --port 2"]) {
    const found = parseSearch(text);
    assert("problem" in found && found.problem.length > 10, text);
  }
});

Deno.test("filters as typed are the same filters when they are read", () => {
  const question = { device: "Anna's phone", owner: 'The "Best" Hosting', port: "443" };
  assertEquals(parseSearch(searchText(question)), { filters: question });
});
