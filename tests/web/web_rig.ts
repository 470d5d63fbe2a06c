/** A server of the pages on a made-up household, in this process, on a port of its own; and a running logger's socket. */

import { join } from "@std/path";
import { readSettings } from "../../service/settings/read_settings.ts";
import { type Controls, serveControls } from "../../service/control/control_server.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { systemClock } from "../../system/clock.ts";
import { loadLibc } from "../../system/native.ts";
import { type ApiToken, writeAccess } from "../../web/access/access_file.ts";
import { EntryLink } from "../../web/access/entry_link.ts";
import { hashPassword } from "../../web/access/password.ts";
import { secretHash } from "../../web/access/secret_text.ts";
import type { GateLimits } from "../../system/gate/visitor.ts";
import { GATE_LIMITS } from "../../web/door/gate_limits.ts";
import { serveWeb } from "../../web/web_server.ts";
import { archivedHome } from "../news/archived_home.ts";
import type { MadeUpFlow } from "../news/flow_line.ts";

loadLibc(); // once a process, and so in no test of its own

export const PASSWORD = "four words are long";
/** Tokens that are known to the server. */
export const TOKENS = { reads: "r".repeat(43), changes: "c".repeat(43) } as const;

/** How the server is. */
export interface RigOptions {
  readonly flows?: readonly Omit<MadeUpFlow, "id">[];
  readonly limits?: Partial<GateLimits>;
  readonly env?: Readonly<Record<string, string>>;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly hasPassword?: boolean;
  /** What a logger answers. @default none is running */
  readonly controls?: Controls;
  readonly sessionsPath?: string;
}

/** A server that runs. */
export interface WebRig extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly home: string;
  readonly webFile: string;
  readonly link: EntryLink;
  /** What it said on stderr. */
  readonly said: readonly string[];
  /** Asks for a path, as who has a token. */
  get(path: string, token?: keyof typeof TOKENS): Promise<Response>;
  post(path: string, body: unknown, token?: keyof typeof TOKENS): Promise<Response>;
  /** Signs in as a browser does. */
  signIn(password?: string): Promise<Response>;
}

export async function openWeb(options: RigOptions = {}): Promise<WebRig> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await archivedHome(options.flows ?? []));
  const folder = home.env.HOME;
  const socketPath = join(folder, "control.sock");
  const settings = readSettings({
    environment: { ...home.env, WIFILOGGER_CONTROL_SOCKET: socketPath, ...options.env },
  });
  if (options.controls !== undefined) {
    const say = (_level: string, _component: string, message: string) => console.error(message);
    const controls = await serveControls(socketPath, options.controls, say);
    stack.defer(() => controls?.shutdown());
  }
  const token = (name: keyof typeof TOKENS): ApiToken => ({
    name,
    hash: secretHash(TOKENS[name]),
    created: "2026-11-22T00:00:00Z",
    mayChange: name === "changes",
  });
  await writeAccess(settings.webFilePath, {
    ...(options.hasPassword !== false && { password: await passwordHash() }),
    tokens: [token("reads"), token("changes")],
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const said: string[] = [];
  const link = new EntryLink(systemClock);
  const serving = serveWeb(listener, {
    settings,
    clock: systemClock,
    readers: {
      outputs: () => Promise.resolve([]),
      receivers: () => Promise.resolve([]),
      check: () => Promise.resolve([]),
    },
    sessionsPath: options.sessionsPath,
    link,
    tls: options.tls,
    limits: { ...GATE_LIMITS, ...options.limits },
    say: (_level, _component, message) => said.push(message),
  }, stop.signal);
  stack.defer(async () => {
    stop.abort();
    await serving;
  });
  const { port } = listener.addr as Deno.NetAddr;
  const url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const bearer = (name: keyof typeof TOKENS) => ({ authorization: `Bearer ${TOKENS[name]}` });
  const kept = stack.move();
  return {
    port,
    url,
    home: folder,
    webFile: settings.webFilePath,
    link,
    said,
    get: (path, name = "reads") => fetch(url + path, { headers: bearer(name), redirect: "manual" }),
    post: (path, body, name = "changes") =>
      fetch(url + path, {
        method: "POST",
        headers: { ...bearer(name), "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    signIn: (password = PASSWORD) =>
      fetch(`${url}/api/v1/login`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url },
        body: JSON.stringify({ password }),
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

let kept: Promise<string> | undefined;
/** A guess takes milliseconds, so that tests may make many. */
export const CHEAP = { N: 2 ** 10, r: 8, p: 1 } as const;

/** Hashed once for all servers of a test file. */
function passwordHash(): Promise<string> {
  return kept ??= hashPassword(PASSWORD, CHEAP);
}

/** A running logger: one flow under way, of which each look shows more bytes. */
export function runningLogger(flowOf: (looks: number, nowMs: number) => string): Controls {
  let looks = 0;
  return {
    status: () => STATUS,
    places: () => ({ isPublic: true, sources: [] }),
    forgetPlaces: () => Promise.resolve(),
    flush: () =>
      Promise.resolve({ records: 0, bytes: 0, files: [], durationMs: 1 } as unknown as Awaited<
        ReturnType<Controls["flush"]>
      >),
    async *flows() {
      looks++;
      const nowMs = Date.now();
      const all = { flows: 1, bytes: 1, packets: 1 };
      yield `{"at":"${new Date(nowMs).toISOString()}","all":${JSON.stringify(all)},"flows":[`;
      yield flowOf(looks, nowMs);
      yield "]}";
    },
  };
}

const STATUS = {
  version: "0.0.0",
  seen: {
    heardDevices: 3,
    passingDevices: 2,
    ownTrafficPasses: true,
    tcpLines: 100,
    oneSidedLines: 0,
  },
} as unknown as LoggerStatus;
