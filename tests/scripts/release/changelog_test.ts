/** What is cut from a changelog. */

import { changelogEntries, debianChangelog, entryOf } from "../../../scripts/release/changelog.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

- To come.

## [1.1.0] - 2026-12-24

### Added

- Something that takes more words than a line of Debian's changelog has room for, which is why it
  goes on here.

## [1.0.0] - 2026-11-28

The first release.

[1.1.0]: https://example.org/1.1.0
`;

Deno.test("`entryOf()` gives what stands under a version, and nothing that is not released", () => {
  assertEquals(changelogEntries(CHANGELOG).map(({ version }) => version), ["1.1.0", "1.0.0"]);
  assertEquals(entryOf("1.0.0", CHANGELOG), {
    version: "1.0.0",
    date: "2026-11-28",
    text: "The first release.",
  });
  assertThrows(() => entryOf("2.0.0", CHANGELOG), Error, 'no heading "## [2.0.0]');
});

Deno.test("`debianChangelog()` wraps points, and signs each version with its day", () => {
  assertEquals(
    debianChangelog(changelogEntries(CHANGELOG), "Anna <anna@example.org>"),
    `wifilogger (1.1.0) stable; urgency=medium

  * Something that takes more words than a line of Debian's changelog has room
    for, which is why it goes on here.

 -- Anna <anna@example.org>  Thu, 24 Dec 2026 00:00:00 +0000

wifilogger (1.0.0) stable; urgency=medium

  * The first release.

 -- Anna <anna@example.org>  Sat, 28 Nov 2026 00:00:00 +0000
`,
  );
});
