/** `scripts/compile.ts`: what comes out, and that it comes out the same again. */

import { fromFileUrl } from "@std/path";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { sha256Hex } from "../../scripts/runtime_base.ts";
import { compiled } from "../appliance/compiled.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { mailServer } from "../forward/telling/receivers.ts";
import { longCapture } from "../long_capture.ts";
import { wifilogger } from "../program.ts";
import { testWhen } from "../skip.ts";
import { whyNoRuntimeBase } from "./runtime_base_missing.ts";

const PROJECT = fromFileUrl(new URL("../..", import.meta.url));
const MACHINE = Deno.build.arch;

/** Lays the files of this project, as they are here, into another folder; each is new there. */
async function checkOut(folder: string): Promise<void> {
  const left = [".git", ".tools", ".tmp", "dist", "node_modules"];
  for (const { name } of Deno.readDirSync(PROJECT)) {
    if (left.includes(name)) continue;
    await new Deno.Command("cp", { args: ["-R", `${PROJECT}${name}`, `${folder}/${name}`] })
      .output();
  }
  // The same commit: its name is in the program.
  await Deno.symlink(`${PROJECT}.git`, `${folder}/.git`);
}

/** Sums of the program and of its bill of materials. */
async function sumsIn(dist: string): Promise<string[]> {
  const paths = [`${dist}/wifilogger-${MACHINE}`, `${dist}/wifilogger-${MACHINE}.cdx.json`];
  return await Promise.all(paths.map(async (path) => await sha256Hex(await Deno.readFile(path))));
}

testWhen(
  await whyNoRuntimeBase(),
  "compile makes the same bytes in another folder, with a version that names the commit",
  async () => {
    const path = await compiled(MACHINE);
    const first = await sumsIn(`${PROJECT}dist`);
    const copy = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "another checkout " });
    try {
      await checkOut(copy);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--frozen", "-A", `${copy}/scripts/compile.ts`, MACHINE],
        cwd: copy,
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      assertEquals(await sumsIn(`${copy}/dist`), first);
    } finally {
      await Deno.remove(copy, { recursive: true });
    }

    const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
    assertMatch(
      new TextDecoder().decode(stdout),
      /^wifilogger \d+\.\d+\.\d+\+([0-9a-f]{12}(\.modified)?|unknown)\n$/,
    );
  },
);

testWhen(
  await whyNoRuntimeBase(),
  "an executable has what `read` needs for a thread of its own",
  async () => {
    using file = longCapture();
    const path = await compiled(MACHINE);
    const { code, stdout } = await new Deno.Command(path, { args: ["read", file.path] }).output();
    assertEquals(code, 0);
    assert(new TextDecoder().decode(stdout) === (await wifilogger(["read", file.path])).stdout);
  },
);

testWhen(
  await whyNoRuntimeBase(),
  "an executable has all that it needs to send mail",
  async () => {
    await using server = mailServer();
    const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    await Deno.mkdir(`${home}/wifi_logger/news`, { recursive: true });
    // A letter that is a week late.
    const sinceMs = Date.now() - 30 * 24 * 3600e3;
    const told = { sinceMs, letterMs: sinceMs };
    await Deno.writeTextFile(`${home}/wifi_logger/news/told.json`, JSON.stringify(told));
    const child = new Deno.Command(await compiled(MACHINE), {
      args: ["forward"],
      clearEnv: true,
      env: {
        HOME: home,
        // The program's permission to run a command is for one that is found on it.
        PATH: "/usr/bin:/bin",
        WIFILOGGER_TELL: `smtp://${server.host}?to=anna@example.org`,
        WIFILOGGER_FORWARD_DIR: `${home}/progress`,
        WIFILOGGER_RAM_LOG: `${home}/today.log`,
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    const endMs = Date.now() + 30_000;
    while (server.received.length === 0 && Date.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGKILL");
    const text = await said;
    await child.status;
    await Deno.remove(home, { recursive: true });
    assertEquals(server.received.map(({ to }) => to), [["anna@example.org"]], text);
  },
);

testWhen(
  await whyNoRuntimeBase(),
  "an executable has all that it needs to speak MQTT",
  async () => {
    using broker = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = broker.addr as Deno.NetAddr;
    const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    const startMs = Date.parse("2026-06-30T00:00:00");
    await Deno.mkdir(`${home}/wifi_logger/logs`, { recursive: true });
    await Deno.writeTextFile(
      `${home}/wifi_logger/logs/2026-06-30.log`,
      [...householdLines({ startMs, records: 10, seed: 1 })].join(""),
    );
    const child = new Deno.Command(await compiled(MACHINE), {
      args: ["forward"],
      env: {
        HOME: home,
        WIFILOGGER_FORWARD: `mqtt://127.0.0.1:${port}`,
        WIFILOGGER_FORWARD_SINCE: "all",
        WIFILOGGER_FORWARD_DIR: `${home}/progress`,
        WIFILOGGER_RAM_LOG: `${home}/today.log`,
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    try {
      const said = new Response(child.stderr).text();
      const first = new Uint8Array(1);
      const connected = broker.accept().then(async (connection) => {
        await connection.read(first);
        connection.close();
      });
      await Promise.race([connected, said.then((text) => assertEquals(text, ""))]);
      assertEquals(first[0], 0x10, "CONNECT (MQTT 3.1.1, 3.1)");
      child.kill("SIGKILL");
      await said;
    } finally {
      await child.status;
      await Deno.remove(home, { recursive: true });
    }
  },
);
