/**
 * A file from a server into a file here, going on where an earlier try broke off.
 *
 *     GET, with the token -> redirect elsewhere, without it -> PATH.part, from its end on -> whole
 *
 * The token goes to the address that is asked, and nowhere else: it is part of that address, as the service documents it,
 * and a redirect's own address is taken as it is.
 */

import { retryAfterMs } from "../../system/back_off.ts";
import { writeAll } from "../../system/files/write_all.ts";
import { openOwn } from "../../system/files/own_file.ts";

/** What is fetched, and how. */
export interface DownloadOptions {
  readonly url: string;
  /** Put into the address that is asked first, and into no other. */
  readonly token?: string;
  /** Where what has come lies until it is whole. */
  readonly partPath: string;
  /** ETag of what lies there already: it goes on if the server still has the same. */
  readonly partEtag?: string;
  /** ETag of what is had whole. */
  readonly knownEtag?: string;
  /** Called before anything comes, with the ETag of what will: to be kept for going on. */
  readonly onBegin: (etag: string | undefined) => Promise<void>;
  /** Called with how much there is, and how much there will be, where that is known. */
  readonly onProgress: (bytes: number, ofBytes: number | undefined) => void;
  /** How much room there is for it, in bytes. */
  readonly room: () => number;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Between two pieces. @default 60_000 */
  readonly stallMs?: number;
}

/** What came of it. */
export type DownloadOutcome =
  | { readonly kind: "whole"; readonly etag: string | undefined }
  /** The server has nothing newer than `knownEtag`. */
  | { readonly kind: "unchanged" }
  /** 404: there is no such file. */
  | { readonly kind: "absent" }
  /** 401, 402, 403: not with this token. */
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly why: string; readonly afterMs?: number };

const STALL_MS = 60_000;
const MAX_REDIRECTS = 5;
/** Larger than any database that is fetched; the card is not filled by a server that never ends. */
const MAX_BYTES = 1e9;

/** A failure that says why by itself. */
class DownloadError extends Error {}

/** Fetches it. Never throws for what a network, a server or a full card does, and never shows the token. */
export async function download(options: DownloadOptions): Promise<DownloadOutcome> {
  const stall = new AbortController();
  let timer: number | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), options.stallMs ?? STALL_MS);
  };
  alive();
  try {
    const begun = await fileSize(options.partPath);
    const from = options.partEtag === undefined ? 0 : begun;
    const response = await ask(options, from, stall.signal);
    return await take(options, from, response, alive);
  } catch (error) {
    return { kind: "failed", why: stall.signal.aborted ? "nothing came in time" : whyOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The answer, after all redirects. */
async function ask(
  { url, token, partEtag, knownEtag, fetch }: DownloadOptions,
  from: number,
  signal: AbortSignal,
): Promise<Response> {
  const headers = new Headers({ "accept-encoding": "identity" });
  if (from > 0) {
    headers.set("range", `bytes=${from}-`);
    headers.set("if-range", partEtag!);
  } else if (knownEtag !== undefined) headers.set("if-none-match", knownEtag);
  let at = new URL(url);
  if (token !== undefined) at.searchParams.set("token", token);
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const response = await fetch(at, { headers, redirect: "manual", signal }).catch(() => {
      // What it says has the address in it, and that the token.
      throw new DownloadError("it cannot be reached");
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel().catch(() => {});
    const next = URL.parse(location, at);
    if (next === null) throw new DownloadError("it redirects to what is no address");
    if (next.protocol !== "https:" && next.protocol !== new URL(url).protocol) {
      throw new DownloadError("it redirects to an address without TLS");
    }
    if (token !== undefined && next.host !== new URL(url).host && next.href.includes(token)) {
      throw new DownloadError(`it redirects to ${next.host}, and would have the token go there`);
    }
    at = next;
  }
  throw new DownloadError("it redirects without end");
}

async function take(
  options: DownloadOptions,
  from: number,
  response: Response,
  alive: () => void,
): Promise<DownloadOutcome> {
  const { status, headers, body } = response;
  const etag = headers.get("etag") ?? undefined;
  if ((status === 200 || status === 206) && body !== null) {
    const isRest = status === 206;
    if (isRest && !headers.get("content-range")?.startsWith(`bytes ${from}-`)) {
      await body.cancel().catch(() => {});
      await Deno.truncate(options.partPath);
      return { kind: "failed", why: "it sent another part than was asked for" };
    }
    await keep(options, isRest ? from : 0, response, alive);
    return { kind: "whole", etag: etag ?? (isRest ? options.partEtag : undefined) };
  }
  await body?.cancel().catch(() => {});
  if (status === 304) return { kind: "unchanged" };
  if (status === 404) return { kind: "absent" };
  if (status === 401 || status === 402 || status === 403) return { kind: "refused" };
  const afterMs = retryAfterMs(headers, options.nowMs);
  if (status === 429) return { kind: "failed", why: "it was asked too often", afterMs };
  // What lies here is longer than what is there now.
  if (status === 416) await Deno.truncate(options.partPath);
  return { kind: "failed", why: `it answered ${status}`, afterMs };
}

/** Writes what comes behind what there is. */
async function keep(
  { partPath, onBegin, onProgress, room }: DownloadOptions,
  from: number,
  { headers, body }: Response,
  alive: () => void,
): Promise<void> {
  const length = headers.get("content-length");
  const ofBytes = length === null ? undefined : from + Number(length);
  if ((ofBytes ?? 0) > MAX_BYTES) throw new DownloadError("it is larger than 1 GB");
  if (ofBytes !== undefined && ofBytes - from > room()) {
    await body?.cancel().catch(() => {});
    throw new DownloadError("there is no room for it");
  }
  using file = await openOwn(partPath, { write: true, create: true, mode: 0o640 });
  await file.truncate(from);
  await file.seek(from, Deno.SeekMode.Start);
  await onBegin(headers.get("etag") ?? undefined);
  let bytes = from;
  for await (const piece of body ?? []) {
    alive();
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new DownloadError("it is larger than 1 GB");
    await writeAll(file, piece);
    onProgress(bytes, ofBytes);
  }
  if (ofBytes !== undefined && bytes !== ofBytes) throw new DownloadError("it broke off");
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}

function whyOf(error: unknown): string {
  if (error instanceof DownloadError) return error.message;
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOSPC" || code === "EDQUOT") return "there is no room for it";
  if (code === "EACCES" || code === "EROFS") return `it cannot be written: ${message}`;
  return "it broke off";
}
