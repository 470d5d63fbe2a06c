/**
 * Makes the executables: `scripts/dev.sh compile [aarch64|x86_64]...`, both when none is named.
 *
 * Writes dist/wifilogger-MACHINE, beside each its bill of materials (wifilogger-MACHINE.cdx.json, CycloneDX), and
 * dist/SHA256SUMS. An executable holds the program, its
 * packages, its tables (service/program/program_tables.ts) and Deno's runtime; the machine it runs on
 * needs only glibc and libpcap. Its permissions are those of the `start` task in deno.json.
 *
 * The same commit gives the same bytes wherever and whenever it is compiled. What is embedded goes in
 * with the time it was last changed; therefore a copy of the sources is compiled, in which, as in the
 * cache of packages, every file has the same.
 */

import config from "../deno.json" with { type: "json" };
import { elfEnd } from "../system/files/elf_end.ts";
import {
  alignedUp,
  TABLE_NAMES,
  type TableParts,
  tableSource,
} from "../service/program/program_tables.ts";
import { writeAll } from "../system/files/write_all.ts";
import { buildPage } from "./page/build.ts";
import { plainName, plainSource } from "./plain_source.ts";
import { billOfMaterials } from "./release/bill_of_materials.ts";
import { provideRuntimeBase, sha256Hex, type Target, TARGETS } from "./runtime_base.ts";
import { unneededPaths } from "./unneeded_packages.ts";

const ENTRY = "main.ts";
const DIST = "dist";
/** Begun as a thread, and not imported. */
const RECORD_WORKER = "cli/commands/record_worker.ts";
/** What there is of the program, from the project's root. */
const SOURCES = [
  ...[ENTRY, "deno.json", "deno.lock"],
  ...[
    "capture",
    "cli",
    "enrich",
    "forget",
    "forward",
    "news",
    "privacy",
    "record",
    "report",
    "service",
    "storage",
    "system",
    "types",
    "web",
  ],
];
/** The pages of `wifilogger web`, built anew (`scripts/page/build.ts`): where the program looks for them. */
const PAGES = "web/page/built";
/** Where the program looks for its commit (`service/program/version.ts`). */
const COMMIT_FILE = "commit";
/** Where it looks for the places of its tables (`service/program/program_tables.ts`). */
const PARTS_FILE = "tables.json";
/**
 * V8 measures its heap by the machine's memory and takes what it likes. In `bench:appliance`'s load of 3,000 new flows
 * a second bounds made 153 MB resident of 226, for 4 % more CPU. --optimize-for-size saved 10 MB beyond that and cost 30 %
 * more CPU; idle, none of them made a difference. A full flow table left the heap far below its bound.
 *
 * With everything full (`scripts/dev.sh bench memory`) a new space of 2 instead of 4 takes 5 MB off the most, and `read`
 * is no slower. --memory-saver-mode puts 8 MB on it and takes 20 % more CPU: each collection forgets optimised code,
 * which is then compiled anew. --single-threaded-gc and --compact-on-every-full-gc made it more, too.
 */
const V8_FLAGS = [
  ...["--max-semi-space-size=2", "--max-old-space-size=256"],
  "--heap-growing-percent=30",
  "--expose-gc", // for system/spare_memory.ts
].join(",");
const CHANGED_AT = new Date("2020-01-01T00:00:00Z");

function outputOf(machine: string): string {
  return `wifilogger-${machine}`;
}

/** Where from, with what and where to a program is compiled. */
interface Compilation {
  /** The folder of the sources. */
  sources: string;
  denoDir: string;
  machine: string;
  target: Target;
}

async function compile({ sources, denoDir, machine, target }: Compilation): Promise<void> {
  const startedMs = performance.now();
  const source = await provideRuntimeBase(target, denoDir);
  const output = `${DIST}/${outputOf(machine)}`;
  const bare = `${await Deno.realPath(sources)}/${outputOf(machine)}`;
  const permissions = config.tasks.start.command.split(" ")
    .filter((word) => word.startsWith("--allow-") || word === "--no-prompt");
  const excluded = (await unneededPaths(ENTRY, denoDir)).map((path) => `--exclude=${path}`);
  // A code cache would be read from a known name in /tmp, where anybody could lay one for root.
  const safety = ["--frozen", "--no-code-cache"];
  const options = [
    "--quiet",
    ...safety,
    `--v8-flags=${V8_FLAGS}`,
    `--target=${target.triple}`,
    `--output=${bare}`,
  ];
  const included = [COMMIT_FILE, PARTS_FILE, PAGES, plainName(RECORD_WORKER)].map((file) =>
    `--include=${file}`
  );
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", ...options, ...included, ...permissions, ...excluded, plainName(ENTRY)],
    cwd: sources,
  }).spawn().status;
  if (!success) throw new Error(`deno compile for ${machine} failed: it says why above`);
  await checkBase(bare, target);
  await layInTables(bare);
  const sha256 = await sha256Hex(await Deno.readFile(bare));
  const bill = await billOfMaterials({ machine, sha256, denoDir });
  await Deno.writeTextFile(`${output}.cdx.json`, bill);
  // Whole at once, and also while the one in its place is running.
  await Deno.rename(bare, output);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const megabytes = ((await Deno.stat(output)).size / 1e6).toFixed(1);
  console.log(
    `${output}: ${megabytes} MB in ${seconds} s, runtime base from ${source}`,
  );
}

