/** One request to ipinfo.io, and what came of it. Nothing here throws, and nothing tells the token. */

import { retryAfterMs } from "../system/back_off.ts";
import { readJsonBody } from "./json_body.ts";

/** What came of a request. */
export type IpinfoOutcome =
  /** JSON came. */
  | { readonly kind: "answer"; readonly json: unknown }
  /** The token is not good for this: 401, 403, or 402. */
  | { readonly kind: "refused" }
  /** There is no such thing to ask: 404 and the other 4xx. */
  | { readonly kind: "absent" }
  /** Nothing was asked: no network, or too many requests (429). `afterMs` is what the service asked to wait. */
  | { readonly kind: "later"; readonly why: string; readonly afterMs?: number }
  /** Something came that is no answer: 5xx, a redirect, half of one, no JSON, nothing in time. */
  | { readonly kind: "bad"; readonly why: string; readonly afterMs?: number };

/** What a request needs. */
export interface IpinfoRequest {
  readonly url: string;
  readonly token: string;
  /** Posted as JSON, where there is one. */
  readonly body?: unknown;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Asks. The token goes in a header, so that no address, and no error that shows one, has it. */
export async function askIpinfo(request: IpinfoRequest): Promise<IpinfoOutcome> {
  const { url, body, token, maxBytes, nowMs } = request;
  const timeout = AbortSignal.timeout(request.timeoutMs);
  let response: Response;
  try {
    response = await request.fetch(url, {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      // Followed, it could carry the token elsewhere.
      redirect: "manual",
      signal: AbortSignal.any([request.signal, timeout]),
    });
  } catch {
    return timeout.aborted
      ? { kind: "bad", why: "it did not answer in time" }
      : { kind: "later", why: "it cannot be reached" };
  }
  if (response.ok) return await readAnswer(response, maxBytes, timeout);
  await response.body?.cancel().catch(() => {}); // it may have broken off already
  const { status } = response;
  const afterMs = retryAfterMs(response.headers, nowMs);
  if (status === 429) return { kind: "later", why: "it was asked too often", afterMs };
  if (status === 401 || status === 402 || status === 403) return { kind: "refused" };
  if (status >= 400 && status < 500) return { kind: "absent" };
  return { kind: "bad", why: `it answered ${status}`, afterMs };
}

async function readAnswer(
  response: Response,
  maxBytes: number,
  timeout: AbortSignal,
): Promise<IpinfoOutcome> {
  try {
    return { kind: "answer", json: await readJsonBody(response, maxBytes) };
  } catch (error) {
    if (timeout.aborted) return { kind: "bad", why: "it did not answer in time" };
    if (error instanceof SyntaxError) return { kind: "bad", why: "its answer is no JSON" };
    if (error instanceof RangeError) return { kind: "bad", why: "its answer is too long" };
    return { kind: "bad", why: "its answer broke off" };
  }
}
