/** The control socket of a running logger: HTTP over a unix socket. */

import { basename, dirname, join } from "@std/path";
import type { FlushReport } from "../../storage/flush/flush_report.ts";
import type { AddressPlaces } from "../places/address_places.ts";
import type { Say } from "../program/diagnostics.ts";
import { Gate } from "../../system/gate/gate.ts";
import { keepServing } from "../../system/gate/kept_server.ts";
import type { GateLimits } from "../../system/gate/visitor.ts";
import { LISTED_FLOWS } from "./live_flows.ts";
import type { LoggerStatus, WaitingStatus } from "./logger_status.ts";

/** What can be asked of a running logger. */
export interface Controls {
  status(): LoggerStatus;
  /** What is known of an address in text. */
  places(address: string): AddressPlaces;
  flush(): Promise<FlushReport>;
  /** Forgets which addresses were looked up. */
  forgetPlaces(): Promise<void>;
  /** The text of `LiveFlows`, slice by slice, with `limit` flows at most. */
  flows(limit: number): AsyncGenerator<string, void>;
}

/** A server on the socket. */
export interface ControlServer extends AsyncDisposable {
  /** Lets nobody in any more; resolves when who asked has been answered. */
  shutdown(): Promise<void>;
}

export const GATE_LIMITS: GateLimits = {
  maxConnections: 256,
  maxHeadBytes: 16 << 10,
  requestMs: 10_000,
  idleMs: 60_000,
  answerMs: 600_000,
  writeMs: 20_000,
};

/** Group members may use it, others not. */
const SOCKET_MODE = 0o660;
/** The server's own, behind the gate. */
const INNER_MODE = 0o600;
const PLACES_PATH = "/v1/places/";
const FLOWS_PATH = "/v1/flows";
const METRICS = "GET /metrics";

/**
 * Serves the controls until it is disposed of; `undefined` when the socket cannot be made, which is said: a logger that
 * cannot be asked still logs.
 */
export async function serveControls(
  path: string,
  controls: Controls,
  say: Say,
  limits?: GateLimits,
): Promise<ControlServer | undefined> {
  return await serve(path, (request) => answer(request, controls), { say, limits });
}

/** Tells everybody who asks, until it is disposed of, that the logger waits. Returns as `serveControls()` does. */
export async function serveWaiting(
  path: string,
  waiting: WaitingStatus,
  say: Say,
): Promise<ControlServer | undefined> {
  const body = { error: `the logger is ${waiting.state}`, waiting };
  return await serve(path, (request) => {
    const { pathname } = new URL(request.url);
    if (`${request.method} ${pathname}` === METRICS) return answerMetrics(request, waiting);
    return Response.json(body, { status: 503 });
  }, { say });
}

async function serve(
  path: string,
  handler: (request: Request) => Response | Promise<Response>,
  { say, limits = GATE_LIMITS }: { say: Say; limits?: GateLimits },
): Promise<ControlServer | undefined> {
  const innerPath = join(dirname(path), `.${basename(path)}`);
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await removeStale(path);
    await removeStale(innerPath);
    const server = keepServing(() => {
      const options = { path: innerPath, onListen: () => {}, onError: answerError };
      const opened = Deno.serve(options, handler);
      Deno.chmodSync(innerPath, INNER_MODE);
      return opened;
    });
    const gate = new Gate({
      listener: Deno.listen({ transport: "unix", path }),
      connect: () => Deno.connect({ transport: "unix", path: innerPath }),
      limits,
      readsHeads: true,
    });
    await Deno.chmod(path, SOCKET_MODE);
    const shutdown = async () => {
      await gate.close();
      await server.shutdown();
      await Deno.remove(innerPath).catch(() => {}); // it is gone
    };
    return { shutdown, [Symbol.asyncDispose]: shutdown };
  } catch (error) {
    say(
      "warning",
      "control",
      `cannot open the control socket ${path}: ${(error as Error).message}. ` +
        `status and --flush-now will not reach this logger`,
    );
    return undefined;
  }
}

/** A socket that nobody listens on any more was left by a logger that was killed. Anything else is not ours to remove. */
async function removeStale(path: string): Promise<void> {
  try {
    if (!(await Deno.lstat(path)).isSocket) throw new Deno.errors.AlreadyExists("it is no socket");
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await Deno.remove(path);
    return;
  }
  throw new Deno.errors.AddrInUse("another logger listens there");
}

async function answer(request: Request, controls: Controls): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method === "GET" && pathname.startsWith(PLACES_PATH)) {
    return placesAnswer(pathname.slice(PLACES_PATH.length), controls);
  }
  if (request.method === "GET" && pathname === FLOWS_PATH) {
    return flowsAnswer(searchParams.get("limit") ?? String(LISTED_FLOWS), controls);
  }
  switch (`${request.method} ${pathname}`) {
    case "GET /v1/status":
      return Response.json(controls.status());
    case METRICS:
      return await answerMetrics(request, controls.status());
    case "DELETE /v1/places":
      await controls.forgetPlaces();
      return Response.json({});
    case "POST /v1/flush":
      return Response.json(await controls.flush());
    default:
      return Response.json({ error: `there is no ${request.method} ${pathname}` }, { status: 404 });
  }
}

async function answerMetrics(
  request: Request,
  status: LoggerStatus | WaitingStatus,
): Promise<Response> {
  const { metricsAnswer } = await import("./metrics_answer.ts");
  return metricsAnswer(request, status);
}

function placesAnswer(word: string, controls: Controls): Response {
  let address: string;
  try {
    address = decodeURIComponent(word);
  } catch {
    return Response.json({ error: `${word} is no address` }, { status: 400 });
  }
  return Response.json(controls.places(address));
}

function flowsAnswer(limit: string, controls: Controls): Response {
  if (!/^\d{1,5}$/.test(limit)) {
    return Response.json({ error: `limit=${limit} is no number from 0 to 99999` }, { status: 400 });
  }
  const slices = ReadableStream.from(controls.flows(Number(limit)));
  return new Response(slices.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "application/json" },
  });
}

function answerError(error: unknown): Response {
  return Response.json({ error: (error as Error).message }, { status: 500 });
}
