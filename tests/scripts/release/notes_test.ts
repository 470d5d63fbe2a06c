/** The notes of a release. */

import config from "../../../deno.json" with { type: "json" };
import { installLines, publishedAt, releaseNotes } from "../../../scripts/release/notes.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";

const README = Deno.readTextFileSync(new URL("../../../README.md", import.meta.url));
const ADDRESS = "https://forge.example/someone/wifilogger";

Deno.test("the notes have the README's lines with the address, and then what is new", () => {
  const { version } = config;
  const file = `wifilogger_${version}_arm64.deb`;
  assertEquals(
    installLines(README, ADDRESS),
    `wget ${ADDRESS}/releases/download/v${version}/${file}
sudo apt install ./${file}
sudo wifilogger top
`,
  );
  const notes = releaseNotes({ news: "- Something.", readme: README, address: ADDRESS });
  assertStringIncludes(notes, `\`\`\`sh\nwget ${ADDRESS}/`);
  assertEquals(notes.endsWith("\n\n- Something.\n"), true);
});

Deno.test("without an address the notes say what is new, and nothing that is not so", () => {
  assertEquals(releaseNotes({ news: "- Something.", readme: README }), "- Something.\n");
  assertThrows(() => installLines("# wifilogger\n", ADDRESS), Error, "README.md has no block");
});

Deno.test("the address is the one that GitHub's runner says", () => {
  const env = new Map([
    ["GITHUB_SERVER_URL", "https://forge.example"],
    ["GITHUB_REPOSITORY", "someone/wifilogger"],
  ]);
  assertEquals(publishedAt(env), ADDRESS);
  env.delete("GITHUB_REPOSITORY");
  assertEquals(publishedAt(env), undefined);
});
