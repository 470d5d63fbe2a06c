/** .github: workflows as GitHub's own parser reads them, and the forms of issues. */

import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

const GITHUB = new URL("../../.github/", import.meta.url);
const README = new URL("../../README.md", import.meta.url);

type Parser = typeof import("./workflow_parser.ts");

/** @see workflow_parser.ts for why it is bundled */
async function parser(folder: string): Promise<Parser> {
  const output = `${folder}/parser.js`;
  const entry = new URL("workflow_parser.ts", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--frozen", "--quiet", "--platform", "deno", "--output", output, entry],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return await import(`file://${output}`);
}

async function faultsOf(
  { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter }: Parser,
  name: string,
  content: string,
): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(String);
}

function filesIn(folder: string): { name: string; text: string }[] {
  const names = [...Deno.readDirSync(new URL(folder, GITHUB))].map(({ name }) => name).sort();
  return names.map((name) => ({
    name,
    text: Deno.readTextFileSync(new URL(`${folder}/${name}`, GITHUB)),
  }));
}

Deno.test("GitHub's parser finds no fault in the workflows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  try {
    const github = await parser(folder);
    for (const { name, text } of filesIn("workflows")) {
      assertEquals(await faultsOf(github, name, text), []);
      const misspelt = text.replace("runs-on:", "runs-om:");
      assert((await faultsOf(github, name, misspelt)).length > 0, "it finds one that is there");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("workflows run tasks that there are, the README's test among them, on both machines", () => {
  const texts = filesIn("workflows").map(({ text }) => text);
  for (const text of texts) {
    for (const [, task] of text.matchAll(/scripts\/dev\.sh ([\w:]+)/g)) {
      assert(Object.hasOwn(config.tasks, task), task);
    }
    const { jobs } = parse(text);
    for (const { permissions, strategy } of Object.values<Record<string, never>>(jobs)) {
      if (strategy !== undefined) {
        assertEquals(strategy["matrix"]["runner"], ["ubuntu-24.04", "ubuntu-24.04-arm"]);
      }
      assert(permissions === undefined || Object.keys(permissions).join() === "contents");
    }
  }
  assertStringIncludes(Deno.readTextFileSync(README), "```sh\nscripts/dev.sh test\n```");
  assertMatch(texts[0], /scripts\/dev\.sh test\n/);
});

Deno.test("no workflow needs a secret but the key that signs", () => {
  for (const { text } of filesIn("workflows")) {
    const secrets = new Set([...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name));
    secrets.delete("MINISIGN_KEY");
    assertEquals([...secrets], []);
  }
});

Deno.test("every form of an issue asks for something, and each question has a name of its own", () => {
  for (const { name, text } of filesIn("ISSUE_TEMPLATE")) {
    const form = parse(text);
    if (name === "config.yml") continue;
    assert(form.name && form.description, name);
    const asked = form.body.filter(({ type }: { type: string }) => type !== "markdown");
    const ids = asked.map(({ id }: { id: string }) => id);
    assertEquals(new Set(ids).size, asked.length, name);
    for (const { type, attributes } of asked) {
      assert(["input", "textarea", "dropdown", "checkboxes"].includes(type), name);
      assertMatch(attributes.label, /\?$|^The /, name);
    }
  }
});