/** Wherever the runtime base came from, a cache too, it must be the pinned one. */
async function checkBase(path: string, { triple, baseSha256 }: Target): Promise<void> {
  const program = await Deno.readFile(path);
  const sha256 = await sha256Hex(program.subarray(0, elfEnd(program)));
  if (sha256 === baseSha256) return;
  throw new Error(
    `the runtime base for ${triple} has SHA-256 ${sha256}, not ${baseSha256}. ` +
      "Delete the folder dl in Deno's cache, .tools/deno-cache, and run this again",
  );
}

async function tableParts(): Promise<TableParts> {
  let offset = 0;
  const parts = [];
  for (const name of TABLE_NAMES) {
    const { length } = await tableSource(name);
    parts.push([name, { offset, length }]);
    offset = alignedUp(offset + length);
  }
  return Object.fromEntries(parts);
}

/** Lays the tables between the runtime and what Deno has appended to it, which it finds from the file's end. */
async function layInTables(path: string): Promise<void> {
  const compiled = await Deno.readFile(path);
  const runtimeEnd = elfEnd(compiled);
  using file = await Deno.open(path, { write: true, truncate: true });
  await writeAll(file, compiled.subarray(0, runtimeEnd));
  let offset = alignedUp(runtimeEnd);
  for (const name of TABLE_NAMES) {
    const table = await tableSource(name);
    await file.seek(offset, Deno.SeekMode.Start);
    await writeAll(file, table);
    offset = alignedUp(offset + table.length);
  }
  await file.seek(offset, Deno.SeekMode.Start);
  await writeAll(file, compiled.subarray(runtimeEnd));
}

/** The copy that is compiled; the caller removes it. */
async function layOutSources(denoDir: string): Promise<string> {
  await buildPage();
  const folder = await Deno.makeTempDir({ dir: DIST, prefix: ".sources-" });
  for (const source of SOURCES) await copy(source, `${folder}/${source}`);
  await Deno.writeTextFile(`${folder}/${COMMIT_FILE}`, await commit());
  await Deno.writeTextFile(`${folder}/${PARTS_FILE}`, JSON.stringify(await tableParts()));
  await setTimes(folder);
  await setTimes(`${denoDir}/npm`);
  return folder;
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    if (plainName(from) === from) return await Deno.copyFile(from, to);
    return await Deno.writeTextFile(
      plainName(to),
      plainSource(from, await Deno.readTextFile(from)),
    );
  }
  await Deno.mkdir(to);
  for (const { name } of Deno.readDirSync(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

async function setTimes(folder: string): Promise<void> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory) await setTimes(`${folder}/${name}`);
    if (isFile) await Deno.utime(`${folder}/${name}`, CHANGED_AT, CHANGED_AT);
  }
}

/** Such as `1a2b3c4d5e6f`, with `.modified` behind it when the files are not those of that commit. */
async function commit(): Promise<string> {
  const head = await git("rev-parse", "--short=12", "HEAD");
  if (head === undefined) return "unknown"; // an unpacked archive, or no git here
  return await git("status", "--porcelain") === "" ? head : `${head}.modified`;
}

async function git(...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Sums of all executables that lie in dist/, in the format of `sha256sum --check`. */
async function writeSums(): Promise<void> {
  const names = [...Deno.readDirSync(DIST)].map(({ name }) => name)
    .filter((name) => Object.keys(TARGETS).map(outputOf).includes(name)).sort();
  const lines = await Promise.all(
    names.map(async (name) =>
      `${await sha256Hex(await Deno.readFile(`${DIST}/${name}`))}  ${name}\n`
    ),
  );
  await Deno.writeTextFile(`${DIST}/SHA256SUMS`, lines.join(""));
}

async function main(args: string[]): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  const machines = args.length > 0 ? args : Object.keys(TARGETS);
  const unknown = machines.find((machine) => !Object.hasOwn(TARGETS, machine));
  if (unknown !== undefined) {
    console.error(
      `compile.ts: cannot compile for '${unknown}': unknown machine. ` +
        `Name one of ${Object.keys(TARGETS).join(", ")}, or none for all`,
    );
    return 2;
  }
  const denoDir = Deno.env.get("DENO_DIR");
  if (!denoDir) {
    console.error("compile.ts: no DENO_DIR to take the runtime from. Run scripts/dev.sh compile");
    return 2;
  }
  try {
    await Deno.mkdir(DIST, { recursive: true });
    const sources = await layOutSources(denoDir);
    try {
      for (const machine of machines) {
        await compile({ sources, denoDir, machine, target: TARGETS[machine] });
      }
    } finally {
      await Deno.remove(sources, { recursive: true });
    }
    await writeSums();
    return 0;
  } catch (error) {
    console.error(`compile.ts: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

Deno.exit(await main(Deno.args));
