/** `wifilogger forward --forget`, as it is typed. */

import { join } from "node:path";
import { eventually } from "../../scripts/household/eventually.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM, wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { inTheOpen, startBroker } from "./broker.ts";

const missing = lacks({ root: true, commands: ["mosquitto"] });

testWhen(
  missing,
  "`forward --forget` waits for no forwarder, says what it removed, and needs a broker",
  async () => {
    const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    await using broker = await startBroker(inTheOpen);
    const env = {
      HOME: home,
      WIFILOGGER_SITE: "home",
      WIFILOGGER_FORWARD: `mqtt://127.0.0.1:${broker.port}?home-assistant=on`,
      WIFILOGGER_FORWARD_DIR: join(home, "progress"),
      WIFILOGGER_RAM_LOG: join(home, "today.log"),
      WIFILOGGER_CONTROL_SOCKET: join(home, "nobody.sock"),
    };
    const [program, ...first] = PROGRAM;
    const running = new Deno.Command(program, {
      args: [...first, "forward"],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await eventually("progress", async () => {
        const files = await Array.fromAsync(Deno.readDir(env.WIFILOGGER_FORWARD_DIR)).catch(
          () => [],
        );
        return files.length > 0;
      });
      const refused = await wifilogger(["forward", "--forget"], { env });
      assertEquals(refused.code, 1);
      assertStringIncludes(refused.stderr, "the forwarder is running");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    } finally {
      running.kill("SIGTERM");
      await running.status;
    }
    const { code, stdout } = await wifilogger(["forward", "--forget"], { env });
    assertEquals(code, 0);
    assertStringIncludes(stdout, "  homeassistant/device/wifilogger_home/config\n");
    const again = await wifilogger(["forward", "--forget"], { env });
    assertStringIncludes(again.stdout, "removed 0 retained messages");
    const none = await wifilogger(["forward", "--forget"], { env: { HOME: home } });
    assertEquals(none.code, 2);
    await Deno.remove(home, { recursive: true });
  },
);
