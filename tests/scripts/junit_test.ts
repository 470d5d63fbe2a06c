import { readJunit } from "../../scripts/junit.ts";
import { assertEquals } from "../assert.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="./a_test.ts">';
const TAIL = "</testsuite></testsuites>";
const testCase = (name: string, body = "") =>
  `<testcase name="${name}" classname="./a_test.ts" time="0.000" line="1" col="6">${body}</testcase>`;

Deno.test("`readJunit()` tells passed, failed, cancelled and skipped tests", () => {
  const xml = HEAD + testCase("ok") + testCase("bad", '<failure message="x">x</failure>') +
    testCase("cut off", '<error message="Cancelled"/>') + testCase("left out", "<skipped/>") + TAIL;
  assertEquals(readJunit(xml), [
    { name: "ok", result: "passed" },
    { name: "bad", result: "failed" },
    { name: "cut off", result: "failed" },
    { name: "left out", result: "skipped" },
  ]);
});

Deno.test("`readJunit()` counts a step only when it was skipped", () => {
  const xml = HEAD + testCase("all") + testCase("all &gt; first") +
    testCase("all &gt; second", "<skipped/>") + TAIL;
  assertEquals(readJunit(xml), [
    { name: "all", result: "passed" },
    { name: "all > second", result: "skipped" },
  ]);
});

Deno.test("`readJunit()` gives names as they were written", () => {
  const [{ name }] = readJunit(HEAD + testCase("a &quot;b&quot; &amp;lt; &apos;c&apos;") + TAIL);
  assertEquals(name, "a \"b\" &lt; 'c'");
});

Deno.test("`readJunit()` finds no test in an empty report", () => {
  assertEquals(readJunit(""), []);
});
