/**
 * Holds the import picture of the product, for rooms and for the folders inside them: who may import
 * whom, no circles of files or of folders, no folder that outgrows a glance, one file that opens C
 * libraries, one that reads the clocks. The imports are those Deno itself sees (`deno info`), of types as well as of code.
 */

import { fromFileUrl, join, relative, toFileUrl } from "@std/path";
import { assert, assertEquals } from "./assert.ts";

/** Each room of the product, and the rooms its files may import; `main` is the file main.ts. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  main: ["cli"],
  cli: ["forget", "forward", "web", "service", "news", "report", "record", "storage", "system"],
  forward: ["service", "news", "report", "record", "storage", "system"],
  web: ["service", "news", "report", "record", "storage", "system"],
  service: ["report", "privacy", "record", "capture", "enrich", "storage", "system"],
  forget: ["news", "report", "record", "storage", "system"],
  news: ["report", "record", "enrich", "storage", "system"],
  report: ["record", "storage", "system"],
  privacy: ["record", "capture", "system"],
  record: ["capture", "enrich", "system"],
  capture: ["system"],
  enrich: ["system"],
  storage: ["system"],
  system: [],
};
/**
 * For each folder inside a room, the folders of the same room that its files may import. The files
 * at the top of a room may import all of its folders, and no folder imports a file at the top.
 */
const MAY_IMPORT_INSIDE: Record<string, readonly string[]> = {
  "cli/usage": [],
  "cli/text": ["usage"],
  "cli/completions": ["usage"],
  "cli/top": ["text", "usage"],
  "cli/commands": ["completions", "text", "top", "usage"],
  "forward/outputs": [],
  "forward/progress": ["outputs"],
  "forward/http": ["outputs"],
  "forward/home_assistant": ["tally"],
  "forward/mqtt": ["home_assistant", "outputs", "progress", "tally"],
  "forward/tally": [],
  "forward/metrics": ["outputs", "progress", "tally"],
  "forward/telling": ["http", "mqtt", "outputs"],
  "web/api": [],
  "web/door": [],
  "web/access": ["door"],
  "web/live": ["api"],
  "web/page": ["api"],
  "web/routes": ["access", "api", "door", "live"],
  "news/ledger": [],
  "news/rules": ["ledger"],
  "news/owner": ["ledger", "rules"],
  "news/telling": ["ledger", "owner", "render", "rules"],
  "news/profile": ["ledger", "rules"],
  "news/render": ["ledger", "owner", "profile", "rules"],
  "report/facts": [],
  "report/summary": ["facts"],
  "report/question": ["facts", "summary"],
  "report/render": ["facts", "question"],
  "capture/source": [],
  "capture/decode": [],
  "capture/wire": [],
  "capture/pressure": [],
  "capture/reassembly": ["pressure"],
  "capture/address": ["decode"],
  "capture/flow": ["address", "decode", "pressure"],
  "capture/tls": ["wire"],
  "capture/quic": ["wire"],
  "capture/http": ["address", "wire"],
  "capture/dns": ["address", "decode", "pressure", "reassembly", "tls", "wire"],
  "capture/devices": ["address", "decode", "dns", "pressure", "wire"],
  "capture/payload": ["decode", "http", "quic", "reassembly", "tls"],
  "enrich/mmdb": [],
  "service/program": [],
  "service/settings": [],
  "service/places": ["program", "settings"],
  "service/log": ["places", "program", "settings"],
  "service/live": ["log", "program", "settings"],
  "service/metrics": [],
  "service/control": ["live", "log", "metrics", "places", "program", "settings"],
  "service/renewal": ["places", "settings"],
  "service/doctor": ["control", "places", "renewal", "settings"],
  "service/read": ["live", "places", "program", "settings"],
  "report/export": [],
  "system/files": [],
  "system/gate": ["files"],
  "storage/day": [],
  "storage/card": ["day"],
  "storage/archive": ["card", "day"],
  "storage/forget": ["archive", "card", "day"],
  "storage/ram": ["day"],
  "storage/flush": ["archive", "card", "day", "ram"],
};

/** More files than this, and a folder no longer answers "where is ...?" at a glance. */
const MAX_FILES_IN_FOLDER = 25;

/** Declarations for untyped packages: no code, open to all. */
const TYPES = "types";
const NOT_PRODUCT = ["tests", "scripts", "dist"];

/** For each TypeScript file of the product the files it imports; paths from the root of the tree. */
type Imports = Map<string, string[]>;

/** The part of `deno info --json` that is read here. */
interface DenoInfo {
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

function roomOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : file.replace(/\.ts$/, "");
}

