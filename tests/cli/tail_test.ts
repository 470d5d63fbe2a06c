/** `wifilogger tail` on a real archive: compressed days, a plain one with a torn line, and the log in RAM. */

import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { parseRecords } from "../record_schema.ts";

interface Flow {
  readonly time: string;
  readonly device: string;
  readonly name: string;
}

/** A line as the logger writes it; the device's address is 192.168.1.20 and it has a name. */
function flowLine({ time, device, name }: Flow): string {
  const microseconds = time.replace("Z", ".000000Z");
  return JSON.stringify({
    "@timestamp": time.replace("Z", ".000Z"),
    event: { start: microseconds, end: microseconds, duration: 0 },
    network: {
      type: "ipv4",
      transport: "tcp",
      direction: "outbound",
      community_id: "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz4=",
      bytes: 300,
      packets: 3,
    },
    source: {
      ip: "192.168.1.20",
      port: 40000,
      bytes: 100,
      packets: 2,
      mac: "02:00:5e:10:00:0a",
      domain: device,
    },
    destination: { ip: "93.184.216.34", port: 443, bytes: 200, packets: 1, domain: name },
    wifilogger: {
      v: 1,
      flow_id: "a-1",
      part: 0,
      end_reason: "fin",
      name_source: "dns",
      clock: "synced",
    },
  }) + "\n";
}

function gapLine(time: string): string {
  const microseconds = time.replace("Z", ".000000Z");
  return JSON.stringify({
    "@timestamp": time.replace("Z", ".000Z"),
    event: { action: "gap", start: microseconds, end: microseconds, duration: 0 },
    wifilogger: { v: 1, gap: { reason: "kernel_drop", count: 7 }, clock: "synced" },
  }) + "\n";
}

const FLOWS: readonly Flow[] = [
  { time: "2026-11-20T08:00:00Z", device: "tv", name: "video.example.com" },
  { time: "2026-11-20T09:00:00Z", device: "laptop", name: "example.org" },
  { time: "2026-11-21T23:59:59Z", device: "laptop", name: "www.example.org" },
  // No logger writes such a name; but who could tell what has been done to a file?
  { time: "2026-11-22T07:00:00Z", device: "phone\u001b[2J", name: "notexample.org" },
];
const GAP_TIME = "2026-11-21T12:00:00Z";
parseRecords(FLOWS.slice(0, 3).map(flowLine).join("") + gapLine(GAP_TIME)); // they are as the schema says
const FOREIGN = '{"an":"old log"}\n';

async function openLog() {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const archiveDir = join(home, "wifi_logger/logs");
  const ramLogPath = join(home, "ram/today.log");
  await Deno.mkdir(archiveDir, { recursive: true });
  await Deno.mkdir(join(home, "ram"));
  const [first, second, third, fourth] = FLOWS.map(flowLine);
  const gzipPath = join(archiveDir, "2026-11-20.log.gz");
  await Deno.writeFile(gzipPath, gzipSync(first));
  await Deno.writeFile(gzipPath, gzipSync(second), { append: true });
  const torn = third.slice(0, 40);
  await Deno.writeTextFile(
    join(archiveDir, "2026-11-21.log"),
    FOREIGN + gapLine(GAP_TIME) + third + torn,
  );
  await Deno.writeTextFile(ramLogPath, fourth);
  const env = { HOME: home, TZ: "UTC", WIFILOGGER_RAM_LOG: ramLogPath };
  return {
    archiveDir,
    tail: (...args: string[]) => wifilogger(["tail", ...args], { env }),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

const timesOf = (json: string) =>
  json.split("\n").slice(0, -1).map((line) => JSON.parse(line)["@timestamp"].replace(".000Z", "Z"));
const ALL = [FLOWS[0].time, FLOWS[1].time, GAP_TIME, FLOWS[2].time, FLOWS[3].time];

Deno.test("`tail` prints compressed days, plain ones and what is in RAM for a person", async () => {
  await using log = await openLog();
  const { code, stdout, stderr } = await log.tail();
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.map((line) => line.slice(0, 10)), [
    "2026-11-20",
    "08:00:00  ",
    "09:00:00  ",
    "",
    "2026-11-21",
    "12:00:00  ",
    "23:59:59  ",
    "",
    "2026-11-22",
    "07:00:00  ",
  ]);
  assertEquals(
    lines[1],
    "08:00:00  tv (192.168.1.20) -> video.example.com (93.184.216.34:443 tcp)  up 100 B  down 200 B",
  );
  assert(!stdout.includes("\u001b"), "nothing that a terminal obeys");
  assertStringIncludes(lines[9], "phone\\u001b[2J");
  assertEquals(stderr, "wifilogger: warning: 1 line that this logger did not write left out\n");
});

Deno.test("`tail --format json` prints the log's own lines", async () => {
  await using log = await openLog();
  const { code, stdout } = await log.tail("--format", "json");
  assertEquals(code, 0);
  const lines = FLOWS.map(flowLine);
  assertEquals(stdout, [lines[0], lines[1], gapLine(GAP_TIME), lines[2], lines[3]].join(""));
});

Deno.test("`tail` chooses by number, time, device and name", async () => {
  await using log = await openLog();
  const choices: readonly (readonly [args: string, expected: readonly string[]])[] = [
    ["-n 1", ALL.slice(-1)],
    ["--lines 3", ALL.slice(-3)],
    ["--since 2026-11-21", ALL.slice(2)],
    ["--until 2026-11-20", ALL.slice(0, 2)],
    ["--since 2026-11-20 --until 2026-11-20", ALL.slice(0, 2)],
    ["--since 2026-11-20T09:00 --until 2026-11-21T12:00:01Z", ALL.slice(1, 3)],
    ["--since 2026-11-20 -n 2", ALL.slice(-2)],
    ["--device laptop", [ALL[1], GAP_TIME, ALL[3]]],
    ["--device 02-00-5E-10-00-0A", ALL],
    ["--device 192.168.1.21", [GAP_TIME]],
    ["--name example.org", [ALL[1], GAP_TIME, ALL[3]]],
    ["--name 93.184.216.34 --device tv", [ALL[0], GAP_TIME]],
  ];
  for (const [args, expected] of choices) {
    const { code, stdout, stderr } = await log.tail("--format", "json", ...args.split(" "));
    assertEquals([code, timesOf(stdout)], [0, expected], `${args}: ${stderr}`);
  }
});

Deno.test("`tail` says that there is no such record, and ends with 0", async () => {
  await using log = await openLog();
  const { code, stdout, stderr } = await log.tail("--until", "2020-01-01");
  assertEquals([code, stdout], [0, ""]);
  assertEquals(stderr, "wifilogger: there is no such record in the log\n");
});

Deno.test("`tail` says which file is damaged, prints the rest, and ends with 1", async () => {
  await using log = await openLog();
  await Deno.writeTextFile(join(log.archiveDir, "2026-11-19.log.gz"), "this is no gzip");
  const { code, stdout, stderr } = await log.tail("--format", "json");
  assertEquals([code, timesOf(stdout)], [1, ALL]);
  assertStringIncludes(stderr, "wifilogger: reading the archive file ");
  assertStringIncludes(stderr, "2026-11-19.log.gz: ");
});
