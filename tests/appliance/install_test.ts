/** install.sh on a machine with the release after that of appliance_test.ts: its flags, what it refuses, and faults. */

import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  bootWithInstaller,
  filesOf,
  HOME,
  inRam,
  install,
  propertyOf,
  SERVICE,
  stateOf,
  untilInRam,
  untilIt,
  whyNoMachine,
} from "./installation.ts";
import type { Machine } from "./machine.ts";
import { send } from "./numbered_traffic.ts";

const RELEASE = { suite: "trixie" };
/** Comes first on the PATH of install.sh. */
const STANDIN = "/usr/local/sbin/getconf";

const missing = await whyNoMachine(RELEASE);

/** Types into a terminal of pi's on the machine, and waits for what it shows. */
class Terminal implements AsyncDisposable {
  /** All that it has shown. */
  shown = "";
  /** How much of it was waited for already. */
  #passed = 0;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #collected: Promise<void>;

  constructor(machine: Machine) {
    this.#process = machine.start(
      "runuser",
      "--login",
      "pi",
      "-c",
      "script -qc 'bash -i' /dev/null",
    );
    this.#input = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#collected = this.#collect();
  }

  async #collect(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      this.shown += value;
    }
  }

  async type(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line));
  }

  /** Resolves when a pattern is found behind the place where the one before it ended. */
  async until(pattern: RegExp): Promise<void> {
    try {
      await eventually(`${pattern} on the terminal`, () => {
        const found = pattern.exec(this.shown.slice(this.#passed));
        if (found === null) return false;
        this.#passed += found.index + found[0].length;
        return true;
      });
    } catch (cause) {
      throw new Error(`the terminal shows ${JSON.stringify(this.shown)}`, { cause });
    }
  }

  /** Resolves when the shell has ended. */
  async untilEnded(): Promise<void> {
    let hasEnded = false;
    this.#process.status.then(() => hasEnded = true);
    await eventually("the end of the shell", () => hasEnded);
  }

  /** Its processes end with the machine at the latest. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.abort().catch(() => {});
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended of itself.
    }
    await this.#process.status;
    await this.#reader.cancel().catch(() => {});
    await this.#collected;
  }
}

/** Prints how often a pattern was found in what processes show: their command lines and environments. */
const WATCH_PROCESSES = String.raw`n=0
while [ ! -e /tmp/enough ]; do
  n=$((n + $(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' | grep -c "$1")))
done
echo $n`;

testWhen(missing, "install.sh, by its flags and in trouble", async (t) => {
  await using machine = await bootWithInstaller(RELEASE);
  const filesBefore = await filesOf(machine);

  await t.step("--dry-run shows what would be done, and does nothing", async () => {
    const before = await stateOf(machine);
    for (
      const flags of ["", "--user netlog --archive-dir /srv/log --token", "--uninstall", "--purge"]
    ) {
      for (
        const script of [`./install.sh --dry-run ${flags}`, `sudo ./install.sh --dry-run ${flags}`]
      ) {
        const { code, stdout, stderr } = await machine.runAsPi(script);
        assertEquals([script, code, stderr], [script, 0, ""]);
        assertStringIncludes(stdout, SERVICE);
        for (const line of stdout.split("\n")) assertMatch(line, /^(would | {4}|$)/);
      }
    }
    assertEquals(await stateOf(machine), before);
  });

  await t.step("--uninstall says when nothing is installed", async () => {
    assertEquals(await install(machine, "--uninstall"), "wifilogger is not installed\n");
    assertEquals(await filesOf(machine), filesBefore);
  });

  await t.step("what cannot work is refused in one line, and changes nothing", async () => {
    const before = await stateOf(machine);
    const getconf = (glibc: string, bits = 64) =>
      `printf '#!/bin/sh\ncase $1 in LONG_BIT) echo ${bits} ;; *) ${glibc} ;; esac\n' | sudo tee ${STANDIN} >/dev/null
      sudo chmod 755 ${STANDIN}; sudo ./install.sh; code=$?; sudo rm ${STANDIN}; exit $code`;
    const hiding = (folder: string, options = "") =>
      `sudo unshare --mount --net sh -c "mount -t tmpfs ${options} none ${folder}; SUDO_USER=pi ./install.sh"`;
    const hidingPackages = hiding("/var/cache/apt/archives").replace(
      ";", // apt would try for half a minute
      "; mount -t tmpfs none /etc/apt/apt.conf.d; echo 'Acquire::Retries 0;' >/etc/apt/apt.conf.d/x;",
    );
    for (
      const [script, code, why] of [
        ["./install.sh", 3, "needs root"],
        ["sudo ./install.sh --nonesuch", 2, "no flag --nonesuch"],
        ["sudo ./install.sh --token=secret", 2, "shell's history"],
        ["echo 'my token' | sudo ./install.sh --token", 2, "cannot use that token"],
        [
          "sudo ./install.sh --access-point",
          3,
          "NetworkManager, which makes the access point, is missing",
        ],
        ["sudo ./install.sh --ap-password=secret", 2, "shows in ps"],
        [`sudo ./install.sh --ap-name ${"a".repeat(33)}`, 2, "33 bytes, more than 32"],
        ["sudo ./install.sh --access-point --no-access-point", 2, "exclude each other"],
        ["sudo ./install.sh --binary nonesuch", 2, "no file nonesuch"],
        ["sudo ./install.sh --binary install.sh", 1, "cannot run install.sh on this machine"],
        [
          `printf '%064d  wifilogger-${Deno.build.arch}\n' 0 >SHA256SUMS
          sudo ./install.sh; code=$?; rm SHA256SUMS; exit $code`,
          1,
          "Download both again",
        ],
        ["sudo ./install.sh --user root", 2, "does not run as root"],
        ["sudo ./install.sh --interface 'a b'", 2, "no name of an interface"],
        ["sudo ./install.sh --archive-dir logs", 2, "give an absolute path"],
        ["sudo setarch linux32 ./install.sh", 3, "-bit i686"],
        [getconf("echo glibc 2.36", 32), 3, "32-bit"],
        [getconf("echo glibc 2.31"), 3, "glibc is 2.31, older than 2.34"],
        [getconf("exit 1"), 3, "not glibc"],
        [hiding("/run/systemd"), 3, "not booted with systemd"],
        [
          hiding("/usr/local/bin", "-o size=20M"),
          1,
          "No space left on device. Nothing was changed",
        ],
        [hidingPackages, 3, "libpcap is missing and could not be installed: "],
        ["sudo ./install.sh --archive-dir /etc", 3, "pi cannot write to /etc"],
      ] as const
    ) {
      const { stdout, stderr, ...outcome } = await machine.runAsPi(script);
      assertEquals([script, outcome.code, stdout.replace(/^installing libpcap\n/, "")], [
        script,
        code,
        "",
      ]);
      assertMatch(stderr, /^install\.sh: .+\n$/);
      assertStringIncludes(stderr, why);
      assertEquals(await filesOf(machine), filesBefore, script);
    }
    // libpcap came and went.
    const ownRecords = /^\/etc\/ld\.so\.cache .*\n/m;
    assertEquals((await stateOf(machine)).replace(ownRecords, ""), before.replace(ownRecords, ""));
  });

  await t.step("--no-start leaves the start to the next boot", async () => {
    assertStringIncludes(await install(machine, "--no-start"), "starts at the next boot");
    assertEquals(await propertyOf(machine, "ActiveState"), "inactive");
    await machine.reboot();
    assertEquals(await propertyOf(machine, "ActiveState"), "active");
    await machine.plug();
    await untilIt(machine, "capturing");

    const pid = await propertyOf(machine, "MainPID");
    assertStringIncludes(await install(machine, "--no-start"), "runs on until the next boot");
    assertEquals(await propertyOf(machine, "MainPID"), pid);
  });

  await t.step("the service is exposed by 1.5 at most here, too", async () => {
    await machine.output("systemd-analyze", "security", "--threshold=15", SERVICE);
  });

  await t.step("--token asks on a terminal, and shows the token to nobody", async () => {
    const token = "s3cret-token";
    // A pattern that does not match itself.
    const watch = machine.start("sh", "-c", WATCH_PROCESSES, "sh", token.replace("s", "[s]"));
    {
      await using terminal = new Terminal(machine);
      await terminal.until(/\$ $/);
      await terminal.type("sudo ./install.sh --token\r");
      await terminal.until(/\(not shown\)/);
      await terminal.type("\x03"); // Ctrl-C
      await terminal.until(/\$ $/);
      await terminal.type("stty -a | tr ' ' '\\n' | grep -x echo; sudo ./install.sh --token\r");
      await terminal.until(/\necho\r/);
      await terminal.until(/\(not shown\)/);
      await terminal.type(`${token}\r`);
      // sudo takes what is typed before it has ended.
      await terminal.until(/journalctl[^]*\$ $/);
      await terminal.type("exit\r");
      await terminal.untilEnded();
      assert(!terminal.shown.includes(token), terminal.shown);
    }
    await machine.output("touch", "/tmp/enough");
    await watch.stdin.close();
    assertEquals(new TextDecoder().decode((await watch.output()).stdout), "0\n");
    const history = await machine.output("cat", `${HOME}/.bash_history`);
    assertStringIncludes(history, "install.sh --token");
    assert(!history.includes(token));
    assertStringIncludes(await machine.output("cat", `${HOME}/.env`), `IPINFO_TOKEN=${token}`);
    assertEquals(await machine.output("stat", "-c", "%a %U", `${HOME}/.env`), "600 pi");
  });

  await t.step("an upgrade that is interrupted is put back, its settings too", async () => {
    const before = await machine.output("cat", `${HOME}/.env`);
    const upgrade = machine.runAsPi("sudo ./install.sh --interface nonesuch0");
    await untilIt(machine, "waiting", "nonesuch0");
    await machine.output("pkill", "-TERM", "--oldest", "-f", "^/bin/sh ./install.sh");
    const { code, stderr } = await upgrade;
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^install\.sh: the upgrade failed: it was interrupted\. Put back wifilogger .+ It is running again\n$/,
    );
    assertEquals(await machine.output("cat", `${HOME}/.env`), before);
    await untilIt(machine, "capturing");
  });

  await t.step(
    "an upgrade while the RAM folder is full goes on logging when there is room",
    async () => {
      const fill = "/mnt/ramlogs/fill";
      await machine.run("dd", "if=/dev/zero", `of=${fill}`, "bs=64K");
      assertEquals(
        await machine.output("sh", "-c", "df --output=avail /mnt/ramlogs | tail -n 1"),
        "0",
      );
      assertStringIncludes(await install(machine), "capturing on host0");
      await machine.output("rm", fill);
      await untilInRam(machine, await send(machine, { first: 10_000, count: 100 }).done());
    },
  );

  await t.step(
    "an interface that is not there is waited for, at boot and whenever it goes",
    async () => {
      await machine.runAsPi("echo WIFILOGGER_INTERFACE=usb0 >>.env");
      await machine.reboot();
      assertEquals(await propertyOf(machine, "ActiveState"), "active");
      for (let i = 0; i < 2; i++) {
        await untilIt(machine, "waiting", "usb0");
        await machine.ip("link add usb0 type veth peer name usb1");
        await machine.ip("link set usb1 up");
        await machine.ip("link set usb0 up");
        await untilIt(machine, "capturing", "usb0");
        await machine.ip("link delete usb0");
      }
      assertEquals(await propertyOf(machine, "NRestarts"), "0");
      const gaps = () =>
        inRam(machine).filter((line) => line.includes('"reason":"interface_down"'));
      await eventually("a gap for each time", () => gaps().length === 2);
    },
  );

  await t.step("--purge leaves nothing behind", async () => {
    // The key of pseudonyms, and what forgetting has left.
    await machine.runAsPi("touch wifi_logger/privacy.key wifi_logger/logs/forgotten.json");
    await install(machine, "--purge");
    // pi has used a terminal.
    const files = (await filesOf(machine)).replace(`${HOME}/.bash_history\n`, "");
    assertEquals(files, filesBefore);
  });
});
