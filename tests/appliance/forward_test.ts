/** The forwarder as a service: there when an output is set, and only then; it sends to a real broker. */

import { eventually } from "../../scripts/household/eventually.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { startBrokerOutside } from "./broker_outside.ts";
import {
  bootWithInstaller,
  filesOf,
  HOME,
  install,
  LOGS,
  propertyOf,
  SERVICE,
  whyNoMachine,
} from "./installation.ts";
import { numbersIn, range, send } from "./numbered_traffic.ts";

const FORWARD = "wifilogger-forward.service";

const missing = lacks({ root: true, commands: ["mosquitto"] }) ?? await whyNoMachine();

testWhen(
  missing,
  "the forwarder's service runs while an output is set, and only then",
  async (t) => {
    /** What comes after a step that failed would fail for no reason of its own. */
    const step = async (name: string, fn: () => void | Promise<void>) => {
      if (!await t.step(name, fn)) throw new Error(`stopped at: ${name}`);
    };
    await using machine = await bootWithInstaller();
    const filesBefore = await filesOf(machine);
    const enabled = async () =>
      (await machine.run("systemctl", "is-enabled", FORWARD)).stdout.trim();
    const propertyOfForward = (name: string) =>
      machine.output("systemctl", "show", "--value", "--property", name, FORWARD);
    let next = 10_000;

    await step("without an output nothing is enabled, and nothing runs", async () => {
      assertStringIncludes(
        await install(machine),
        "off: neither WIFILOGGER_FORWARD nor WIFILOGGER_TELL is set",
      );
      assertEquals([await enabled(), await propertyOfForward("ActiveState")], [
        "disabled",
        "inactive",
      ]);
      assertEquals((await machine.run("pgrep", "-f", "wifilogger forward")).stdout, "");
    });

    await using broker = await startBrokerOutside(machine, "wifilogger/+/records");
    const arrived = () => new Set(numbersIn(broker.messages));

    await step("with an output it runs, with no privilege", async () => {
      await machine.runAsPi(`echo WIFILOGGER_FORWARD=${broker.url} >>.env`);
      assertStringIncludes(await install(machine), `${FORWARD}: active`);
      assertEquals([await enabled(), await propertyOfForward("User")], ["enabled", "pi"]);
      const pid = await propertyOfForward("MainPID");
      const status = await machine.output("cat", `/proc/${pid}/status`);
      assertStringIncludes(status, `CapEff:\t${"0".repeat(16)}`);
      assertStringIncludes(status, `CapBnd:\t${"0".repeat(16)}`);
    });

    await step("it is exposed by 1.0 at most", async () => {
      await machine.output("systemd-analyze", "security", "--threshold=10", FORWARD);
    });

    await step("it may write how far it has come, and nothing of the log", async () => {
      const pid = await propertyOfForward("MainPID");
      const touch = (file: string) =>
        machine.run("nsenter", "--target", pid, "--mount", "/usr/bin/touch", file);
      for (const file of [`${LOGS}/x`, "/mnt/ramlogs/x", `${HOME}/.env`, "/usr/x"]) {
        assertStringIncludes((await touch(file)).stderr, "Read-only");
      }
      assertEquals((await touch(`${HOME}/wifi_logger/news/told.json.tmp`)).code, 0);
      await eventually(
        "progress on the card",
        async () =>
          (await machine.run("sh", "-c", `ls ${HOME}/wifi_logger/forward/mqtt-*.json`)).code === 0,
      );
    });

    await step("what crosses the cable is with the broker", async () => {
      const flows = await send(machine, { first: next, count: 100 }).done();
      next += flows.count;
      await eventually("all of them", () => range(flows).every((one) => arrived().has(one)));
      assertStringIncludes(await machine.output("wifilogger", "status"), "everything is sent");
      assertMatch(
        (await machine.run("wifilogger", "doctor")).stdout,
        /^ok +output +mqtt:.*: everything is sent$/m,
      );
    });

    await step("it goes on after the logger was started anew, and after itself was", async () => {
      const restarts = () => broker.messages.filter((line) => line.includes('"reason":"restart"'));
      const before = restarts().length;
      await machine.output("systemctl", "restart", SERVICE);
      await eventually("the gap between the loggers", () => restarts().length > before);
      const sent = broker.messages.length;
      await machine.output("systemctl", "kill", "--signal=SIGKILL", FORWARD);
      await eventually("a restart", async () => await propertyOfForward("NRestarts") === "1");
      const flows = await send(machine, { first: next, count: 100 }).done();
      next += flows.count;
      await eventually("all of them", () => range(flows).every((one) => arrived().has(one)));
      const identities = (lines: readonly string[]) =>
        lines.map((line) => JSON.parse(line).wifilogger).map(({ flow_id, part }) =>
          `${flow_id} ${part}`
        );
      const old = new Set(identities(broker.messages.slice(0, sent)));
      assertEquals(identities(broker.messages.slice(sent)).filter((one) => old.has(one)), []);
    });

    await step("when the machine goes down it sends what the logger has written last", async () => {
      // Most of it is not even in RAM when the machine goes down.
      const flows = await send(machine, { first: next, count: 100 }).done();
      await machine.reboot();
      await eventually("all of them", () => range(flows).every((one) => arrived().has(one)));
      await eventually("it runs", async () => await propertyOfForward("ActiveState") === "active");
      await machine.plug();
    });

    await step("without the output it is gone again", async () => {
      await machine.runAsPi("sed -i /WIFILOGGER_FORWARD/d .env");
      assertStringIncludes(
        await install(machine),
        "off: neither WIFILOGGER_FORWARD nor WIFILOGGER_TELL is set",
      );
      assertEquals([await enabled(), await propertyOfForward("ActiveState")], [
        "disabled",
        "inactive",
      ]);
      assertEquals(await propertyOf(machine, "ActiveState"), "active");
    });

    await step(
      "with metrics alone it runs, and asks the logger, whenever that was started",
      async () => {
        await machine.runAsPi("echo WIFILOGGER_METRICS_LISTEN=127.0.0.1:9420 >>.env");
        assertStringIncludes(await install(machine), `${FORWARD}: active`);
        const ask = `exec 3<>/dev/tcp/127.0.0.1/9420
      printf 'GET /metrics HTTP/1.1\\r\\nHost: pi\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3`;
        const isUp = async () =>
          /^wifilogger_up 1\r?$/m.test((await machine.run("bash", "-c", ask)).stdout);
        await eventually("metrics", isUp);
        await machine.output("systemctl", "stop", SERVICE);
        assertEquals(await isUp(), false);
        await machine.output("systemctl", "start", SERVICE);
        await eventually("metrics of the new logger", isUp);
        assertMatch((await machine.run("wifilogger", "doctor")).stdout, /^ok +metrics +served/m);
      },
    );

    await step("it may write what it has told", async () => {
      await machine.runAsPi(`echo WIFILOGGER_TELL=${broker.url} >>.env`);
      await install(machine);
      await eventually(
        "what was told",
        async () => (await machine.run("ls", `${HOME}/wifi_logger/news/told.json`)).code === 0,
      );
    });

    await step("--purge leaves nothing of it", async () => {
      await machine.runAsPi(`echo WIFILOGGER_FORWARD=${broker.url} >>.env`);
      await install(machine);
      await install(machine, "--purge");
      assertEquals(await filesOf(machine), filesBefore);
      assertEquals((await machine.run("systemctl", "cat", FORWARD)).code, 1);
    });
  },
);
