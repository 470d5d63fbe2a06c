/** The control server and its client over a real unix socket. */

import { join } from "@std/path";
import {
  assert,
  assertEquals,
  assertExists,
  assertRejects,
  assertStringIncludes,
} from "../../assert.ts";
import {
  askFlows,
  askFlush,
  askPlaces,
  askStatus,
  NoLoggerError,
  WaitingLoggerError,
} from "../../../service/control/control_client.ts";
import { wifilogger } from "../../program.ts";
import type { AddressPlaces } from "../../../service/places/address_places.ts";
import {
  type Controls,
  type ControlServer,
  serveControls,
  serveWaiting,
} from "../../../service/control/control_server.ts";
import type { LoggerStatus } from "../../../service/control/logger_status.ts";
import { MADE_UP_STATUS } from "./made_up_status.ts";
import type { FlushReport } from "../../../storage/flush/flush_report.ts";

const STATUS = { version: "1.2.3", pid: 7 } as LoggerStatus;
const REPORT: FlushReport = { records: 3, bytes: 99, files: [], warnings: [], durationMs: 1 };
const PLACES: AddressPlaces = { isPublic: true, as: { number: 559 }, sources: [] };

interface Served {
  readonly folder: string;
  readonly path: string;
  /** Serves on the socket; `undefined` when that was refused. */
  serve(controls?: Partial<Controls>): Promise<ControlServer | undefined>;
  readonly said: string[];
}

/** Three slices. */
async function* flowsText(limit: number) {
  yield '{"at":"2026-11-22T12:00:00.000Z","all":{"flows":9,"bytes":8,"packets":7},"flows":[';
  await new Promise((resolve) => setTimeout(resolve));
  yield `{"limit":${limit}}`;
  yield "]}";
}

/** Runs a test in a folder of its own; what was served is shut down after it. */
function test(name: string, run: (served: Served) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const path = join(folder, "run", "control.sock");
    const said: string[] = [];
    const servers: ControlServer[] = [];
    const say = (level: string, component: string, message: string) => {
      said.push(`${level} ${component} ${message}`);
    };
    const whole = {
      status: () => STATUS,
      places: () => PLACES,
      flush: () => Promise.resolve(REPORT),
      forgetPlaces: () => Promise.resolve(),
      flows: flowsText,
    };
    try {
      await run({
        folder,
        path,
        said,
        async serve(controls = {}) {
          const server = await serveControls(path, { ...whole, ...controls }, say);
          if (server) servers.push(server);
          return server;
        },
      });
    } finally {
      for (const server of servers) await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Asks the socket for anything at all. */
async function ask(
  path: string,
  method: string,
  pathname: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const response = await fetch(`http://localhost${pathname}`, { method, client, headers });
  return new Response(await response.text(), response);
}

async function modeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).mode! & 0o777;
}

test("`askStatus()` gives what the logger says of itself", async ({ path, serve, said }) => {
  await serve();
  assertEquals(await askStatus(path), STATUS);
  assertEquals(said, []);
});

