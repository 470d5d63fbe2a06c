/** Posting batches over HTTP, and what an answer means for them. */

import { gzipSync } from "node:zlib";
import type { OutputUrl } from "../../service/settings/output_url.ts";
import { retryAfterMs } from "../../system/back_off.ts";
import { systemClock } from "../../system/clock.ts";
import { osReason } from "../../system/files/os_error.ts";
import { SendFailure } from "../outputs/output.ts";
import { readTlsFiles } from "../outputs/tls_files.ts";

const TIMEOUT_MS = 30_000;
/** Of what a receiver says with its refusal. */
const MAX_REASON = 200;

/** Posts to one URL. */
export class HttpClient {
  readonly #output: OutputUrl;
  readonly #headers: Record<string, string>;
  #client: Deno.HttpClient | undefined;

  constructor(output: OutputUrl, contentType: string) {
    this.#output = output;
    this.#headers = { "content-type": contentType, ...authorization(output) };
    if (this.#isGzipped) this.#headers["content-encoding"] = "gzip";
  }

  get #isGzipped(): boolean {
    return this.#output.options.compress !== "none";
  }

  /** `headers` are sent besides those that every request has. @throws {SendFailure} */
  async post(text: string, stop: AbortSignal, headers: Record<string, string> = {}): Promise<void> {
    const body = this.#isGzipped ? new Uint8Array(gzipSync(text)) : text;
    const init = { method: "POST", headers: { ...this.#headers, ...headers }, body };
    const response = await this.#send(this.#output.url, init, stop);
    await response.body?.cancel();
  }

  /** What a URL of the same receiver holds. @throws {SendFailure} */
  async get(url: URL, stop: AbortSignal): Promise<string> {
    const response = await this.#send(url, { headers: authorization(this.#output) }, stop);
    return await response.text().catch((error) => {
      throw unreachable(error);
    });
  }

  /** @throws {SendFailure} also when the answer is not 2xx */
  async #send(url: URL, init: RequestInit, stop: AbortSignal): Promise<Response> {
    this.#client ??= Deno.createHttpClient(await readTlsFiles(this.#output));
    let response: Response;
    try {
      response = await fetch(url, {
        ...init,
        redirect: "manual",
        signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
        client: this.#client,
      });
    } catch (error) {
      throw unreachable(error);
    }
    if (response.ok) return response;
    const said = (await response.text().catch(() => "")).trim().split("\n", 1)[0];
    throw answered(response, said.slice(0, MAX_REASON));
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}

/** A user with a password, or a token alone. */
function authorization({ user, password }: OutputUrl): Record<string, string> {
  if (user === undefined && password === undefined) return {};
  const secret = password?.reveal() ?? "";
  if (user === undefined) return { authorization: `Bearer ${secret}` };
  const bytes = new TextEncoder().encode(`${user}:${secret}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function unreachable(error: unknown): SendFailure {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new SendFailure("unreachable", `no answer in ${TIMEOUT_MS / 1000} s`);
  }
  // Deno says the URL, and the reason at the end.
  const { message } = (error as Error & { cause?: Error }).cause ?? error as Error;
  const why = /(?:tcp connect error|client error \(\w+\)|dns error): (.*)$/.exec(message)?.[1] ??
    osReason(error);
  const isCertificate = /certificate/i.test(why);
  return new SendFailure(isCertificate ? "denied" : "unreachable", why, { cause: error });
}

/** What an answer other than 2xx means (RFC 9110, section 15). */
function answered({ status, headers }: Response, said: string): SendFailure {
  const message = `HTTP ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 413) return new SendFailure("too_large", message);
  if (status < 400) {
    return new SendFailure(
      "denied",
      `${message} leads to ${headers.get("location")}: set that URL`,
    );
  }
  if ([401, 403, 404, 405, 407].includes(status)) return new SendFailure("denied", message);
  if (status >= 500 || [408, 425, 429].includes(status)) {
    return new SendFailure("unreachable", message, {
      retryAfterMs: retryAfterMs(headers, systemClock.wallMs()),
    });
  }
  return new SendFailure("refused", message);
}
