/** The documents: what they link to is there, and what they say of versions is true. */

import { dirname, fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { changelogEntries } from "../../scripts/release/changelog.ts";
import { assert, assertEquals } from "../assert.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

function documents(): string[] {
  const inFolder = (folder: string) =>
    [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => join(folder, name))
      .filter((path) => path.endsWith(".md")).sort();
  return [...inFolder("."), ...inFolder("docs")];
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, "").match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading.replace(/^#+ /, "").toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(
        " ",
        "-",
      )
    ),
  );
}

Deno.test("every link of a document leads to a file that is there, and to a heading of it", () => {
  for (const path of documents()) {
    for (const [, target] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|\.\.\/\.\.\/releases)/.test(target)) continue;
      const [file, anchor] = target.split("#");
      const linked = file === "" ? path : join(dirname(path), file);
      const isThere = [...Deno.readDirSync(join(ROOT, dirname(linked)))]
        .some(({ name }) => join(dirname(linked), name) === linked.replace(/\/$/, ""));
      assert(isThere, `${path}: ${target}`);
      if (anchor) assert(anchorsOf(read(linked)).has(anchor), `${path}: ${target}`);
    }
  }
});

Deno.test("the README leads to every document", () => {
  const readme = read("README.md");
  for (const path of documents()) {
    if (path.startsWith("docs/")) assert(readme.includes(`](${path})`), path);
  }
});

Deno.test("names of packages and the newest heading of the changelog have the version of deno.json", () => {
  assertEquals(changelogEntries(read("CHANGELOG.md"))[0].version, config.version);
  for (const path of documents()) {
    for (const [name, version] of read(path).matchAll(/wifilogger_(\d+\.\d+\.\d+)_\w+\.deb/g)) {
      assertEquals(version, config.version, `${path}: ${name}`);
    }
    for (const [, version] of read(path).matchAll(/releases\/download\/v([^/]+)\//g)) {
      assertEquals(version, config.version, path);
    }
  }
});
