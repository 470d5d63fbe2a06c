/** What a visitor sends with a request: little, soon, and JSON. */

import { HttpFault } from "./http_fault.ts";

const MAX_BYTES = 16 * 1024;

/**
 * The body as JSON; an empty one is `{}`. It must be there within `timeoutMs`.
 *
 * @throws {HttpFault} when it is too long, too slow or no JSON
 */
export async function readJsonBody(request: Request, timeoutMs: number): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";", 1)[0].trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw new HttpFault(415, "the body must be application/json");
  }
  const text = await readText(request, timeoutMs);
  if (text.trim() === "") return {};
  if (type === undefined) throw new HttpFault(415, "the body must be application/json");
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpFault(400, "the body is no JSON");
  }
}

async function readText(request: Request, timeoutMs: number): Promise<string> {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > MAX_BYTES) throw tooLong();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {}); // nobody may be waiting any more
  const timer = setTimeout(
    () => late.reject(new HttpFault(408, "the body did not come in time")),
    timeoutMs,
  );
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      bytes += value.length;
      if (bytes > MAX_BYTES) throw tooLong();
      pieces.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof HttpFault ? error : new HttpFault(400, "the body broke off");
  } finally {
    clearTimeout(timer);
  }
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return new TextDecoder().decode(whole);
}

function tooLong(): HttpFault {
  return new HttpFault(413, `the body has more than ${MAX_BYTES} bytes`);
}
