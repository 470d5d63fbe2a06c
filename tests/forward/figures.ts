/**
 * What sending takes: `scripts/dev.sh bench:forward`. The executable that users run sends an archive of 200,000 records, as
 * fast as it can, to a real mosquitto on this machine; `bench:forward RECORDS tls` does so over TLS with a password. The
 * last results stand in docs/forward.md.
 */

import { join } from "@std/path";
import { cpuSeconds } from "../../scripts/bench/process_usage.ts";
import { compiled } from "../appliance/compiled.ts";
import { inTheOpen, startBroker, withTlsAndPassword } from "./broker.ts";

const RECORDS = Number(Deno.args[0] ?? 200_000);
const IS_TLS = Deno.args[1] === "tls";
const DAYS = 4;
const START_MS = Date.UTC(2026, 10, 20);
const STEP_MS = DAYS * 24 * 3600e3 / RECORDS;
const LOOK_MS = 50;
/** Then the program has let go of what only its start needed. */
const SETTLED_MS = 5000;

/** As many characters as a line of a flow over TLS has. */
function lineOf(number: number): string {
  const end = new Date(START_MS + number * STEP_MS).toISOString();
  const remote = number % 60_000;
  return JSON.stringify({
    "@timestamp": end,
    event: { start: end, end, duration: 20e9 },
    network: {
      type: "ipv4",
      transport: "tcp",
      protocol: "tls",
      direction: "outbound",
      community_id: `1:${btoa(String(number).padStart(20, "0"))}`,
      bytes: 41_000 + number % 977,
      packets: 30,
    },
    source: {
      ip: `192.168.1.${number % 200 + 2}`,
      port: 40_000 + number % 20_000,
      bytes: 1000 + number % 977,
      packets: 10,
      mac: `02:00:00:00:00:${(number % 200 + 16).toString(16)}`,
      domain: `device-${number % 200}`,
    },
    destination: {
      ip: `93.${remote >> 8}.${remote & 255}.34`,
      geo: { country_iso_code: "CH", country_name: "Switzerland" },
      as: { number: 559 + remote, organization: { name: `Network ${remote}` } },
      port: 443,
      bytes: 40_000,
      packets: 20,
      domain: `host-${remote}.example.com`,
    },
    tls: { client: { server_name: `host-${remote}.example.com` } },
    wifilogger: {
      v: 1,
      flow_id: `01K${String(number).padStart(23, "0")}`,
      part: 0,
      end_reason: "fin",
      name_source: "tls_sni",
      clock: "synced",
    },
  }) + "\n";
}

/** @returns bytes */
async function writeArchive(folder: string): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  const perDay = RECORDS / DAYS;
  let bytes = 0;
  for (let day = 0; day < DAYS; day++) {
    const name = new Date(START_MS + day * 24 * 3600e3).toISOString().slice(0, 10);
    const lines = Array.from({ length: perDay }, (_, i) => lineOf(day * perDay + i)).join("");
    bytes += lines.length;
    await Deno.writeTextFile(join(folder, `${name}.log`), lines);
  }
  return bytes;
}

/** Bytes of a process by the name that /proc gives them. */
function memory(pid: number, name: "VmHWM" | "VmRSS" | "RssAnon"): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024;
}

async function sentRecords(folder: string): Promise<number> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".json")) {
        return JSON.parse(await Deno.readTextFile(join(folder, name))).sent;
      }
    }
  } catch {
    // Not there yet.
  }
  return 0;
}

async function main(): Promise<void> {
  const program = await compiled(Deno.build.arch);
  const home = await Deno.makeTempDir({ prefix: "wifilogger-figures-" });
  await using broker = await startBroker(
    async (folder) => [
      ...await (IS_TLS ? withTlsAndPassword(folder) : inTheOpen()),
      "max_queued_messages 0",
    ],
  );
  try {
    const bytes = await writeArchive(join(home, "wifi_logger/logs"));
    const startedMs = performance.now();
    const child = new Deno.Command(program, {
      args: ["forward", "--forward-dir", join(home, "progress")],
      env: {
        TZ: "UTC",
        HOME: home,
        WIFILOGGER_RAM_LOG: join(home, "today.log"),
        WIFILOGGER_FORWARD: IS_TLS
          ? `mqtts://pi:p%40ss@localhost:${broker.port}?tls-ca=${broker.folder}/ca.pem`
          : `mqtt://127.0.0.1:${broker.port}`,
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let [resident, anonymous] = [0, 0];
    while (await sentRecords(join(home, "progress")) < RECORDS) {
      anonymous = Math.max(anonymous, memory(child.pid, "RssAnon"));
      if (performance.now() - startedMs > SETTLED_MS) {
        resident = Math.max(resident, memory(child.pid, "VmRSS"));
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const cpu = cpuSeconds(child.pid);
    const peak = memory(child.pid, "VmHWM");
    child.kill("SIGTERM");
    await child.status;
    const megabytes = (count: number) => `${(count / 1e6).toFixed(0)} MB`;
    console.log(
      `${RECORDS} records of ${Math.round(bytes / RECORDS)} bytes, a message each, QoS 1${
        IS_TLS ? ", over TLS" : ""
      }`,
    );
    console.log(`${(RECORDS / seconds).toFixed(0)} records/s, start included`);
    console.log(`${(cpu / RECORDS * 1e6).toFixed(0)} us of CPU a record`);
    console.log(
      `${megabytes(resident)} resident at most while sending, ${
        megabytes(anonymous)
      } of it not of ` +
        `the program's file; ${megabytes(peak)} at the start`,
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

if (import.meta.main) await main();