test("the socket gives metrics in the format that is accepted, of a logger that waits too", async ({ path, serve }) => {
  const server = await serve({ status: () => MADE_UP_STATUS });
  const plain = await ask(path, "GET", "/metrics");
  assertEquals(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assertStringIncludes(await plain.text(), "\nwifilogger_records_total 66\n");
  const accept = "application/openmetrics-text; version=1.0.0";
  const open = await ask(path, "GET", "/metrics", { accept });
  assertStringIncludes(open.headers.get("content-type")!, accept);
  assertStringIncludes(await open.text(), "\n# EOF\n");
  assertEquals((await ask(path, "POST", "/metrics")).status, 404);
  await server!.shutdown();

  const waiting = { version: "1.2.3", pid: 7, since: "2026-11-22T12:00:00Z", state: "waiting" };
  await using _waits = await serveWaiting(path, waiting, () => {});
  const waits = await ask(path, "GET", "/metrics");
  assertEquals(waits.status, 200);
  assertStringIncludes(await waits.text(), "\nwifilogger_up 0\n");
});

test("`askPlaces()` gives what the logger knows of an address, IPv6 too", async ({ path, serve }) => {
  const asked: string[] = [];
  await serve({
    places: (address) => {
      asked.push(address);
      return PLACES;
    },
  });
  assertEquals(await askPlaces(path, "9.9.9.9"), PLACES);
  assertEquals(await askPlaces(path, "2001:620::1"), PLACES);
  assertEquals(asked, ["9.9.9.9", "2001:620::1"]);
  assertEquals((await ask(path, "GET", "/v1/places/%zz")).status, 400);
});

test("`askFlush()` gives the report of a flush, and each call makes one", async ({ path, serve }) => {
  let flushes = 0;
  await serve({
    flush: () => {
      flushes++;
      return Promise.resolve(REPORT);
    },
  });
  assertEquals(await askFlush(path), REPORT);
  assertEquals(await askFlush(path), REPORT);
  assertEquals(flushes, 2);
});

test("`askFlush()` throws what the logger failed with", async ({ path, serve }) => {
  await serve({ flush: () => Promise.reject(new Error("the card is full")) });
  await assertRejects(() => askFlush(path), Error, "the card is full");
});

test("`askStatus()` says that no logger runs, whether there is a socket or not", async ({ path, serve, folder }) => {
  const error = await assertRejects(() => askStatus(path), NoLoggerError);
  assertStringIncludes(error.message, path);

  const server = await serve();
  await server!.shutdown();
  await assertRejects(() => askStatus(path), NoLoggerError);

  const stale = join(folder, "stale.sock");
  await leaveStaleSocket(stale);
  await assertRejects(() => askStatus(stale), NoLoggerError);
});

test("who asks a logger that waits is told for what, and `status` shows it", async ({ path }) => {
  const waiting = {
    version: "1.2.3",
    pid: 7,
    since: new Date().toISOString(),
    state: "waiting for a default route",
  };
  const server = await serveWaiting(path, waiting, () => {});
  try {
    const error = await assertRejects(() => askStatus(path), WaitingLoggerError);
    assertEquals(error.waiting, waiting);
    await assertRejects(() => askFlush(path), NoLoggerError);
    const env = { WIFILOGGER_CONTROL_SOCKET: path, WIFILOGGER_FORWARD_DIR: `${path}.forward` };
    const text = await wifilogger(["status"], { env });
    assertEquals(text.code, 0, text.stderr);
    assertStringIncludes(text.stdout, "waiting for a default route");
    const json = await wifilogger(["status", "--format", "json"], { env });
    assertEquals(JSON.parse(json.stdout), waiting);
  } finally {
    await server?.shutdown();
  }
});

test("`askFlows()` gives the flows under way, as many as are asked for", async ({ path, serve }) => {
  await serve();
  const { all, flows } = await askFlows(path, 77);
  assertEquals(all, { flows: 9, bytes: 8, packets: 7 });
  assertEquals(flows as unknown, [{ limit: 77 }]);
  assertEquals((await askFlows(path)).flows as unknown, [{ limit: 1000 }]);
  assertEquals((await ask(path, "GET", "/v1/flows?limit=many")).status, 400);
});

test("`serveControls()` answers what it does not know with 404", async ({ path, serve }) => {
  await serve();
  for (const [method, pathname] of [["GET", "/"], ["GET", "/v1/flush"], ["POST", "/v1/status"]]) {
    const response = await ask(path, method, pathname);
    assertEquals(response.status, 404);
    assertEquals(await response.json(), { error: `there is no ${method} ${pathname}` });
  }
});

test("`serveControls()` lets group members use the socket and others not", async ({ path, serve }) => {
  await serve();
  assertEquals(await modeOf(path), 0o660);
});

test("`serveControls()` replaces the socket of a logger that was killed", async ({ path, serve, said }) => {
  await Deno.mkdir(join(path, ".."));
  await leaveStaleSocket(path);
  assertExists(await serve());
  assertEquals(await askStatus(path), STATUS);
  assertEquals(said, []);
});

test("`serveControls()` refuses to take another logger's socket, and does it no harm", async ({ path, serve, said }) => {
  await serve();
  assertEquals(await serve({ status: () => ({ ...STATUS, pid: 8 }) }), undefined);
  assertEquals((await askStatus(path)).pid, 7);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "warning control");
  assertStringIncludes(said[0], path);
});

test("`serveControls()` removes no file that is not a socket", async ({ path, serve, said }) => {
  await Deno.mkdir(join(path, ".."));
  await Deno.writeTextFile(path, "precious");
  assertEquals(await serve(), undefined);
  assertEquals(await Deno.readTextFile(path), "precious");
  assertEquals(said.length, 1);
});

test("`serveControls()` says when it cannot make its socket, and goes on", async ({ folder, path, serve, said }) => {
  await Deno.writeTextFile(join(folder, "run"), "a file where the folder should be");
  assertEquals(await serve(), undefined);
  assert(said[0].includes(path), said[0]);
});

/** A socket that nobody listens on, as a killed process leaves it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script =
    "Deno.listen({ transport: 'unix', path: Deno.args[0] }); Deno.kill(Deno.pid, 'SIGKILL');";
  const scriptPath = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(scriptPath, script);
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-config", "-A", scriptPath, path],
  }).output();
  await Deno.remove(scriptPath);
  assert((await Deno.lstat(path)).isSocket);
}
