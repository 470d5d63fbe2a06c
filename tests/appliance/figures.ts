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
/** For the shell. */
const PID = `$(systemctl show --value --property MainPID ${SERVICE})`;
const IDLE_MS = 30_000;

/** Resident memory, all of it and what is not the program's file. */
export async function memory(shell: Shell): Promise<string> {
  const text = await shell(`grep -E 'VmRSS|RssAnon' /proc/${PID}/status`);
  const [all, anonymous] = [...text.matchAll(/(\d+) kB/g)].map(([, kB]) => Math.round(+kB / 1000));
  return `${all} MB resident, ${anonymous} MB of it not of the program's file`;
}

/** How many threads it has. */
export async function tasks(shell: Shell): Promise<string> {
  return `${await shell(`ls /proc/${PID}/task | wc -l`)} tasks`;
}

/**
 * From the start of the process to when systemd heard that it is ready, and to the first packet in the log. There must
 * be a new flow every few milliseconds, from before the start to seconds after.
 */
export async function startTime(shell: Shell): Promise<string> {
  await shell(`systemctl restart ${SERVICE}`);
  const property = async (name: string) =>
    await shell(`systemctl show --timestamp=us+utc --value --property ${name} ${SERVICE}`);
  const startedAt = await property("ExecMainStartTimestamp");
  const startedUs = Number(await shell(`date --date '${startedAt}' +%s%6N`));
  const readyUs = Number(await property("ActiveEnterTimestampMonotonic")) -
    Number(await property("ExecMainStartTimestampMonotonic"));
  // Flows come to the log when they end, the first of them last of all.
  await shell("sleep 5");
  const lines = (await shell("grep '\"udp\"' /mnt/ramlogs/today.log | head -n 30")).split("\n");
  const firstMs = Math.min(...lines.map((line) => Date.parse(JSON.parse(line).event.start)));
  const seconds = (us: number) => `${(us / 1e6).toFixed(2)} s`;
  return `${seconds(readyUs)} from the start to ready, ${
    seconds(firstMs * 1e3 - startedUs)
  } to the first packet in the log`;
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
  const traffic = send(machine, { first: 1000, count: 60_000 }, 500);
  for (let i = 0; i < 5; i++) console.log(await startTime(shell));
  await traffic.stop();
  await shell(`systemctl restart ${SERVICE}`);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  console.log(`idle: ${await memory(shell)}`);
  await send(machine, { first: 1000, count: 60_000 }, 3000).done();
  console.log(
    `after 20 s of 3,000 new flows a second: ${await memory(shell)}, ${await tasks(shell)}`,
  );
  console.log(await shell(`systemd-analyze security --no-pager ${SERVICE} | grep -v ✓`));
}

if (import.meta.main) await main();
