/** The checksum that ipinfo.io gives of a database, before it is fetched. */

import { retryAfterMs } from "../../system/back_off.ts";
import { readJsonBody } from "../../enrich/json_body.ts";
import type { DownloadOutcome } from "./download.ts";

/** What to ask with. */
export interface ChecksumOptions {
  /** Of the database; the checksums lie below it. */
  readonly url: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  readonly nowMs: number;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 65_536;

/** SHA-256, hexadecimal; `undefined` where none is offered; or why nothing will be had. */
export async function ipinfoChecksum(
  { url, token, fetch, nowMs }: ChecksumOptions,
): Promise<string | undefined | Extract<DownloadOutcome, { kind: "refused" | "failed" }>> {
  const at = new URL(`${url}/checksums`);
  at.searchParams.set("token", token);
  let response: Response;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // Followed, it could carry the token elsewhere.
    response = await fetch(at, { redirect: "manual", signal });
    if (response.status === 200) return sha256In(await readJsonBody(response, MAX_BYTES));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    return { kind: "failed", why: "it cannot be reached" };
  }
  await response.body?.cancel().catch(() => {});
  const { status, headers } = response;
  if (status === 401 || status === 402 || status === 403) return { kind: "refused" };
  if (status === 429) {
    return {
      kind: "failed",
      why: "it was asked too often",
      afterMs: retryAfterMs(headers, nowMs),
    };
  }
  return undefined;
}

function sha256In(json: unknown): string | undefined {
  const sum = (json as { checksums?: { sha256?: unknown } } | null)?.checksums?.sha256;
  return typeof sum === "string" && /^[\da-f]{64}$/i.test(sum) ? sum.toLowerCase() : undefined;
}
