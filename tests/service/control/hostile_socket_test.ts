/** Who connects to the control socket and means no good, or knows no better. */

import { join } from "@std/path";
import { askStatus } from "../../../service/control/control_client.ts";
import {
  type Controls,
  GATE_LIMITS,
  serveControls,
} from "../../../service/control/control_server.ts";
import type { GateLimits } from "../../../system/gate/visitor.ts";
import { assert, assertEquals, assertLess } from "../../assert.ts";
import { MADE_UP_STATUS } from "./made_up_status.ts";

const CONTROLS: Controls = {
  status: () => MADE_UP_STATUS,
  places: () => ({ isPublic: true, sources: [] }),
  flush: () => Promise.resolve({ records: 0, bytes: 0, files: [], warnings: [], durationMs: 1 }),
  flows: () => flows(),
  forgetPlaces: () => Promise.resolve(),
};

/** More than a socket takes at once. */
async function* flows() {
  for (let i = 0; i < 200; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    yield `"${"x".repeat(50_000)}"\n`;
  }
}

/** Runs a test against a socket with limits of its own. */
function test(
  name: string,
  limits: Partial<GateLimits>,
  run: (path: string) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const path = join(folder, "control.sock");
    const server = await serveControls(path, CONTROLS, () => {}, { ...GATE_LIMITS, ...limits });
    try {
      await run(path);
    } finally {
      await server!.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function connect(path: string, text = ""): Promise<Deno.UnixConn> {
  const connection = await Deno.connect({ transport: "unix", path });
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) {
    try {
      sent += await connection.write(bytes.subarray(sent));
    } catch {
      break; // cut off in the midst
    }
  }
  return connection;
}

/** All that comes until the other end closes. */
async function answerOf(connection: Deno.Conn): Promise<string> {
  try {
    return await new Response(connection.readable).text();
  } catch {
    return "cut";
  }
}

test("garbage is answered 400, and so is what is no address", {}, async (path) => {
  for (
    const garbage of [
      "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "\0".repeat(500) + "\r\n\r\n",
      "GET /v1/places/%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]
  ) {
    const answer = await answerOf(await connect(path, garbage));
    assertEquals(answer.split("\r\n", 1)[0], "HTTP/1.1 400 Bad Request", garbage);
  }
});

test("a head that is too long is refused", {}, async (path) => {
  const head = `GET /v1/status HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(100_000)}`;
  const answer = await answerOf(await connect(path, head));
  assert(answer === "cut" || answer.startsWith("HTTP/1.1 431 "), answer);
  assertEquals((await askStatus(path)).pid, MADE_UP_STATUS.pid);
});

test("who sends half a request is cut off", { requestMs: 100 }, async (path) => {
  const startMs = performance.now();
  const answer = await answerOf(await connect(path, "GET /v1/status HTTP/1.1\r\nHo"));
  assert(answer.startsWith("HTTP/1.1 408 "), answer);
  assertEquals(await answerOf(await connect(path)), answer);
  assertLess(performance.now() - startMs, 5_000);
});

test("who takes nothing of an answer is cut off", { writeMs: 100 }, async (path) => {
  const connection = await connect(path, "GET /v1/flows HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert((await answerOf(connection)).length < 5e6);
});

test("who keeps a connection open without asking is cut off", { idleMs: 100 }, async (path) => {
  const answer = await answerOf(await connect(path, "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n"));
  assert(answer.startsWith("HTTP/1.1 200 OK"), answer);
});

test("200 connections that say nothing keep nobody from asking", {}, async (path) => {
  const idle = await Promise.all(Array.from({ length: 200 }, () => connect(path)));
  assertEquals((await askStatus(path)).pid, MADE_UP_STATUS.pid);
  for (const connection of idle) connection.close();
});

test("of too many connections the one goes that has said nothing for the longest", {
  maxConnections: 20,
}, async (path) => {
  const idle: Deno.UnixConn[] = [];
  for (let i = 0; i < 30; i++) idle.push(await connect(path));
  assertEquals((await askStatus(path)).pid, MADE_UP_STATUS.pid);
  assertEquals(await answerOf(idle[0]), "");
  for (const connection of idle.slice(1)) connection.close();
});
