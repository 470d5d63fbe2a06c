/** CHANGELOG.md (Keep a Changelog 1.1.0), and what is cut from it: the notes of a release, Debian's changelog. */

/** What stands under the heading of one version, such as `## [1.0.0] - 2026-11-28`. */
export interface ChangelogEntry {
  /** Semantic version. */
  readonly version: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Markdown, without the heading. */
  readonly text: string;
}

const HEADING = /^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$/;

/** All versions, the newest first; what is under `## [Unreleased]` is none. */
export function changelogEntries(changelog: string): ChangelogEntry[] {
  return changelog.split(/^(?=## )/m).flatMap((section) => {
    const [heading, ...lines] = section.split("\n");
    const [, version, date] = HEADING.exec(heading) ?? [];
    // Links to the headings' versions stand at the end of the file.
    const text = lines.filter((line) => !/^\[[\w.]+\]: /.test(line)).join("\n").trim();
    return version === undefined ? [] : [{ version, date, text }];
  });
}

/** The entry of a version. @throws {Error} when there is none */
export function entryOf(version: string, changelog: string): ChangelogEntry {
  const entry = changelogEntries(changelog).find((entry) => entry.version === version);
  if (entry !== undefined) return entry;
  throw new Error(
    `CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD", and ${version} is the version in deno.json. ` +
      "Write what is new under it",
  );
}

/** Debian's changelog (deb-changelog(5)) of a native package that is released with each version. */
export function debianChangelog(entries: readonly ChangelogEntry[], maintainer: string): string {
  return entries.map(({ version, date, text }) => {
    const heading = `wifilogger (${version}) stable; urgency=medium`;
    const signature = ` -- ${maintainer}  ${debianDate(date)}`;
    return [heading, "", ...pointsOf(text).flatMap(wrapped), "", signature].join("\n");
  }).join("\n\n") + "\n";
}

/** The paragraphs and items of a list, without headings, each on a line. */
function pointsOf(text: string): string[] {
  return text.split(/\n\n|\n(?=- )/)
    .map((part) => part.replace(/^- /, "").replace(/\s+/g, " ").trim())
    .filter((part) => part !== "" && !part.startsWith("#"));
}

const DEBIAN_LINE_WIDTH = 78;

function wrapped(point: string): string[] {
  const lines = ["  *"];
  for (const word of point.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= DEBIAN_LINE_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`    ${word}`);
  }
  return lines;
}

/** As RFC 5322 has it; the day's beginning. */
function debianDate(date: string): string {
  return new Date(`${date}T00:00:00Z`).toUTCString().replace("GMT", "+0000");
}