function productFiles(root: string, folder = ""): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    const path = folder ? `${folder}/${name}` : name;
    if (name.startsWith(".") || NOT_PRODUCT.includes(path)) return [];
    if (isDirectory) return productFiles(root, path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

async function importsOf(root: string): Promise<Imports> {
  const { modules } = await denoInfo(root, productFiles(root));
  const isInTree = (url: string) => url.startsWith(`${toFileUrl(root)}/`) && /\.tsx?$/.test(url);
  const pathOf = (url: string) => relative(root, fromFileUrl(url));
  return new Map(
    modules.filter(({ specifier }) => isInTree(specifier)).map(
      ({ specifier, dependencies = [] }) => {
        const imported = dependencies
          .flatMap(({ code, type }) => [code?.specifier, type?.specifier])
          .filter((url) => url !== undefined)
          .filter(isInTree);
        return [pathOf(specifier), imported.map(pathOf)];
      },
    ),
  );
}

/** Asks Deno once, about a module outside the tree that imports all of `files`. */
async function denoInfo(root: string, files: string[]): Promise<DenoInfo> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      entry,
      files.map((file) => `import ${JSON.stringify(toFileUrl(join(root, file)).href)};\n`).join(""),
    );
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-lock", "--config", join(root, "deno.json"), entry],
    }).output();
    if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(entry);
  }
}

/** Every import that the picture forbids, and every file that has no place in it. */
function strayImports(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) => {
    const room = roomOf(file);
    if (room === TYPES || NOT_PRODUCT.includes(room)) return [];
    if (!(room in MAY_IMPORT)) return [`${file} belongs to no room`];
    const allowed = [room, TYPES, ...MAY_IMPORT[room]];
    return imported.filter((target) => !allowed.includes(roomOf(target)))
      .map((target) => `${file} imports ${target}`);
  });
}

/** `capture/tls` for `capture/tls/client_hello.ts`; `undefined` for a file at the top of its room. */
function innerFolderOf(file: string): string | undefined {
  const [room, folder, ...rest] = file.split("/");
  return rest.length === 0 ? undefined : `${room}/${folder}`;
}

/** Every import between the folders of a room that their picture forbids, and every unknown folder. */
function strayInnerImports(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) => {
    const room = roomOf(file);
    const folder = innerFolderOf(file);
    if (!(room in MAY_IMPORT) || folder === undefined) return [];
    if (!(folder in MAY_IMPORT_INSIDE)) return [`${file} belongs to no folder of ${room}/`];
    const allowed = [folder, ...MAY_IMPORT_INSIDE[folder].map((name) => `${room}/${name}`)];
    return imported
      .filter((target) => roomOf(target) === room && !allowed.includes(innerFolderOf(target) ?? ""))
      .map((target) => `${file} imports ${target}`);
  });
}

/** The same imports, between folders: files at the top of a room are the folder `room/.` */
function folderImports(imports: Imports): Imports {
  const folderOf = (file: string) => innerFolderOf(file) ?? `${roomOf(file)}/.`;
  const folders: Imports = new Map();
  for (const [file, imported] of imports) {
    const folder = folderOf(file);
    const others = imported.map(folderOf).filter((other) => other !== folder);
    folders.set(folder, [...new Set([...folders.get(folder) ?? [], ...others])]);
  }
  return folders;
}

/** Folders with more than `most` files in them, folders inside not counted. */
function crowdedFolders(root: string, most: number): string[] {
  const files = Map.groupBy(productFiles(root), (file) => file.slice(0, file.lastIndexOf("/") + 1));
  return [...files].filter(([, { length }]) => length > most)
    .map(([folder, { length }]) => `${folder} has ${length} files`);
}

/** Every circle of imports, as the files along it. */
function circles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  function follow(file: string, path: string[]): void {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (path.includes(file) || done.has(file)) return;
    for (const target of imports.get(file) ?? []) follow(target, [...path, file]);
    done.add(file);
  }
  for (const file of imports.keys()) follow(file, []);
  return found;
}

function filesThatOpenLibraries(root: string): string[] {
  return productFiles(root)
    .filter((file) => Deno.readTextFileSync(join(root, file)).includes("Deno.dlopen("));
}

/** At the top, where a command compares what it shows with the time of day; all other rooms are given a `Clock`. */
const ROOM_THAT_READS_CLOCKS = "cli";
/** The machine's, and the browser's. */
const CLOCKS = ["system/clock.ts", "web/page/reach/clock.ts"];
const READS_CLOCK =
  /\b(?:Date|performance)\s*\.\s*now\b|\bnew Date\(\s*\)|\bprocess\s*\.\s*hrtime\b/;

