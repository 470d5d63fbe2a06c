/** The pages to browsers: what was built, compressed as it lies. */

import { gunzipSync } from "node:zlib";
import { type PageFile, readPageFiles } from "./page/page_files.ts";
import { HttpFault } from "./door/http_fault.ts";

const INDEX = "/index.html";
const YEAR_S = 365 * 24 * 3600;

/** The files, read when the first of them is asked for. */
export class Pages {
  #files: Promise<ReadonlyMap<string, PageFile>> | undefined;

  /** A file, or the index for any other path: the page reads from the address what it shows. @throws {HttpFault} */
  async answer(request: Request, pathname: string): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new HttpFault(405, "pages can only be read", { allow: "GET, HEAD" });
    }
    const files = await this.#read();
    const found = files.get(pathname);
    // What looks like a file and is none must not be taken for a page: a browser would run HTML as a script.
    if (found === undefined && /^\/[^/]+\.[a-z\d]+$/i.test(pathname)) {
      throw new HttpFault(404, "there is no such file");
    }
    const file = found ?? files.get(INDEX);
    if (file === undefined) throw new HttpFault(404, "there is no such page");
    return fileAnswer(request, file);
  }

  async #read(): Promise<ReadonlyMap<string, PageFile>> {
    this.#files ??= readPageFiles().then((files) =>
      new Map(files.map((file) => [file.path, file]))
    );
    try {
      return await this.#files;
    } catch (error) {
      this.#files = undefined;
      throw new HttpFault(503, (error as Error).message);
    }
  }
}

function fileAnswer(request: Request, { type, etag, gzip, isImmutable }: PageFile): Response {
  const headers = new Headers({
    "content-type": type,
    etag,
    vary: "accept-encoding",
    "cache-control": isImmutable ? `public, max-age=${YEAR_S}, immutable` : "no-cache",
  });
  const known = (request.headers.get("if-none-match") ?? "").split(/,\s*/);
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i
    .test(request.headers.get("accept-encoding") ?? "");
  const content = takesGzip ? gzip : gunzipSync(gzip);
  if (takesGzip) headers.set("content-encoding", "gzip");
  headers.set("content-length", String(content.length));
  const body = request.method === "HEAD" ? null : content as Uint8Array<ArrayBuffer>;
  return new Response(body, { headers });
}
