/**
 * The binary of a Pi on an arm64 kernel: `scripts/dev.sh test:arm64`. Installs it on an emulated machine, makes traffic,
 * shuts the machine down in order, then cuts its power at three random moments, and reads the archive from outside each
 * time. Prints what it measured; the last result stands in docs/appliance.md.
 */

import { type FlowRecord, isMerged, type MergedRecord } from "../../record/log_record.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { compiled, INSTALL_SH } from "./compiled.ts";
import { CACHE } from "./debian_root.ts";
import { exposure, memory, type Shell, startTime, tasks } from "./figures.ts";
import {
  type Disk,
  emulateArm64,
  EmulatedMachine,
  filesOn,
  makeDisk,
  mend,
} from "./emulated_machine.ts";

const LOGS = "/home/pi/wifi_logger/logs";
const SERVICE = "wifilogger.service";
const POWER_CUTS = 3;
const FLOWS_A_BATCH = 50;
const FIRST_OF_BATCHES = 10_000;
/** A flow of as many has a line of its own, however many others there are. */
const PACKETS_NEVER_MERGED = 7;
/** One packet each, at once: more lines than the log's budget has. */
const BURST = { first: 1_000, count: 9_000 };

/** Brings the network up. qemu's router swallows whatever is sent to 203.0.113.2, somewhere in the Internet. */
const PLUG = `for d in /sys/class/net/e*; do d=\${d##*/}; done
ip address replace 10.0.2.15/32 dev $d && ip link set $d up && ip route replace 203.0.113.2 dev $d &&
ip route replace default dev $d && ip neighbour replace 203.0.113.2 lladdr 52:55:0a:00:02:02 dev $d`;

/** Flow number N is UDP packets to port N. */
function sendLine(first: number, count: number, packets = 1): string {
  const send = "echo x; ".repeat(packets);
  return `for n in $(seq ${first} ${
    first + count - 1
  }); do { ${send}} >/dev/udp/203.0.113.2/$n; done`;
}

function log(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
}

