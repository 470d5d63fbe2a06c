/** The pages as the build has made them: `scripts/page/build.ts` writes, the server reads. */

import { gunzipSync } from "node:zlib";
import type { Paper, Report } from "./documents.ts";

/** A file that the server hands out. */
export interface PageFile {
  /** Such as `/index.html`, `/app-3f2a8c1d.js`. */
  readonly path: string;
  /** The value of `Content-Type`. */
  readonly type: string;
  /** With its quotes. */
  readonly etag: string;
  /** The content, gzipped. */
  readonly gzip: Uint8Array;
  /** Whether the path has the content's hash in it, so that it may be kept forever. */
  readonly isImmutable: boolean;
}

/** What the build says of each file, in `INDEX`. */
export type PageFileEntry = Omit<PageFile, "gzip"> & {
  /** Its name in the folder. */
  readonly file: string;
};

/** In the executable, `scripts/compile.ts` has put it there. */
const BUILT = new URL("./built/", import.meta.url);
/** The list of files in the folder of the build. */
export const INDEX = "files.json";

/** The script that draws documents, which nobody is served. */
export const PAPER = "paper.js";

/** All files. @throws {Error} when the pages are not built, and the command that builds them */
export async function readPageFiles(): Promise<readonly PageFile[]> {
  const entries = await readIndex();
  return await Promise.all(entries.map(async ({ file, ...entry }) => ({
    ...entry,
    gzip: await Deno.readFile(new URL(file, BUILT)),
  })));
}

/** What draws documents, and what they need. @throws {Error} as `readPageFiles()` does */
export async function readPaperFiles(): Promise<PaperFiles> {
  const entries = await readIndex();
  const read = async (type: string) => {
    const { file } = entries.find((entry) => entry.type.startsWith(type))!;
    return new TextDecoder().decode(gunzipSync(await Deno.readFile(new URL(file, BUILT))));
  };
  const { reportPaper } = await import(new URL(PAPER, BUILT).href);
  return {
    reportPaper,
    style: await read("text/css"),
    map: JSON.parse(await read("application/json")),
  };
}

/** The script's function, and what it is to be given. */
export interface PaperFiles extends Pick<Paper, "style" | "map"> {
  readonly reportPaper: (report: Report, paper: Paper) => string;
}

async function readIndex(): Promise<PageFileEntry[]> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL(INDEX, BUILT)));
  } catch (error) {
    throw new Error("The pages are not built. Run: scripts/dev.sh page", { cause: error });
  }
}
