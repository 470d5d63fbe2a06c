/** The life of the Debian package on one machine: installed, upgraded, removed, purged; and install.sh over it. */

import config from "../../deno.json" with { type: "json" };
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { bring, packageOf, VERSION_BEFORE } from "./debian_packages.ts";
import type { RootOptions } from "./debian_root.ts";
import {
  archived,
  bootWithInstaller,
  filesOf,
  HOME,
  inRam,
  install,
  propertyOf,
  SERVICE,
  untilInRam,
  untilIt,
  whyNoMachine,
} from "./installation.ts";
import { numbersIn, range, send } from "./numbered_traffic.ts";

const SERVICE_HOME = "/var/lib/wifilogger";
const ARCHIVE = `${SERVICE_HOME}/wifi_logger/logs`;
const ENV = "/etc/wifilogger/env";
const apt = (words: string) =>
  `sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq --yes -o Dpkg::Use-Pty=0 ${words}`;

/** Registers the test, for a machine with such a root. */
export async function testPackageLife(options: RootOptions): Promise<void> {
  const name = `the package, over its life on ${options.suite}, loses no line`;
  testWhen(await whyNoMachine(options), name, async (t) => {
    /** What comes after a step that failed would fail for no reason of its own. */
    const step = async (name: string, fn: () => void | Promise<void>) => {
      if (!await t.step(name, fn)) throw new Error(`stopped at: ${name}`);
    };
    await using machine = await bootWithInstaller(options);
    const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-packages-" });
    const packages = {
      before: await bring(machine, await packageOf(folder, { version: VERSION_BEFORE })),
      current: await bring(machine, await packageOf(folder)),
    };
    await Deno.remove(folder, { recursive: true });
    /** Runs a command line of pi's, which must succeed. */
    const asPi = async (script: string) => {
      const { code, stdout, stderr } = await machine.runAsPi(script);
      assertEquals(code, 0, `${script}: ${stdout}${stderr}`);
      return stdout + stderr;
    };
    const sent: number[] = [];
    let next = 10_000;
    const sendSome = async () => {
      const flows = await send(machine, { first: next, count: 100 }).done();
      next += flows.count;
      sent.push(...range(flows));
      return flows;
    };
    const inOrder = (lines: readonly string[]) => numbersIn(lines).toSorted((a, b) => a - b);
    const logged = () => inOrder([...archived(machine, ARCHIVE), ...inRam(machine)]);
    const isThere = async (path: string) => (await machine.run("test", "-e", path)).code === 0;

    // What the package depends on stays: therefore it is there from the beginning.
    await asPi(apt("install libpcap0.8"));
    const filesBefore = await filesOf(machine);

    await step("apt installs a service that captures, as a user of its own", async () => {
      await asPi(apt(`install ${packages.before}`));
      await untilIt(machine, "capturing");
      assertEquals(await propertyOf(machine, "User"), "wifilogger");
      assertEquals(await propertyOf(machine, "UnitFileState"), "enabled");
      const timer = "wifilogger-places.timer";
      assertEquals(await machine.output("systemctl", "is-active", timer), "active");
      const forward = await machine.run("systemctl", "is-enabled", "wifilogger-forward.service");
      assertEquals(forward.stdout.trim(), "disabled");
      assertEquals(
        await machine.output("findmnt", "-no", "FSTYPE,SIZE", "/mnt/ramlogs"),
        "tmpfs   50M",
      );
      const owners = await machine.output("stat", "-c", "%a %U %G", "/mnt/ramlogs", ENV);
      assertEquals(owners, "750 wifilogger wifilogger\n640 root wifilogger");
    });

    await step("root reads its log and asks its doctor, whose advice fits a package", async () => {
      const fast = "WIFILOGGER_IDLE_TIMEOUT=1s\\nWIFILOGGER_ACTIVE_TIMEOUT=1s\\n";
      await asPi(`printf '${fast}' | sudo tee -a ${ENV}; sudo systemctl restart wifilogger`);
      await untilIt(machine, "capturing");
      await untilInRam(machine, await sendSome());
      assertMatch(await asPi("sudo wifilogger tail"), /192\.0\.2\.2:10099 /);
      const { stdout } = await machine.run("wifilogger", "doctor");
      assertMatch(stdout, /^ok +service +installed for wifilogger, starts with the machine$/m);
      assertMatch(stdout, /^ok +sandbox +as shipped$/m);
      assertEquals(/install\.sh/.exec(stdout), null, stdout);
      const { code, stderr } = await machine.runAsPi("wifilogger report");
      assertMatch(stderr, /^wifilogger: cannot read the settings of the service .* sudo\n$/);
      assertEquals(code, 2);
    });

    await step("what root writes for the service is the service's", async () => {
      await asPi("sudo wifilogger known add --site example.org");
      const owner = `${SERVICE_HOME}/wifi_logger/news/owner.json`;
      assertEquals(await machine.output("stat", "-c", "%U", owner), "wifilogger");
    });

    await step("an upgrade loses no line, and keeps what the owner has set", async () => {
      const pid = await propertyOf(machine, "MainPID");
      await sendSome();
      await asPi(apt(`install ${packages.current}`));
      await untilIt(machine, "capturing");
      assertEquals(await propertyOf(machine, "MainPID") === pid, false);
      await untilInRam(machine, await sendSome());
      assertEquals(logged(), sent);
      assertMatch(await machine.output("cat", ENV), /^WIFILOGGER_IDLE_TIMEOUT=1s$/m);
      assertStringIncludes(await asPi("wifilogger --version"), `wifilogger ${config.version}`);
      assertEquals(
        await machine.output("dpkg-query", "-W", "-f", "${Version}", "wifilogger"),
        config.version,
      );
    });

    await step("install.sh does nothing beside it", async () => {
      for (const flags of ["", "--uninstall", "--purge"]) {
        const { code, stderr } = await machine.runAsPi(`sudo ./install.sh ${flags}`);
        assertEquals(code, 1);
        assertMatch(
          stderr,
          /^install\.sh: wifilogger is installed here as a Debian package\. .*\n$/,
        );
      }
      assertMatch(await propertyOf(machine, "StatusText"), /^capturing/);
    });

    await step("removal takes the service and leaves settings and the whole log", async () => {
      await asPi(apt("remove wifilogger"));
      assertEquals(inOrder(archived(machine, ARCHIVE)), sent);
      assertEquals([await isThere("/mnt/ramlogs"), await isThere(ENV)], [false, true]);
      assertEquals(await propertyOf(machine, "LoadState"), "not-found");
      assertEquals((await machine.run("findmnt", "/mnt/ramlogs")).code, 1);
    });

    await step("installed again, it goes on with that log", async () => {
      await asPi(apt(`install ${packages.current}`));
      await untilIt(machine, "capturing");
      await untilInRam(machine, await sendSome());
      assertEquals(logged(), sent);
    });

    await step("purging it leaves nothing but its user", async () => {
      await asPi(apt("purge wifilogger"));
      assertEquals(await filesOf(machine), filesBefore);
      assertMatch(await machine.output("getent", "passwd", "wifilogger"), /:\/usr\/sbin\/nologin$/);
    });

    await step("where install.sh has installed it, apt says so and changes nothing", async () => {
      await install(machine);
      const { code, stdout, stderr } = await machine.runAsPi(apt(`install ${packages.current}`));
      assertEquals(code, 100);
      assertStringIncludes(stdout + stderr, "sudo ./install.sh --uninstall");
      assertEquals(await propertyOf(machine, "User"), "pi");
      assertMatch(await propertyOf(machine, "StatusText"), /^capturing/);
    });

    await step(
      "after --uninstall it takes that one's place and, as the manual says, its log",
      async () => {
        const flows = await sendSome();
        await untilInRam(machine, flows);
        await asPi(
          (await takeOver()).replace(/sudo apt install .*/, apt(`install ${packages.current}`)),
        );
        await untilIt(machine, "capturing");
        assertEquals(inOrder(archived(machine, ARCHIVE)), range(flows));
        assertEquals(await machine.output("stat", "-c", "%U", ARCHIVE), "wifilogger");
        assertEquals(await machine.output("systemctl", "is-active", SERVICE), "active");
        assertEquals(await isThere(`${HOME}/wifi_logger`), false);
      },
    );
  });
}

/** The commands of docs/appliance.md that hand the log of install.sh to the package. */
async function takeOver(): Promise<string> {
  const text = await Deno.readTextFile(new URL("../../docs/appliance.md", import.meta.url));
  return /```sh\n(sudo .\/install.sh --uninstall\n[^`]*)```/.exec(text)![1];
}
