/** docs/dependencies.md, held against deno.lock and the packages themselves. */

import { dependencyTables } from "../../scripts/dependencies.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const DOCUMENT = new URL("../../docs/dependencies.md", import.meta.url);

/** Cells of a Markdown table's rows, its head left out. */
function rows(table: string): string[][] {
  return table.split("\n").filter((line) => line.startsWith("| ")).slice(1)
    .filter((line) => !line.startsWith("| --"))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}

function underHeading(document: string, heading: string): string {
  return document.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
}

Deno.test("docs/dependencies.md has every package of deno.lock, as it is", async () => {
  const document = await Deno.readTextFile(DOCUMENT);
  const { inside, outside } = await dependencyTables(Deno.env.get("DENO_DIR")!, { dated: false });
  const LAST_RELEASE = 4;
  for (
    const [heading, table] of [["In the program", inside], ["For building and testing", outside]]
  ) {
    const documented = rows(underHeading(document, heading));
    for (const row of documented) {
      assertMatch(row[LAST_RELEASE], /^\d{4}-\d\d-\d\d$/, row[0]);
      row[LAST_RELEASE] = "";
    }
    assertEquals(documented, rows(table), `${heading}. Run: scripts/dev.sh dependencies`);
    assert(documented.length > 10);
  }
});

Deno.test("every task that runs or tests goes by deno.lock as it is", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  for (const [name, { command }] of Object.entries<{ command: string }>(tasks)) {
    if (name === "lock") continue; // it writes the lock
    assertMatch(command, / --(frozen|no-lock) /, name);
  }
});
