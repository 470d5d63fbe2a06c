/**
 * Servers that behave as those of IPinfo and DB-IP are documented to, and misbehave when told to.
 *
 * IPinfo: `/data/NAME.mmdb?token=T` redirects (302) to a signed address on another host, which has ETag and ranges;
 * `/data/NAME.mmdb/checksums?token=T` gives sums. DB-IP: `/free/NAME-YYYY-MM.mmdb.gz`, with ETag and ranges, 404 for a month
 * that is not there.
 */

import { sleep } from "../../../system/clock.ts";
import { buildMmdb, type MmdbValue } from "../../enrich/build_mmdb.ts";

export const TOKEN = "t0k3n-never-to-be-seen";

/** How the servers answer. */
export interface Behaviour {
  /** IPinfo's database. */
  lite: Uint8Array<ArrayBuffer>;
  /** DB-IP's packed databases, by file name. */
  dbip: Map<string, Uint8Array<ArrayBuffer>>;
  /** Whether sums are offered. */
  hasSums: boolean;
  /** Where IPinfo redirects to, instead of its own files. */
  redirect?: (url: URL) => string;
  /** Instead of a file. */
  answer?: (request: Request) => Response | undefined;
  /** Bytes of a file's body after which it breaks off. */
  breakAt?: number;
  /** Between pieces of 4 kB. */
  pauseMs?: number;
  /** Whether the length is kept to oneself. */
  isChunked?: boolean;
  hasRanges: boolean;
}

/** A request as it came. */
export interface Seen {
  readonly server: "ipinfo" | "files";
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
}

/** Servers on this machine. */
export interface PlacesServers extends AsyncDisposable {
  /** For WIFILOGGER_IPINFO_URL. */
  readonly ipinfoUrl: string;
  /** For WIFILOGGER_DBIP_URL; IPinfo's files come from there as well. */
  readonly filesUrl: string;
  readonly seen: Seen[];
  readonly behaviour: Behaviour;
}

/** Records that are right about the addresses that are known, and enough of others for a file of some size. */
export function liteDatabase(
  builtAt: string,
  more: Readonly<Record<string, MmdbValue>> = {},
  others = OTHERS,
): Uint8Array<ArrayBuffer> {
  return buildMmdb({ ...knownRecords("lite"), ...filler(others), ...more }, {
    builtAt: new Date(builtAt),
    databaseType: "ipinfo ipinfo_lite.mmdb",
  });
}

/** As DB-IP fills them, packed. */
export async function dbipDatabase(
  kind: "country" | "asn",
  builtAt: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = buildMmdb({ ...knownRecords(kind), ...filler(OTHERS) }, {
    builtAt: new Date(builtAt),
  });
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}

function knownRecords(kind: "lite" | "country" | "asn"): Record<string, MmdbValue> {
  const known: [string, string, number][] = [
    ["193.0.6.0/24", "NL", 3333],
    ["128.112.0.0/16", "US", 88],
    ["130.225.0.0/16", "DK", 1835],
    ["129.132.0.0/16", "CH", 559],
    ["133.11.0.0/16", "JP", 2501],
  ];
  return Object.fromEntries(known.map(([network, code, asNumber]) => [network, {
    ...(kind === "lite" && { country_code: code, asn: `AS${asNumber}`, as_name: "known" }),
    ...(kind === "country" && { country: { iso_code: code } }),
    ...(kind === "asn" && {
      autonomous_system_number: asNumber,
      autonomous_system_organization: "known",
    }),
  }]));
}

/** Networks beside those that are known. */
const OTHERS = 600;

function filler(count: number): Record<string, MmdbValue> {
  return Object.fromEntries(
    Array.from(
      { length: count },
      (_, i) => [`11.${i >> 8}.${i & 255}.0/24`, { filler: `${i} `.repeat(20) }],
    ),
  );
}

/** Starts them. */
export function servePlaces(lite: Uint8Array<ArrayBuffer>): PlacesServers {
  const seen: Seen[] = [];
  const behaviour: Behaviour = { lite, dbip: new Map(), hasSums: true, hasRanges: true };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const note = (server: Seen["server"], request: Request): URL => {
    const url = new URL(request.url);
    seen.push({ server, path: url.pathname, query: url.search, headers: request.headers });
    return url;
  };
  const files = Deno.serve(options, async (request) => {
    const url = note("files", request);
    const instead = behaviour.answer?.(request);
    if (instead !== undefined) return instead;
    const name = url.pathname.replace(/^\/(free|artifacts)\//, "");
    const bytes = name === "ipinfo_lite.mmdb" ? behaviour.lite : behaviour.dbip.get(name);
    return bytes === undefined
      ? new Response("not found", { status: 404 })
      : await fileAnswer(request, bytes, behaviour);
  });
  const filesUrl = `http://127.0.0.1:${files.addr.port}`;
  const ipinfo = Deno.serve(options, async (request) => {
    const url = note("ipinfo", request);
    if (url.searchParams.get("token") !== TOKEN) {
      return Response.json({ status: 403, error: { title: "Unknown token" } }, { status: 403 });
    }
    if (url.pathname.endsWith("/checksums")) {
      if (!behaviour.hasSums) return new Response("not found", { status: 404 });
      return Response.json({ checksums: { sha256: await sha256(behaviour.lite) } });
    }
    const instead = behaviour.answer?.(request);
    if (instead !== undefined) return instead;
    const location = behaviour.redirect?.(url) ??
      `${filesUrl}/artifacts/ipinfo_lite.mmdb?X-Amz-Signature=abc`;
    return new Response(null, { status: 302, headers: { location } });
  });
  return {
    ipinfoUrl: `http://127.0.0.1:${ipinfo.addr.port}`,
    filesUrl,
    seen,
    behaviour,
    async [Symbol.asyncDispose]() {
      await Promise.all([files.shutdown(), ipinfo.shutdown()]);
    },
  };
}

const PIECE_BYTES = 4096;

async function fileAnswer(
  request: Request,
  bytes: Uint8Array<ArrayBuffer>,
  { breakAt, pauseMs = 0, isChunked = false, hasRanges }: Behaviour,
): Promise<Response> {
  const etag = `"${(await sha256(bytes)).slice(0, 16)}"`;
  const headers = new Headers({ etag, "content-type": "application/octet-stream" });
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  const isRest = hasRanges && range !== null && request.headers.get("if-range") === etag;
  const from = isRest ? Number(range[1]) : 0;
  if (from >= bytes.length) return new Response(null, { status: 416 });
  if (!isChunked) headers.set("content-length", `${bytes.length - from}`);
  if (isRest) headers.set("content-range", `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
  let at = from;
  const gone = new AbortController();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (pauseMs > 0) await sleep(pauseMs, gone.signal);
      if (gone.signal.aborted) return;
      const end = Math.min(at + PIECE_BYTES, breakAt ?? bytes.length);
      if (end > at) controller.enqueue(bytes.slice(at, end));
      at = Math.max(at, end);
      if (at >= bytes.length) controller.close();
      else if (breakAt !== undefined && at >= breakAt) {
        // What was sent is to arrive before.
        await sleep(50, gone.signal);
        if (gone.signal.aborted) return;
        if (isChunked) controller.close(); // it says nothing of an end that is missing
        else controller.error(new Error("broken off"));
      }
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, { status: isRest ? 206 : 200, headers });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
