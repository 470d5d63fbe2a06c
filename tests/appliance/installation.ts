/** A machine on which install.sh is tried, and what is asked of it and of its service. */

import { eventually } from "../../scripts/household/eventually.ts";
import { assertEquals } from "../assert.ts";
import { lacks } from "../skip.ts";
import { compiled, INSTALL_SH } from "./compiled.ts";
import { debianRoot, type RootOptions } from "./debian_root.ts";
import { Machine } from "./machine.ts";
import { type Flows, numbersIn, range } from "./numbered_traffic.ts";

export const HOME = "/home/pi";
export const LOGS = `${HOME}/wifi_logger/logs`;
export const SERVICE = "wifilogger.service";
export const UNITS = "/etc/systemd/system";
/** Where install.sh puts the executable. */
export const PROGRAM = "/usr/local/bin/wifilogger";
/** A program that installs well and then does not start. */
export const BROKEN = `#!/bin/sh
case $1 in --version) echo "wifilogger 9.9.9" ;; *) echo "wifilogger: no" >&2; exit 1 ;; esac
`;

/** Why no machine can be booted here, or nothing installed on it; null when both can. */
export async function whyNoMachine(options: RootOptions = {}): Promise<string | null> {
  const missing = lacks({
    root: true,
    commands: ["mmdebstrap", "systemd-nspawn", "setpriv", "unshare", "nsenter", "ip"],
  });
  if (missing !== null) return missing;
  try {
    const root = await debianRoot(options);
    const args = ["--quiet", "--register=no", "--keep-unit", "--private-network", "--volatile=yes"];
    const { success, stderr } = await new Deno.Command("systemd-nspawn", {
      args: [...args, `--directory=${root}`, "true"],
      stdin: "null",
    }).output();
    if (!success) return `systemd-nspawn does not work here: ${new TextDecoder().decode(stderr)}`;
  } catch (error) {
    return `no Debian root: ${(error as Error).message}`;
  }
  try {
    await compiled(Deno.build.arch);
    return null;
  } catch (error) {
    const { message } = error as Error;
    if (message.includes("no runtime base")) return message;
    throw error;
  }
}

/** A booted machine, its cable plugged in, with install.sh and the executable in the home folder of pi. */
export async function bootWithInstaller(options: RootOptions = {}): Promise<Machine> {
  const machine = await Machine.boot(await debianRoot(options));
  await machine.plug();
  const binary = await compiled(Deno.build.arch);
  await Deno.copyFile(binary, machine.path(`${HOME}/wifilogger-${Deno.build.arch}`));
  await Deno.copyFile(INSTALL_SH, machine.path(`${HOME}/install.sh`));
  return machine;
}

/** Runs install.sh, which must succeed, as pi with sudo, and gives what it printed. */
export async function install(machine: Machine, flags = ""): Promise<string> {
  const { code, stdout, stderr } = await machine.runAsPi(`sudo ./install.sh ${flags}`);
  assertEquals([code, stderr], [0, ""], stdout);
  return stdout;
}

export async function propertyOf(machine: Machine, name: string): Promise<string> {
  return await machine.output("systemctl", "show", "--value", "--property", name, SERVICE);
}

/** Resolves when the service says that it is `capturing` or `waiting` on an interface. */
export async function untilIt(
  machine: Machine,
  does: "capturing" | "waiting",
  on = "host0",
): Promise<void> {
  await eventually(
    `a service ${does} on ${on}`,
    async () => (await propertyOf(machine, "StatusText")).startsWith(`${does} on ${on}`),
  );
}

function linesOf(
  machine: Machine,
  folder: string,
  pattern: RegExp,
  part = (text: string) => text,
): string[] {
  try {
    return [...Deno.readDirSync(machine.path(folder))]
      .filter(({ name }) => pattern.test(name))
      .map(({ name }) => part(Deno.readTextFileSync(machine.path(`${folder}/${name}`))))
      .flatMap((text) => text.split("\n"))
      .filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The lines in the archive, by default that of pi. */
export function archived(machine: Machine, folder = LOGS): string[] {
  return linesOf(machine, folder, /^\d{4}-\d\d-\d\d\.log$/);
}

/** The lines in RAM, but for one that is just being written. */
export function inRam(machine: Machine): string[] {
  return linesOf(machine, "/mnt/ramlogs", /^today\.log(\.flushing)?$/, endedLines);
}

function endedLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

/** Resolves when a line of each of some flows is in RAM. */
export async function untilInRam(machine: Machine, { first, count }: Flows): Promise<void> {
  await eventually(`flows from ${first} in RAM`, () => {
    const numbers = new Set(numbersIn(inRam(machine)));
    return range({ first, count }).every((number) => numbers.has(number));
  });
}

/** Not looked into: where a system keeps its own records. */
const PRUNED = ["log", "cache", "tmp", "lib/apt", "lib/dpkg", "lib/systemd"].map((path) =>
  `-path /var/${path} -o`
).join(" ");

/** Every file, one a line. */
export async function filesOf(machine: Machine): Promise<string> {
  return await find(machine, "-print");
}

/** Every file, with whose it is, and when and to how many bytes it was changed. */
export async function stateOf(machine: Machine): Promise<string> {
  const folder = String.raw`-type d -printf '%p %M %u %g\n'`;
  const other = String.raw`-printf '%p %M %u %g %s %T@ %l\n'`;
  return await find(machine, String.raw`\( ${folder} -o ${other} \)`);
}

async function find(machine: Machine, action: string): Promise<string> {
  const pruned = `${PRUNED} -path /tmp -o -path '${LOGS}/*'`;
  return await machine.output(
    "sh",
    "-c",
    String.raw`find / -xdev \( ${pruned} \) -prune -o ${action} | sort`,
  );
}
