/** `wifilogger metrics`, beside a control socket and without one. */

import { join } from "@std/path";
import { serveControls, serveWaiting } from "../../service/control/control_server.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { MADE_UP_STATUS } from "../service/control/made_up_status.ts";

async function inFolder(run: (socket: string, file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "control.sock"), join(folder, "wifilogger.prom"));
    assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(".")), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const unasked = () => {
  throw new Error("not asked for here");
};

Deno.test("`metrics` prints a logger's figures in both formats", async () => {
  await inFolder(async (socket) => {
    const controls = {
      status: () => MADE_UP_STATUS,
      places: unasked,
      flush: unasked,
      forgetPlaces: unasked,
      flows: unasked,
    };
    await using _server = await serveControls(socket, controls, unasked);
    const env = { WIFILOGGER_CONTROL_SOCKET: socket };
    const plain = await wifilogger(["metrics"], { env });
    assertEquals([plain.code, plain.stderr], [0, ""]);
    assertStringIncludes(plain.stdout, "\nwifilogger_records_total 66\n");
    const open = await wifilogger(["metrics", "--format", "openmetrics"], { env });
    assertStringIncludes(open.stdout, "# TYPE wifilogger_records counter\n");
    assert(open.stdout.endsWith("\n# EOF\n"));
  });
});

Deno.test("`metrics` without a logger says so in the text, on stderr and with 1", async () => {
  await inFolder(async (socket, file) => {
    await Deno.writeTextFile(file, "wifilogger_up 1\n");
    const env = { WIFILOGGER_CONTROL_SOCKET: socket };
    const { code, stdout, stderr } = await wifilogger(["metrics", "--output", file], { env });
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^wifilogger: no logger is running: [^\n]+\n$/);
    assertMatch(await Deno.readTextFile(file), /^wifilogger_up 0\n$/m);
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o644);
  });
});

Deno.test("`metrics` of a logger that waits is 0, with its version", async () => {
  await inFolder(async (socket) => {
    const waiting = { version: "1.2.3", pid: 7, since: "2026-11-22T12:00:00Z", state: "waiting" };
    await using _server = await serveWaiting(socket, waiting, unasked);
    const { code, stdout } = await wifilogger(["metrics"], {
      env: { WIFILOGGER_CONTROL_SOCKET: socket },
    });
    assertEquals(code, 1);
    assertMatch(stdout, /^wifilogger_up 0\n[^]*wifilogger_build_info\{version="1.2.3"\} 1\n$/m);
  });
});
