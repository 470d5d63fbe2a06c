/**
 * The smallest machine: `scripts/dev.sh test:small`. A machine like a Raspberry Pi Zero 2 W, four slow cores and 512 MB
 * with no swap, runs the logger, the forwarder to a broker, and the pages with somebody who looks at them, all at once,
 * while a flood of new flows comes in. Nothing may be killed. Prints the memory of each process and of the machine; the
 * last result stands in docs/appliance.md.
 */

import { fromFileUrl } from "@std/path";
import { makeArchive } from "../../scripts/made_up_log/household_archive.ts";
import { assert, assertEquals } from "../assert.ts";
import { compiled, INSTALL_SH } from "./compiled.ts";
import { CACHE } from "./debian_root.ts";
import {
  type Disk,
  emulateArm64,
  EmulatedMachine,
  makeDisk,
  makeFolders,
  putFiles,
} from "./emulated_machine.ts";
import { WITH_RADIOS } from "./wifi/wifi_machine.ts";

const RIG = fromFileUrl(new URL("wifi/rig.sh", import.meta.url));
const LOAD = fromFileUrl(new URL("small_machine.sh", import.meta.url));
const LOGS = "/home/pi/wifi_logger/logs";
const HARDWARE = { memoryMiB: 512, cores: 4, cpu: "cortex-a53" };
const ARCHIVE = { days: 30, records: 8_000 };
const FLOOD = { packetsPerSecond: 300, minutes: 2 };
const PROCESSES = {
  "wifilogger": "logger",
  "wifilogger-forward": "forwarder",
  "wifilogger-web": "pages",
  "wifilogger-web-proxy": "their gate",
};

/** Memory at a moment, in MB. */
interface Sample {
  readonly what: string;
  /** By unit: resident now, at its most, and how often it was started anew. */
  readonly units: Record<string, { now: number; most: number; restarts: number }>;
  readonly total: number;
  readonly available: number;
  readonly swap: number;
  readonly killed: number;
}

function log(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
}

async function sample(machine: EmulatedMachine, what: string): Promise<Sample> {
  const rows = (await machine.output("memory_now")).split("\n").map((line) => line.split(" "));
  const megabytes = (kB: string) => Math.round(Number(kB) * 1024 / 1e6);
  const of = (name: string) => rows.find(([first]) => first === name)!.slice(1);
  const [total, available, swap] = of("machine").map(megabytes);
  const units = rows.filter(([name]) => name in PROCESSES)
    .map(([name, now, most, restarts]) => [name, {
      now: megabytes(now),
      most: megabytes(most),
      restarts: Number(restarts),
    }]);
  const taken = {
    what,
    units: Object.fromEntries(units),
    ...{ total, available, swap, killed: Number(of("killed")[0]) },
  };
  log(`${what}: ${JSON.stringify(taken.units)}, ${available} MB of ${total} available`);
  return taken;
}

function table(samples: readonly Sample[]): string {
  const heads = ["", ...Object.values(PROCESSES), "the machine has left"];
  const rows = samples.map(({ what, units, available }) => [
    what,
    ...Object.keys(PROCESSES).map((name) => units[name] ? `${units[name].now} MB` : ""),
    `${available} MB`,
  ]);
  const last = samples.at(-1)!.units;
  rows.push(["at its most", ...Object.keys(PROCESSES).map((name) => `${last[name].most} MB`), ""]);
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

async function fillArchive(disk: Disk): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: CACHE, prefix: "archive-" });
  try {
    await makeArchive(folder, { nowMs: Date.now(), ...ARCHIVE });
    const inFolder = (path: string) =>
      [...Deno.readDirSync(path)].filter(({ isFile }) => isFile).map(({ name }) =>
        `${path}/${name}`
      );
    await makeFolders(disk, ["/home/pi/wifi_logger", LOGS, "/home/pi/wifi_logger/summaries"]);
    await putFiles(disk, inFolder(folder), LOGS);
    await putFiles(disk, inFolder(`${folder}/summaries`), "/home/pi/wifi_logger/summaries");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(disk: Disk): Promise<void> {
  await using machine = await EmulatedMachine.boot(disk, HARDWARE);
  await machine.output(
    ". /home/pi/rig.sh; . /home/pi/small_machine.sh; furnish; internet_up; broker_up",
  );
  await machine.output(
    `chown -R pi: /home/pi; echo WIFILOGGER_FORWARD=mqtt://$BROKER >/home/pi/.env
    cd /home/pi; echo "$WEB_PASSWORD" | SUDO_USER=pi ./install.sh --web --interface cable0; cd /`,
  );
  const samples = [await sample(machine, "nobody looks")];
  assertEquals(samples[0].swap, 0);
  await machine.output("visitor &");
  await machine.output("until_it 300 grep -q ' /api/v1/report' $RUN/visited");
  samples.push(await sample(machine, "with a visitor"));
  await machine.output(`flood ${FLOOD.packetsPerSecond}`);
  for (let minute = 1; minute <= FLOOD.minutes; minute++) {
    await machine.output("sleep 60");
    samples.push(await sample(machine, `minute ${minute} of the flood`));
  }
  log(await machine.output("flood_over; wifilogger status"));
  await machine.output("visitor_over; sleep 60");
  samples.push(await sample(machine, "a minute after"));
  const visited = (await machine.output("cat $RUN/visited")).split("\n");
  const seconds = visited.map((line) => Number(line.split(" ")[1])).sort((a, b) => a - b);
  log(
    `${visited.length} answers to the visitor, half of them within ${
      seconds[seconds.length >> 1]
    } s, all within ${seconds.at(-1)} s`,
  );
  assertEquals(visited.filter((line) => !line.startsWith("200 ")), []);
  for (const { killed, units } of samples) {
    assertEquals(
      [killed, ...Object.values(units).map(({ restarts }) => restarts)].filter(Boolean),
      [],
    );
  }
  assert(Object.keys(samples.at(-1)!.units).length === Object.keys(PROCESSES).length);
  console.log(table(samples));
  await machine.powerOff();
}

const scratch = `${CACHE}/small-disk-${Deno.pid}`;
try {
  const binary = await compiled("aarch64");
  await emulateArm64();
  log("making the disk; its first time takes some minutes");
  const disk = await makeDisk(scratch, [binary, INSTALL_SH, RIG, LOAD], WITH_RADIOS);
  await fillArchive(disk);
  await main(disk);
  console.log("passed");
} finally {
  await Deno.remove(scratch).catch(() => {});
}
