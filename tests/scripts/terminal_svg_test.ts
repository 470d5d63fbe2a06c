import { terminalSvg } from "../../scripts/terminal_svg.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";

Deno.test("`terminalSvg()` places runs by their column, in their look, and text only as text", () => {
  const svg = terminalSvg(
    "\x1b[1mab\x1b[0m <&>\n\x1b[2;32mdim\x1b[39m plain\x1b[0m",
    20,
    "a <title>",
  );
  assertStringIncludes(svg, "<title>a &lt;title&gt;</title>");
  const runs = [
    ...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*?(?: class="([^"]*)")? xml[^>]*>([^<]*)</g),
  ]
    .map(([, x, y, look, text]) => [Number(x), Number(y), look, text]);
  assertEquals(runs, [
    [18, 52, "b", "ab"],
    [34.8, 52, undefined, " &lt;&amp;&gt;"],
    [18, 71, "d c2", "dim"],
    [43.2, 71, "d", " plain"],
  ]);
});
