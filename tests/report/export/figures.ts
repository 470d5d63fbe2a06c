/**
 * What an export takes: `scripts/dev.sh bench:export`. A week of 440,000 records, all but its last day compressed, in two
 * members each, is exported by the executable that users run, to a file. One flow in five goes on for several lines. In a
 * second week every flow goes on for ever, and as many are open as are held.
 */

import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { communityId } from "../../../capture/flow/community_id.ts";
import { timestampMs, timestampUs } from "../../../record/timestamp.ts";
import { EXPORT_FORMATS } from "../../../report/export/open_export.ts";
import { cpuSeconds } from "../../../scripts/bench/process_usage.ts";
import { markdownTable } from "../../../scripts/bench/table.ts";
import { compiled } from "../../appliance/compiled.ts";

const RECORDS = 440_000;
const DAYS = 7;
const START_US = Date.UTC(2026, 10, 16) * 1e3;
const STEP_US = DAYS * 24 * 3600e6 / RECORDS;

/** The record of that number. */
function lineOf(number: number, isForEver: boolean): string {
  const endUs = Math.floor(START_US + number * STEP_US);
  const startUs = endUs - 20e6;
  const flow = isForEver ? number % 40_000 : number % 5 === 0 ? number % 500 : number;
  const isLast = !isForEver && (number % 5 !== 0 || number % 2000 < 500);
  const host = flow % 200 + 2;
  const [port, remote] = [40_000 + flow % 20_000, flow % 60_000];
  const [up, down] = [400 + number % 977, 3000 + number % 40_961];
  const ip = `93.${remote >> 8 & 255}.${remote & 255}.34`;
  const destination = { words: [0, 0, 0xffff, 93 << 24 | remote << 8 | 34] as const };
  return JSON.stringify({
    "@timestamp": timestampMs(endUs),
    event: { start: timestampUs(startUs), end: timestampUs(endUs), duration: 20e9 },
    network: {
      type: "ipv4",
      transport: "tcp",
      protocol: "tls",
      direction: "outbound",
      community_id: communityId({
        protocol: 6,
        source: [0, 0, 0xffff, 0xc0a80100 | host],
        destination: destination.words,
        sourcePort: port,
        destinationPort: 443,
      }),
      bytes: up + down,
      packets: 30,
    },
    source: { ip: `192.168.1.${host}`, port, bytes: up, packets: 10, domain: `device-${host}` },
    destination: {
      ip,
      geo: { country_iso_code: "CH", country_name: "Switzerland" },
      as: { number: 559 + remote, organization: { name: `Network ${remote}` } },
      port: 443,
      bytes: down,
      packets: 20,
      domain: `host-${remote}.example.com`,
    },
    tls: { client: { server_name: `host-${remote}.example.com` } },
    dns: { question: { name: `host-${remote}.example.com` } },
    wifilogger: {
      v: 1,
      flow_id: `${(START_US + flow).toString(36)}-${flow.toString(36)}`,
      part: flow === number ? 0 : 1,
      end_reason: isLast ? "fin" : "active",
      name_source: "tls_sni",
      clock: "synced",
    },
  }) + "\n";
}

/** Writes the week. @returns its bytes before compression */
async function writeWeek(archiveDir: string, isForEver: boolean): Promise<number> {
  await Deno.mkdir(archiveDir);
  let bytes = 0;
  for (let day = 0; day < DAYS; day++) {
    const path = join(archiveDir, `${timestampMs(START_US + day * 24 * 3600e6).slice(0, 10)}.log`);
    const first = Math.ceil(day * RECORDS / DAYS);
    const end = Math.ceil((day + 1) * RECORDS / DAYS);
    const middle = (first + end) >> 1;
    for (const [from, to] of [[first, middle], [middle, end]]) {
      const lines = Array.from({ length: to - from }, (_, i) => lineOf(from + i, isForEver)).join(
        "",
      );
      bytes += lines.length;
      const isOpen = day === DAYS - 1;
      const content = isOpen ? new TextEncoder().encode(lines) : gzipSync(lines);
      await Deno.writeFile(isOpen ? path : `${path}.gz`, content, { append: true });
    }
  }
  return bytes;
}

/** Runs an export to its end. */
async function run(program: string, args: readonly string[]) {
  const startMs = performance.now();
  const child = new Deno.Command(program, {
    args: ["export", ...args],
    env: { TZ: "UTC" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let mostResident = 0;
  let cpu = 0;
  const timer = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      cpu = cpuSeconds(child.pid);
      mostResident = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? mostResident);
    } catch {
      // It has ended.
    }
  }, 20);
  const { success, stderr } = await child.output();
  clearInterval(timer);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const seconds = (performance.now() - startMs) / 1e3;
  return { seconds, cpu, megabytes: mostResident * 1024 / 1e6 };
}

const program = await compiled(Deno.build.arch);
const scratch = await Deno.makeTempDir({ prefix: "wifilogger-bench-" });
try {
  for (const isForEver of [false, true]) {
    const archiveDir = join(scratch, isForEver ? "for_ever" : "week");
    const bytes = await writeWeek(archiveDir, isForEver);
    const rows: string[][] = [];
    const merging = ["zeek", "zeek-json", "eve"];
    for (const format of isForEver ? merging : EXPORT_FORMATS) {
      const path = join(scratch, "export");
      const where = ["--archive-dir", archiveDir, "--ram-log", join(scratch, "none.log")];
      const took = await run(program, ["--format", format, "--output", path, ...where]);
      rows.push([
        format,
        took.seconds.toFixed(1),
        took.cpu.toFixed(1),
        Math.round(RECORDS / took.seconds).toLocaleString("en-GB"),
        took.megabytes.toFixed(0),
        ((await Deno.stat(path)).size / 1e6).toFixed(0),
      ]);
      await Deno.remove(path);
    }
    const what = isForEver ? "no flow ends" : "one flow in five goes on";
    console.log(`\n${RECORDS} records, ${(bytes / 1e6).toFixed(0)} MB, ${what}\n`);
    console.log(
      markdownTable(["format", "s", "CPU s", "records/s", "most resident, MB", "file, MB"], rows),
    );
  }
} finally {
  await Deno.remove(scratch, { recursive: true });
}
