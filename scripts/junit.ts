/** Reads what `deno test --junit-path` of Deno 2.7 writes. */

/** How one test ended. */
export interface TestCase {
  name: string;
  result: "passed" | "failed" | "skipped";
}

const TEST_CASE = /<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
const ENTITIES: Record<string, string> = {
  "&quot;": '"',
  "&apos;": "'",
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/**
 * The tests of a JUnit report. A step that passed or failed is left out, since it shows in the
 * result of its test; one that was skipped is kept, since it would show nowhere else.
 */
export function readJunit(xml: string): TestCase[] {
  const cases = [...xml.matchAll(TEST_CASE)].map(([, name, body]) => ({
    name: name.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity),
    result: resultOf(body),
  }));
  const isStep = ({ name }: TestCase) =>
    cases.some((parent) => name.startsWith(`${parent.name} > `));
  return cases.filter((test) => test.result === "skipped" || !isStep(test));
}

function resultOf(body: string): TestCase["result"] {
  if (/<(failure|error)\b/.test(body)) return "failed";
  return body.includes("<skipped") ? "skipped" : "passed";
}
