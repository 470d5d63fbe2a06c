/**
 * Makes what a release page needs: `scripts/dev.sh release [--key FILE] [--tag vVERSION]`, in dist/release.
 *
 *     compile -> executables, bills of materials -> Debian packages -> notes -> SHA256SUMS -> signature
 *
 * The version is that of deno.json, and what is new in it stands in CHANGELOG.md. The notes tell how to install it where
 * the address of the project's page is known: to the workflow that publishes. `--key` names a secret key of
 * minisign(1), with which SHA256SUMS is signed. With `--tag`, the release is for that tag of git: nothing is made when
 * the version is another one, or files were changed since the commit.
 */

import { parseArgs } from "@std/cli/parse-args";
import config from "../../deno.json" with { type: "json" };
import { sha256Hex } from "../runtime_base.ts";
import { changelogEntries, entryOf } from "./changelog.ts";
import { ARCHITECTURES, makeDebianPackage } from "./debian_package.ts";
import { publishedAt, releaseNotes } from "./notes.ts";
import { run } from "./run.ts";

const DIST = "dist";
const FOLDER = `${DIST}/release`;

async function main(argv: readonly string[]): Promise<number> {
  Deno.chdir(new URL("../..", import.meta.url));
  const flags = ["key", "tag"];
  const wrong: string[] = [];
  const { key, tag } = parseArgs([...argv], {
    string: flags,
    unknown: (flag: string) => wrong.push(flag) < 0,
  }) as { key?: string; tag?: string };
  if (wrong.length > 0 || key === "" || tag === "") {
    console.error("release: usage: scripts/dev.sh release [--key FILE] [--tag vVERSION]");
    return 2;
  }
  try {
    if (tag !== undefined) await checkTag(tag);
    await release(key);
    return 0;
  } catch (error) {
    console.error(`release: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function checkTag(tag: string): Promise<void> {
  if (tag !== `v${config.version}`) {
    throw new Error(
      `the tag is ${tag}, and the version in deno.json ${config.version}. Tag the commit v${config.version}`,
    );
  }
  const changed = await run("git", { args: ["status", "--porcelain"] });
  if (changed !== "") throw new Error(`these files differ from the commit:\n${changed}Commit them`);
}

async function release(key: string | undefined): Promise<void> {
  const changelog = await Deno.readTextFile("CHANGELOG.md");
  const { version, text } = entryOf(config.version, changelog);
  const denoDir = Deno.env.get("DENO_DIR");
  if (!denoDir) throw new Error("no DENO_DIR to take packages from. Run scripts/dev.sh release");
  await run(Deno.execPath(), { args: ["run", "--frozen", "-A", "scripts/compile.ts"] });
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(FOLDER);
  const entries = changelogEntries(changelog);
  for (const machine of Object.keys(ARCHITECTURES)) {
    const name = `wifilogger-${machine}`;
    for (const file of [name, `${name}.cdx.json`]) {
      await Deno.copyFile(`${DIST}/${file}`, `${FOLDER}/${file}`);
    }
    const executable = `${FOLDER}/${name}`;
    const bill = `${executable}.cdx.json`;
    await makeDebianPackage(
      { machine, executable, billOfMaterials: bill, entries, denoDir },
      FOLDER,
    );
  }
  await Deno.copyFile("install.sh", `${FOLDER}/install.sh`);
  const readme = await Deno.readTextFile("README.md");
  const notes = releaseNotes({ news: text, readme, address: publishedAt(Deno.env) });
  await Deno.writeTextFile(`${FOLDER}/release-notes.md`, notes);
  await writeSums();
  if (key !== undefined) await sign(key, version);
  for (const name of namesIn(FOLDER)) {
    const megabytes = (Deno.statSync(`${FOLDER}/${name}`).size / 1e6).toFixed(1);
    console.log(`${FOLDER}/${name}: ${megabytes} MB`);
  }
}

/** Of everything that is downloaded, in the format of `sha256sum --check`. */
async function writeSums(): Promise<void> {
  const lines: string[] = [];
  for (const name of namesIn(FOLDER).filter((name) => name !== "release-notes.md")) {
    lines.push(`${await sha256Hex(await Deno.readFile(`${FOLDER}/${name}`))}  ${name}\n`);
  }
  await Deno.writeTextFile(`${FOLDER}/SHA256SUMS`, lines.join(""));
}

/** Signs the sums, and lays the public key beside them. minisign asks for a key's password on the terminal. */
async function sign(key: string, version: string): Promise<void> {
  const sums = `${FOLDER}/SHA256SUMS`;
  await minisign(key, ["-S", "-m", sums, "-t", `wifilogger ${version}`]);
  await minisign(key, ["-R", "-f", "-p", `${FOLDER}/wifilogger.pub`]);
}

async function minisign(key: string, args: readonly string[]): Promise<void> {
  const options: Deno.CommandOptions = { args: [...args, "-s", key], stdout: "null" };
  const { success } = await new Deno.Command("minisign", options).spawn().status;
  if (!success) throw new Error(`minisign could not sign with ${key}: it says why above`);
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
