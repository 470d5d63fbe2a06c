/**
 * One machine's life: installed, upgraded, killed, rebooted, uninstalled. Every line of the log is counted over all of
 * it, see numbered_traffic.ts.
 */

import { eventually } from "../../scripts/household/eventually.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archived,
  bootWithInstaller,
  BROKEN,
  filesOf,
  HOME,
  inRam,
  install,
  LOGS,
  PROGRAM,
  propertyOf,
  SERVICE,
  UNITS,
  untilInRam,
  untilIt,
  whyNoMachine,
} from "./installation.ts";
import { numbersIn, range, send } from "./numbered_traffic.ts";

const missing = await whyNoMachine();

testWhen(missing, "the appliance, over its life, loses no line", async (t) => {
  /** What comes after a step that failed would fail for no reason of its own. */
  const step = async (name: string, fn: () => void | Promise<void>) => {
    if (!await t.step(name, fn)) throw new Error(`stopped at: ${name}`);
  };
  await using machine = await bootWithInstaller();
  /** Whose lines must be in the archive at the end, once each. */
  const sent: number[] = [];
  let next = 10_000;
  const sendSome = async () => {
    const flows = await send(machine, { first: next, count: 100 }).done();
    next += flows.count;
    sent.push(...range(flows));
    return flows;
  };

  const filesBefore = await filesOf(machine);

  await step("install.sh takes back an installation that does not start", async () => {
    await Deno.writeTextFile(machine.path(`${HOME}/broken`), BROKEN, { mode: 0o755 });
    const { code, stderr } = await machine.runAsPi("sudo ./install.sh --binary broken");
    assertEquals(code, 1);
    assertMatch(stderr, /^install\.sh: the installation failed: .* It was undone\n$/);
    await machine.output("rm", `${HOME}/broken`);
    assertEquals(await filesOf(machine), filesBefore);
  });

  await step(
    "install.sh installs a service that captures, with no privilege but one",
    async () => {
      const { code, stdout, stderr } = await machine.runAsPi(
        "echo secret-token | sudo ./install.sh --token",
      );
      assertEquals(code, 0, stdout + stderr);
      assertStringIncludes(stdout, "capturing on host0");
      assertStringIncludes(stdout, LOGS);
      assert(!(stdout + stderr).includes("secret-token"));
      const status = Deno.readTextFileSync(
        machine.path(`/proc/${await propertyOf(machine, "MainPID")}/status`),
      );
      const CAP_NET_RAW = 13;
      assertStringIncludes(status, `CapEff:\t${(1 << CAP_NET_RAW).toString(16).padStart(16, "0")}`);
      assertEquals(await propertyOf(machine, "User"), "pi");
      assertEquals(
        await machine.output("cat", `${HOME}/.env`),
        "# mine\nWIFILOGGER_IDLE_TIMEOUT=1s\nWIFILOGGER_ACTIVE_TIMEOUT=1s\nIPINFO_TOKEN=secret-token",
      );
      assertEquals(await machine.output("stat", "-c", "%a %U", `${HOME}/.env`), "600 pi");
      assertEquals(
        await machine.output("findmnt", "-no", "FSTYPE,SIZE", "/mnt/ramlogs"),
        "tmpfs   50M",
      );
    },
  );

  await step(
    "a timer fetches databases of places, in a sandbox without any privilege",
    async () => {
      const unit = "wifilogger-places.service";
      assertEquals(
        await machine.output("systemctl", "is-enabled", "wifilogger-places.timer"),
        "enabled",
      );
      // There is no way to ipinfo.io here; that is said, and tried again.
      await machine.run("systemctl", "start", unit);
      const said = await machine.output("journalctl", "-u", unit, "-o", "cat");
      assertMatch(said, /^IPinfo Lite: it cannot be reached\. The one that is there stays$/m);
      assert(!said.includes("secret-token"));
      assertEquals(await machine.output("stat", "-c", "%U", `${HOME}/wifi_logger/places`), "pi");
      const show = async (name: string) =>
        await machine.output("systemctl", "show", "--property", name, "--value", unit);
      assertEquals([await show("CapabilityBoundingSet"), await show("AmbientCapabilities")], [
        "",
        "",
      ]);
      const security = await machine.output("systemd-analyze", "security", "--no-pager", unit);
      const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(security)?.[1]);
      assertLess(exposure, 2);
      await machine.output("systemctl", "stop", unit);
    },
  );

  await step("doctor finds the service as shipped, and what was changed since", async () => {
    const findings = async () => (await machine.run(PROGRAM, "doctor")).stdout;
    const healthy = await findings();
    for (
      const line of [
        /^ok +privilege +the service may capture$/m,
        /^ok +service +installed for pi, starts with the machine$/m,
        /^ok +sandbox +as shipped$/m,
        /^ok +logger +running since/m,
        /^ok +interface +host0 is up/m,
        /^ok +RAM log +\/mnt\/ramlogs is in RAM, with room for 52.4 MB$/m,
        /^ok +archive +.* can be written$/m,
      ]
    ) assertMatch(healthy, line);
    assertStringIncludes(healthy, `all can be used; from ${HOME}/.env`);
    const added = `${UNITS}/${SERVICE}.d/override.conf`;
    await machine.output("mkdir", `${UNITS}/${SERVICE}.d`);
    await Deno.writeTextFile(machine.path(added), "[Service]\nNoNewPrivileges=no\n");
    await machine.output("systemctl", "disable", SERVICE);
    const changed = await findings();
    assertMatch(changed, /^warn +sandbox +not as shipped: NoNewPrivileges\. Run: /m);
    assertMatch(changed, /^bad +service +.* Run: sudo systemctl enable wifilogger$/m);
    await machine.output("rm", "-r", `${UNITS}/${SERVICE}.d`);
    await machine.output("systemctl", "enable", SERVICE);
  });

  await step(
    "the service sees of the home folder only its own, and may not write its settings",
    async () => {
      const pid = await propertyOf(machine, "MainPID");
      const inside = (...argv: string[]) =>
        machine.run("nsenter", "--target", pid, "--mount", ...argv);
      const { stdout } = await inside("/usr/bin/find", "/home", "/root", "-maxdepth", "2");
      assertEquals(
        stdout.trim().split("\n").sort(),
        ["/home", HOME, `${HOME}/.env`, `${HOME}/wifi_logger`, "/root"],
      );
      assertStringIncludes((await inside("/usr/bin/touch", `${HOME}/.env`)).stderr, "Read-only");
      assertStringIncludes((await inside("/usr/bin/touch", "/usr/x")).stderr, "Read-only");
    },
  );

  await step("the service asks systemd whether the clock is set, and is answered", async () => {
    // The kernel itself may not answer in the sandbox.
    const asked = ["systemctl", "is-active", "systemd-timedated"];
    await eventually("a question", async () => (await machine.run(...asked)).code === 0);
    const inStatus = (await machine.output(PROGRAM, "status")).match(/^clock +(.*)$/m)?.[1];
    const said = await machine.output("timedatectl", "show", "--value", "-p", "NTPSynchronized");
    assertEquals(inStatus, said === "yes" ? "set by the network" : "not set by the network yet");
  });

  await step("the service is exposed by 1.5 at most", async () => {
    await machine.output("systemd-analyze", "security", "--threshold=15", SERVICE);
  });

  await step("--flush-now moves what crossed the cable to the archive", async () => {
    const flows = await sendSome();
    await untilInRam(machine, flows);
    const { code, stdout, stderr } = await machine.runAsPi("wifilogger --flush-now");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^flushed \d+ records/);
    assertEquals(new Set(numbersIn(archived(machine))), new Set(range(flows)));
  });

  await step("the group may read log and archive, and others may not", async () => {
    const paths = `/mnt/ramlogs ${HOME}/wifi_logger ${LOGS}`;
    const modes = await machine.output(
      "sh",
      "-c",
      `find ${paths} -mindepth 0 -maxdepth 1 -printf '%y %m %u %g\n' | sort -u`,
    );
    assertEquals(modes, "d 750 pi pi\nf 640 pi pi");
    assertEquals(await machine.output("stat", "-c", "%a", "/run/wifilogger/control.sock"), "660");
    const closed = `${LOGS}/2026-01-01.log`;
    await machine.output(
      "sh",
      "-c",
      `cat ${LOGS}/*.log | head -n 3 >${closed}; chown pi: ${closed}`,
    );
    const soon = `${UNITS}/${SERVICE}.d/soon.conf`;
    const restart = async () => {
      await machine.output("systemctl", "daemon-reload");
      await machine.output("systemctl", "restart", SERVICE);
      await untilIt(machine, "capturing");
    };
    await machine.output("mkdir", "-p", `${UNITS}/${SERVICE}.d`);
    await Deno.writeTextFile(
      machine.path(soon),
      "[Service]\nEnvironment=WIFILOGGER_FLUSH_INTERVAL=2s\n",
    );
    await restart();
    const summary = `${HOME}/wifi_logger/summaries/2026-01-01.summary`;
    await eventually(
      "a closed day that is compressed and summed",
      async () => (await machine.run("test", "-e", summary)).code === 0,
    );
    await machine.output("rm", "-r", `${UNITS}/${SERVICE}.d`);
    await restart();
    const kept = await machine.output(
      ...[
        "sh",
        "-c",
        `stat -c "%a %U %G" ${closed}.gz ${HOME}/wifi_logger/summaries/2026-01-01.summary`,
      ],
    );
    assertEquals(kept, "640 pi pi\n640 pi pi");
    await machine.output("rm", `${closed}.gz`);
  });

  await step("an upgrade under load loses nothing but what passes while none runs", async () => {
    const pid = await propertyOf(machine, "MainPID");
    const load = send(machine, { first: next, count: 10_000 });
    await eventually("load", () => numbersIn(inRam(machine)).length > 50);
    assertStringIncludes(await install(machine), "upgraded to");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const flows = await load.stop();
    next += flows.count;
    await untilInRam(machine, { first: next - 10, count: 10 });
    assertNotEquals(await propertyOf(machine, "MainPID"), pid);

    const seen = new Set(numbersIn([...archived(machine), ...inRam(machine)]));
    const lost = range(flows).filter((number) => !seen.has(number));
    assertLess(lost.length, 300, "three seconds of load");
    assertEquals(lost, lost.length === 0 ? [] : range({ first: lost[0], count: lost.length }));
    sent.push(...range(flows).filter((number) => seen.has(number)));
  });

  await step("an upgrade that does not start is rolled back", async () => {
    await sendSome();
    const before = await machine.output("sha256sum", PROGRAM);
    await Deno.writeTextFile(machine.path(`${HOME}/broken`), BROKEN, { mode: 0o755 });
    const { code, stderr } = await machine.runAsPi("sudo ./install.sh --binary broken");
    assertEquals(code, 1);
    assertMatch(stderr, /^install\.sh: the upgrade failed: .* It is running again\n$/);
    assertEquals(await machine.output("sha256sum", PROGRAM), before);
    await untilIt(machine, "capturing");
    await untilInRam(machine, await sendSome());
    await machine.output("rm", `${HOME}/broken`);
  });

  await step("killed, it starts again and loses no line that it had written", async () => {
    const flows = await sendSome();
    await untilInRam(machine, flows);
    const pid = await propertyOf(machine, "MainPID");
    await machine.output("systemctl", "kill", "--kill-whom=main", "--signal=SIGKILL", SERVICE);
    await eventually("a new process", async () => {
      const now = await propertyOf(machine, "MainPID");
      return now !== pid && now !== "0";
    });
    const inArchive = new Set(numbersIn(archived(machine)));
    assertEquals(range(flows).filter((number) => !inArchive.has(number)), []);
    await untilIt(machine, "capturing");
    await untilInRam(machine, await sendSome());
  });

  await step("hung, it is killed by the watchdog and starts again", async () => {
    const dropIn = `/run/systemd/system/${SERVICE}.d`;
    await machine.output("mkdir", "-p", dropIn);
    await Deno.writeTextFile(
      machine.path(`${dropIn}/quick.conf`),
      "[Service]\nWatchdogSec=6\nTimeoutAbortSec=1\nRestartSec=1\n",
    );
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "restart", SERVICE);
    await untilInRam(machine, await sendSome());
    // Longer than the watchdog waits: it must hear from a healthy one, which looks every two seconds while idle.
    await new Promise((resolve) => setTimeout(resolve, 7000));
    assertEquals(await propertyOf(machine, "NRestarts"), "0");

    await machine.output("systemctl", "kill", "--kill-whom=main", "--signal=SIGSTOP", SERVICE);
    await eventually("a restart", async () => await propertyOf(machine, "NRestarts") === "1");
    await untilIt(machine, "capturing");
    await untilInRam(machine, await sendSome());
  });

  await step("the journal has short lines with levels, and none per packet", async () => {
    const journal = async (...args: string[]) =>
      (await machine.output("journalctl", "-t", "wifilogger", "-o", "cat", ...args)).split("\n");
    const lines = await journal();
    assertLess(lines.length, numbersIn(archived(machine)).length / 5);
    assertEquals(lines.filter((line) => line.length > 160), []);
    assert(lines.some((line) => line.startsWith("capture: listening on host0")));
    await machine.ip("link set host0 down");
    await untilIt(machine, "waiting");
    assertEquals(await journal("-p", "warning", "-n", "1"), [
      "capture: the interface host0 is down; waiting for it",
    ]);
    await machine.plug();
    await untilIt(machine, "capturing");
  });

  await step("a reboot flushes, and the boot does not wait for the network", async () => {
    await sendSome(); // most of it is not even in RAM when the machine goes down
    await machine.reboot();
    assertEquals(await propertyOf(machine, "ActiveState"), "active");
    assertMatch(await propertyOf(machine, "StatusText"), /^waiting for a default route/);
    assertMatch(await machine.output(PROGRAM, "status"), /^capture +waiting for a default route/m);
    assertEquals(inRam(machine), []);
    await machine.plug();
    await untilIt(machine, "capturing");
    await untilInRam(machine, await sendSome());
  });

  await step(
    "it stops within ten seconds while the network hangs, with everything flushed",
    async () => {
      // Packets there meet silence; reverse DNS and, the token being set, ipinfo.io are asked for.
      await Deno.writeTextFile(machine.path("/etc/resolv.conf"), "nameserver 203.0.113.99\n");
      await machine.output("systemctl", "restart", SERVICE);
      await untilIt(machine, "capturing");
      await untilInRam(machine, await sendSome());
      const startedMs = performance.now();
      await machine.output("systemctl", "stop", SERVICE);
      assertLess(performance.now() - startedMs, 10_000);
      assertEquals(await propertyOf(machine, "Result"), "success");
      assertEquals(inRam(machine), []);
      await machine.output("systemctl", "start", SERVICE);
    },
  );

  await step("install.sh --uninstall leaves nothing behind but the logs", async () => {
    await install(machine, "--uninstall");
    assertEquals(
      (await filesOf(machine)).split("\n").filter((file) =>
        !file.startsWith(`${HOME}/wifi_logger`)
      ),
      filesBefore.split("\n"),
    );
    assertStringIncludes(await machine.output("cat", `${HOME}/.env`), "# mine");
    assert(!(await machine.output("cat", `${HOME}/.env`)).includes("IPINFO_TOKEN"));
    assertEquals((await machine.run("findmnt", "/mnt/ramlogs")).code, 1);
  });

  await step("install.sh leaves what /etc/fstab says of the RAM folder as it is", async () => {
    const fstab = machine.path("/etc/fstab");
    const before = await Deno.readTextFile(fstab);
    await Deno.writeTextFile(fstab, "tmpfs /mnt/ramlogs tmpfs size=20M,mode=1777 0 0\n");
    await install(machine);
    assertEquals((await machine.run("test", "-e", `${UNITS}/mnt-ramlogs.mount`)).code, 1);
    const size = () => machine.output("findmnt", "-no", "SIZE", "/mnt/ramlogs");
    assertEquals(await size(), "20M");
    await install(machine, "--uninstall");
    assertEquals(await size(), "20M");
    await machine.output("umount", "/mnt/ramlogs");

    await Deno.writeTextFile(fstab, "tmpfs /mnt/ramlogs tmpfs size=20M,mode=755 0 0\n");
    const { code, stderr } = await machine.runAsPi("sudo ./install.sh");
    assertEquals(code, 3);
    assertMatch(stderr, /^install\.sh: pi cannot write to \/mnt\/ramlogs\. Add mode=1777 .+\n$/);
    assertEquals((await machine.run("test", "-e", PROGRAM)).code, 1);

    await machine.output("umount", "/mnt/ramlogs");
    await machine.output("rmdir", "/mnt/ramlogs");
    await Deno.writeTextFile(fstab, before);
  });

  await step("every line is in the archive, once", () => {
    const numbers = numbersIn(archived(machine));
    assertEquals(numbers.sort((a, b) => a - b), sent);
  });

  await step(
    "install.sh --user makes a system user, and --purge leaves nothing of it",
    async () => {
      await install(
        machine,
        "--user netlog --interface host0 --archive-dir /var/lib/netlog/archive",
      );
      assertEquals(await propertyOf(machine, "User"), "netlog");
      await sendSome();
      await machine.output(PROGRAM, "--flush-now");
      const archive = "/var/lib/netlog/archive";
      const read = (group: string) => {
        const as = ["setpriv", "--reuid=nobody", `--regid=${group}`, "--clear-groups"];
        return machine.run(...as, "sh", "-c", `cat ${archive}/*.log /mnt/ramlogs/today.log`);
      };
      const byMember = await read("netlog");
      assertEquals([byMember.code, byMember.stderr], [0, ""]);
      assertMatch(byMember.stdout, /"@timestamp"/);
      const byOther = await read("nogroup");
      assertEquals([byOther.code, byOther.stdout], [1, ""]);
      await install(machine, "--purge");
      await install(machine, "--purge"); // the first user's logs, which --uninstall had left
      assertEquals(await filesOf(machine), filesBefore);
      assertEquals((await machine.run("id", "netlog")).code, 1);
    },
  );
});