async function boot(disk: Disk): Promise<EmulatedMachine> {
  const startedMs = performance.now();
  const machine = await EmulatedMachine.boot(disk);
  log(`booted in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  await machine.output(PLUG);
  return machine;
}

async function untilCapturing(machine: EmulatedMachine): Promise<void> {
  await machine.output(
    `for i in $(seq 60); do
      systemctl --quiet is-active ${SERVICE} && systemctl show -p StatusText ${SERVICE} | grep =capturing && break
      sleep 1
    done`,
  );
}

async function untilInRam(machine: EmulatedMachine, numbers: readonly number[]): Promise<void> {
  const ports = numbers.map((number) => `-e '"port":${number},'`).join(" ");
  await machine.output(
    `for i in $(seq 60); do
      [ $(grep -cF ${ports} /mnt/ramlogs/today.log) -ge ${numbers.length} ] && break; sleep 1
    done; [ $i -lt 60 ]`,
  );
}

/** The records of UDP flows in the archive, read from outside; every line must be whole. */
async function archived(disk: Disk): Promise<(FlowRecord | MergedRecord)[]> {
  const lines = (await filesOn(disk, LOGS)).join("").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line))
    .filter(({ network }) => network?.transport === "udp");
}

/** The flow numbers among some records, from a first one on. */
function numbersIn(records: readonly (FlowRecord | MergedRecord)[], first: number): number[] {
  return records.map(({ destination }) => destination.port)
    .filter((port) => port !== undefined && port >= first) as number[];
}

/** Every number that must be there is, and none is there twice. */
async function check(disk: Disk, mustBeThere: readonly number[], what: string): Promise<void> {
  const numbers = numbersIn(await archived(disk), FIRST_OF_BATCHES);
  assertEquals(new Set(numbers).size, numbers.length, "lines that are in the archive twice");
  const there = new Set(numbers);
  assertEquals(mustBeThere.filter((number) => !there.has(number)), [], "lines that were lost");
  log(`${what}: ${numbers.length} lines in the archive, each once, none lost that was flushed`);
}

/** Each flow of the burst has a line of its own or is counted in one that stands for several. */
async function checkBurst(disk: Disk): Promise<void> {
  const records = await archived(disk);
  const { first, count } = BURST;
  const numbers = numbersIn(records, first).filter((number) => number < first + count);
  assertEquals(new Set(numbers).size, numbers.length, "lines that are in the archive twice");
  const merged = records.filter(isMerged)
    .reduce((sum, { wifilogger }) => sum + wifilogger.merged_flows, 0);
  log(`of 9,000 flows at once ${numbers.length} have a line of their own, ${merged} were merged`);
  assert(numbers.length + merged >= count, "flows that were lost");
}

async function figures(machine: EmulatedMachine): Promise<void> {
  const shell: Shell = (line) => machine.output(line);
  log(await shell("wifilogger --version; uname -rm"));
  // A flow every 20 ms, by the shell alone: each process that is started takes as long.
  const traffic =
    "exec {pause}<> <(:); while :; do echo x >/dev/udp/203.0.113.2/9; read -t 0.02 -u $pause; done";
  await shell(`timeout 30 bash -c '${traffic}' & true`);
  log(await startTime(shell));
  await shell("sleep 30");
  log(`idle: ${await memory(shell)}`);
  await shell(sendLine(BURST.first, BURST.count));
  log(`after 9,000 flows at once: ${await memory(shell)}, ${await tasks(shell)}`);
  log(await exposure(shell));
}

/** The kernel knows the limits of the unit, and enforces them; what was logged stays. */
async function limits(machine: EmulatedMachine): Promise<void> {
  const group = `/sys/fs/cgroup/system.slice/${SERVICE}`;
  const limit = async (name: string) => Number(await machine.output(`cat ${group}/${name}`));
  const [memoryMax, tasksMax] = [await limit("memory.max"), await limit("pids.max")];
  assertEquals([memoryMax, tasksMax], [600 * 2 ** 20, 64]);
  const [peak, now] = [await limit("memory.peak"), await limit("pids.current")];
  log(
    `limits: ${Math.round(peak / 1e6)} MB at most of ${
      Math.round(memoryMax / 1e6)
    }, ${now} tasks of ${tasksMax}`,
  );

  await machine.output(`systemctl set-property --runtime ${SERVICE} MemoryMax=30M`);
  await machine.output(
    `for i in $(seq 60); do journalctl -u ${SERVICE} | grep -q "result 'oom-kill'" && break; sleep 1; done
    systemctl set-property --runtime ${SERVICE} MemoryMax=600M`,
  );
  assertStringIncludes(await machine.output(`journalctl -u ${SERVICE}`), "result 'oom-kill'");
  await untilCapturing(machine);
  log("held to 30 MB it was killed; given its memory back, it started again");
}

/**
 * The service hears from systemd what chrony has told the kernel. Its server is a second one, in a network of its own.
 */
async function clock(machine: EmulatedMachine): Promise<void> {
  const told = async () =>
    (await machine.output("wifilogger status | grep ^clock")).slice(5).trim();
  assertEquals(await told(), "not set by the network yet");
  await machine.output(`set -e
    ip netns add server; ip link add ntp0 type veth peer name ntp1 netns server
    ip address add 198.51.100.1/30 dev ntp0; ip link set ntp0 up
    ip -n server address add 198.51.100.2/30 dev ntp1; ip -n server link set ntp1 up
    printf '%s\n' 'local stratum 1' allow 'cmdport 0' 'pidfile /run/server.pid' 'bindcmdaddress /' >/run/server.conf
    ip netns exec server chronyd -x -f /run/server.conf
    chronyc add server 198.51.100.2 iburst minpoll 0 maxpoll 0
    for i in $(seq 60); do timedatectl show | grep -q NTPSynchronized=yes && break; sleep 1; done
    for i in $(seq 70); do wifilogger status | grep -q '^clock *set by' && break; sleep 1; done
    set +e`);
  assertEquals(await told(), "set by the network");
  log("the clock: not set, then set by chrony, which the service was told");
}

async function main(disk: Disk): Promise<void> {
  const flushed: number[] = [];
  let next = FIRST_OF_BATCHES;
  const sendBatch = async (machine: EmulatedMachine, packets = 1) => {
    const numbers = Array.from({ length: FLOWS_A_BATCH }, () => next++);
    await machine.output(sendLine(numbers[0], numbers.length, packets));
    return numbers;
  };

  {
    await using machine = await boot(disk);
    const said = await machine.output(
      "chown -R pi: /home/pi; cd /home/pi && SUDO_USER=pi ./install.sh",
    );
    assertStringIncludes(said, "capturing on");
    log("installed");
    flushed.push(...await sendBatch(machine));
    await machine.output("sleep 3; wifilogger --flush-now");
    await clock(machine);
    const numbers = await sendBatch(machine);
    await untilInRam(machine, numbers);
    flushed.push(...numbers);
    await limits(machine);
    await figures(machine);
    // The shutdown flushes these. The burst has used up the budget of lines, so that short flows are merged.
    flushed.push(...await sendBatch(machine, PACKETS_NEVER_MERGED));
    await machine.powerOff();
  }
  await check(disk, flushed, "shut down in order");
  await checkBurst(disk);

  for (let cut = 1; cut <= POWER_CUTS; cut++) {
    {
      await using machine = await boot(disk);
      await untilCapturing(machine);
      const cutAtMs = performance.now() + 5_000 + Math.random() * 15_000;
      while (performance.now() < cutAtMs - 5_000) {
        const numbers = await sendBatch(machine);
        await machine.output("sleep 2; wifilogger --flush-now");
        flushed.push(...numbers);
      }
      await sendBatch(machine); // not flushed when the power goes: these may be lost
      // In the midst of a flush, as likely as not.
      machine.output("wifilogger --flush-now").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_500));
    }
    await mend(disk);
    await check(disk, flushed, `power cut ${cut}`);
  }
  {
    await using machine = await boot(disk);
    await untilCapturing(machine);
    flushed.push(...await sendBatch(machine));
    await machine.powerOff();
  }
  await check(disk, flushed, "booted again, and shut down in order");
  assert(flushed.length > POWER_CUTS * FLOWS_A_BATCH);
}

const scratch = `${CACHE}/arm64-disk-${Deno.pid}`;
try {
  const binary = await compiled("aarch64");
  await emulateArm64();
  log("making the disk; its first time takes some minutes");
  await main(await makeDisk(scratch, [binary, INSTALL_SH]));
  console.log("passed");
} finally {
  await Deno.remove(scratch).catch(() => {});
}
