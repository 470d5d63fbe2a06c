/**
 * Makes the pages of `wifilogger web`: `scripts/dev.sh page`.
 *
 *     web/page/main.tsx and what it imports -> one script        (deno bundle)
 *     web/page/paper.tsx, as well           -> one more, for documents without a server
 *     web/page/style/*.css, uPlot's own     -> one stylesheet
 *     world-atlas                           -> one map           (world_map.ts)
 *     web/page/index.html                   -> with their names
 *
 * They are written to web/page/built/, gzipped, for `web/page/page_files.ts`; the names hold hashes of the contents. The
 * same sources give the same bytes.
 */

import { gzipSync } from "fflate";
import uplotStyle from "uplot/style" with { type: "text" };
import { INDEX, type PageFileEntry, PAPER } from "../../web/page/page_files.ts";
import { sha256Hex } from "../runtime_base.ts";
import { makeWorldMap } from "./world_map.ts";

const ROOT = new URL("../..", import.meta.url);
const PAGE = "web/page";
/** In this order: later rules win. */
const STYLES = ["colours", "frame", "controls", "tables", "charts", "views", "paper"];

/** A file before it is packed. */
interface Made {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** What one file weighs. */
export interface Weight {
  readonly path: string;
  readonly gzipBytes: number;
}

/** Where the program looks for them. */
const BUILT = new URL(`${PAGE}/built/`, ROOT);

/** Builds the pages into a folder, which is theirs alone; returns what each file weighs. */
export async function buildPage(folder: URL = BUILT): Promise<readonly Weight[]> {
  const [script, paper, style, icon, map] = await Promise.all([
    bundle("main.tsx", "browser"),
    bundle("paper.tsx", "deno"),
    styleSheet(),
    Deno.readTextFile(new URL(`${PAGE}/icon.svg`, ROOT)),
    JSON.stringify(makeWorldMap()),
  ]);
  const made: Made[] = [
    await hashed("app", "js", "text/javascript; charset=utf-8", script),
    await hashed("app", "css", "text/css; charset=utf-8", style),
    await hashed("icon", "svg", "image/svg+xml", icon),
    await hashed("map", "json", "application/json", map),
  ];
  const [scriptName, styleName, iconName, mapName] = made.map(({ name }) => name);
  const index = (await Deno.readTextFile(new URL(`${PAGE}/index.html`, ROOT)))
    .replace("SCRIPT", scriptName).replace("STYLE", styleName)
    .replace("ICON", iconName).replace("MAP", mapName);
  made.push({
    name: "index.html",
    type: "text/html; charset=utf-8",
    content: encoder.encode(index),
  });
  return await write(made, paper, folder);
}

const encoder = new TextEncoder();

async function hashed(stem: string, ending: string, type: string, text: string): Promise<Made> {
  const content = encoder.encode(text);
  const hash = (await sha256Hex(content)).slice(0, 10);
  return { name: `${stem}-${hash}.${ending}`, type, content };
}

async function bundle(entry: string, platform: "browser" | "deno"): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      "--platform",
      platform,
      "--minify",
      `${PAGE}/${entry}`,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`deno bundle failed: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

async function styleSheet(): Promise<string> {
  const own = await Promise.all(
    STYLES.map((name) => Deno.readTextFile(new URL(`${PAGE}/style/${name}.css`, ROOT))),
  );
  return plainStyle([uplotStyle, ...own].join("\n"));
}

/** Without comments and needless space; no string of ours has any of it. */
function plainStyle(css: string): string {
  return css.replace(/\/\*[^]*?\*\//g, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}").replace(/: /g, ":").trim() + "\n";
}

/** Whole or not at all, so that a server which starts meanwhile finds one build. */
async function write(made: readonly Made[], paper: string, folder: URL): Promise<Weight[]> {
  const beside = new URL(`../.built-${Deno.pid}/`, folder);
  await Deno.mkdir(beside);
  try {
    const entries: PageFileEntry[] = [];
    const weights: Weight[] = [];
    for (const { name, type, content } of made) {
      const gzip = gzipSync(content, { level: 9, mtime: 0 });
      const file = `${name}.gz`;
      await Deno.writeFile(new URL(file, beside), gzip);
      const etag = `"${(await sha256Hex(content)).slice(0, 20)}"`;
      entries.push({ path: `/${name}`, type, etag, isImmutable: name !== "index.html", file });
      weights.push({ path: `/${name}`, gzipBytes: gzip.length });
    }
    await Deno.writeTextFile(new URL(PAPER, beside), paper);
    await Deno.writeTextFile(new URL(INDEX, beside), JSON.stringify(entries, undefined, 1) + "\n");
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.rename(beside, folder);
    return weights;
  } catch (error) {
    await Deno.remove(beside, { recursive: true }).catch(() => {});
    throw error;
  }
}

if (import.meta.main) {
  const weights = await buildPage();
  for (const { path, gzipBytes } of weights) console.log(`${path}: ${gzipBytes} bytes gzipped`);
  const sum = weights.reduce((total, { gzipBytes }) => total + gzipBytes, 0);
  console.log(`all: ${(sum / 1e3).toFixed(1)} kB gzipped`);
}