/** Every file that reads a clock of the machine by itself, so that no test could move it. */
function filesThatReadClocks(root: string): string[] {
  return productFiles(root)
    .filter((file) => roomOf(file) !== ROOM_THAT_READS_CLOCKS && !CLOCKS.includes(file))
    .filter((file) => READS_CLOCK.test(Deno.readTextFileSync(join(root, file))));
}

const PROJECT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

Deno.test("every file imports only what the picture of the rooms allows", async () => {
  assertEquals(strayImports(await importsOf(PROJECT)), []);
});

Deno.test("every folder imports only what the picture of its room allows", async () => {
  assertEquals(strayInnerImports(await importsOf(PROJECT)), []);
});

Deno.test("no folders import one another in a circle", async () => {
  assertEquals(circles(folderImports(await importsOf(PROJECT))), []);
});

Deno.test("no folder has more files than a glance takes in", () => {
  assertEquals(crowdedFolders(PROJECT, MAX_FILES_IN_FOLDER), []);
});

Deno.test("no files import one another in a circle", async () => {
  assertEquals(circles(await importsOf(PROJECT)), []);
});

Deno.test("at most one file opens C libraries", () => {
  const files = filesThatOpenLibraries(PROJECT);
  assertEquals(files.slice(1), [], `all of these call Deno.dlopen: ${files.join(", ")}`);
});

Deno.test("one file reads the machine's clocks", () => {
  assertEquals(filesThatReadClocks(PROJECT), []);
});

Deno.test("a tree that breaks the picture is found out", async () => {
  const root = await Deno.makeTempDir();
  const write = async (file: string, text: string) => {
    await Deno.mkdir(join(root, file, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, file), text);
  };
  try {
    await write("deno.json", "{}");
    await write("main.ts", 'import "./cli/run.ts";\nimport "./capture/ring.ts";');
    await write("cli/run.ts", 'import "../storage/log.ts";\nimport "../types/any.d.ts";');
    await write("capture/ring.ts", "Deno.dlopen('a', {});");
    await write("storage/log.ts", 'import type { Day } from "./day.ts";\nDeno.dlopen("b", {});');
    await write(
      "storage/day.ts",
      'export type { Day } from "./log.ts";\nawait import("../cli/run.ts");\nimport "../tests/a.ts";',
    );
    await write("tests/a.ts", 'import "../main.ts";');
    await write("types/any.d.ts", "export {};");
    await write("odds/ends.ts", "");
    await write("capture/tls/hello.ts", 'import "../flow/table.ts";\nimport "../ring.ts";');
    await write("capture/flow/table.ts", 'import "../decode/ip.ts";');
    await write("capture/decode/ip.ts", 'import "../tls/alert.ts";');
    await write("capture/tls/alert.ts", "");
    await write("capture/new/file.ts", "");
    await write("system/clock.ts", "Date.now();");
    await write("enrich/age.ts", "performance.now();");
    await write("service/log/day.ts", "const clock = Date;\nnew Date();");

    const imports = await importsOf(root);
    assertEquals(strayImports(imports).sort(), [
      "main.ts imports capture/ring.ts",
      "odds/ends.ts belongs to no room",
      "storage/day.ts imports cli/run.ts",
      "storage/day.ts imports tests/a.ts",
    ]);
    assertEquals(strayInnerImports(imports).sort(), [
      "capture/decode/ip.ts imports capture/tls/alert.ts",
      "capture/new/file.ts belongs to no folder of capture/",
      "capture/tls/hello.ts imports capture/flow/table.ts",
      "capture/tls/hello.ts imports capture/ring.ts",
    ]);
    // No circle of files, but of the folders that hold them.
    assert(!circles(imports).some((circle) => circle.includes("capture/tls")));
    assert(
      circles(folderImports(imports)).some((circle) =>
        ["capture/tls", "capture/flow", "capture/decode"].every((folder) => circle.includes(folder))
      ),
    );
    assertEquals(filesThatReadClocks(root).sort(), ["enrich/age.ts", "service/log/day.ts"]);
    assertEquals(crowdedFolders(root, 1).sort(), [
      "capture/tls/ has 2 files",
      "storage/ has 2 files",
    ]);
    assert(circles(imports).includes("storage/log.ts -> storage/day.ts -> storage/log.ts"));
    assertEquals(filesThatOpenLibraries(root).sort(), ["capture/ring.ts", "storage/log.ts"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
