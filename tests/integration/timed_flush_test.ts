/** What `run` does by the clock: the flush timer, and the flush at local midnight under a clock that says so. */

import { join } from "@std/path";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM } from "../program.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";

/** libfaketime, which gives the program it is loaded into another time of day; `$LIB` is the loader's own word. */
const FAKETIME_LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1";
const missing = lacks({ root: true, commands: ["faketime"] });

testWhen(
  missing,
  "`run` flushes at local midnight, to the day that is over",
  () => flushesByItself({ clock: "@2026-06-30 23:59:57", flushInterval: "1h" }),
);

testWhen(
  missing,
  "`run` flushes when its interval has passed",
  () => flushesByItself({ clock: "@2026-06-30 12:00:00", flushInterval: "2s" }),
);

/** Starts a logger on the loopback, where nothing is to be logged but that it started, and waits for the archive. */
async function flushesByItself(
  { clock, flushInterval }: { clock: string; flushInterval: string },
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const [program, ...first] = PROGRAM;
  const logger = new Deno.Command(program, {
    args: [...first, "run", "--interface", "lo"],
    env: {
      LD_PRELOAD: FAKETIME_LIBRARY,
      FAKETIME: clock,
      TZ: "UTC",
      HOME: home,
      WIFILOGGER_RAM_LOG: join(home, "today.log"),
      WIFILOGGER_CONTROL_SOCKET: join(home, "control.sock"),
      WIFILOGGER_FLUSH_INTERVAL: flushInterval,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(logger.stderr).text();
  try {
    const path = join(home, "wifi_logger/logs", "2026-06-30.log");
    const [record] = parseRecords(await whenThere(path));
    assertStringIncludes(JSON.stringify(record), "restart");
    assertEquals((await Deno.stat(join(home, "today.log"))).size, 0);
  } finally {
    logger.kill("SIGTERM");
    const { code } = await logger.status;
    assertEquals(code, 0, await stderr);
    await Deno.remove(home, { recursive: true });
  }
}

/** A file's text, once it is there and holds something. */
async function whenThere(path: string, deadlineMs = 20_000): Promise<string> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} did not appear within ${deadlineMs} ms`);
}
