/**
 * What the service takes on a machine, and the program that prints it for one of this machine's kind:
 * `scripts/dev.sh bench:appliance`. The last results stand in docs/appliance.md.
 */

import { compiled, INSTALL_SH } from "./compiled.ts";
import { debianRoot } from "./debian_root.ts";
import { Machine } from "./machine.ts";
import { send } from "./numbered_traffic.ts";

/** Runs a line of shell on the machine, as root, and gives what it printed. */
export type Shell = (line: string) => Promise<string>;

const SERVICE = "wifilogger.service";
const IDLE_MS = 30_000;

/** Resident memory, all of it and what is not the program's file. */
export async function memory(shell: Shell): Promise<string> {
  const pid = `$(systemctl show --value --property MainPID ${SERVICE})`;
  const text = await shell(`grep -E 'VmRSS|RssAnon' /proc/${pid}/status`);
  const [all, anonymous] = [...text.matchAll(/(\d+) kB/g)].map(([, kB]) => Math.round(+kB / 1000));
  return `${all} MB resident, ${anonymous} MB of it not of the program's file`;
}

/** From the start of the process to its first look at the wire, after which systemd hears that it is ready. */
export async function startTime(shell: Shell): Promise<string> {
  const property = async (name: string) =>
    Number(await shell(`systemctl show --value --property ${name} ${SERVICE}`));
  const startedUs = await property("ExecMainStartTimestampMonotonic");
  const readyUs = await property("ActiveEnterTimestampMonotonic");
  return `${((readyUs - startedUs) / 1e6).toFixed(2)} s from the start to capturing`;
}

/** The last line of `systemd-analyze security`. */
export async function exposure(shell: Shell): Promise<string> {
  return await shell(`systemd-analyze security --no-pager ${SERVICE} | tail -n 1`);
}

async function main(): Promise<void> {
  const binary = await compiled(Deno.build.arch);
  console.log(`${((await Deno.stat(binary)).size / 1e6).toFixed(1)} MB executable`);
  await using machine = await Machine.boot(await debianRoot());
  await machine.plug();
  await Deno.copyFile(binary, machine.path("/home/pi/wifilogger"));
  await Deno.copyFile(INSTALL_SH, machine.path("/home/pi/install.sh"));
  console.log((await machine.runAsPi("sudo ./install.sh")).stdout);
  const shell: Shell = (line) => machine.output("sh", "-c", line);
  for (let i = 0; i < 5; i++) {
    await shell(`systemctl restart ${SERVICE}`);
    console.log(await startTime(shell));
  }
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  console.log(`idle: ${await memory(shell)}`);
  await send(machine, { first: 1000, count: 60_000 }, 3000).done();
  console.log(`after 20 s of 3,000 new flows a second: ${await memory(shell)}`);
  console.log(await shell(`systemd-analyze security --no-pager ${SERVICE} | grep -v ✓`));
}

if (import.meta.main) await main();
