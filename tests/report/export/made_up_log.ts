/** Logs of made-up records: flows of several lines, merged ones and gaps, on several days. */

import fc from "fast-check";
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import type { FlowRecord, GapRecord, LogRecord, MergedRecord } from "../../../record/log_record.ts";
import { isGap, isMerged } from "../../../record/log_record.ts";
import { timestampMs, timestampUs } from "../../../record/timestamp.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";

/** What no logger writes, and a file that somebody has changed may have. */
export const NASTY = [
  "-",
  "(empty)",
  "=1+1",
  "a\tb",
  "\u001b[2J",
  "x\u202ey",
  "\\x41",
  'q"u,o',
  "é\n",
];

const BASE_US = Date.UTC(2026, 10, 20) * 1e3;
const DAYS_US = 3 * 24 * 3600e6;

const amount = fc.record({
  sourceBytes: fc.nat(2 ** 40),
  sourcePackets: fc.nat(1e6),
  destinationBytes: fc.nat(2 ** 40),
  destinationPackets: fc.nat(1e6),
});
type Amount = typeof amount extends fc.Arbitrary<infer T> ? T : never;

const name = fc.oneof(
  fc.constantFrom("example.org", "www.example.net", ...NASTY),
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }),
);
const time = fc.record({ startUs: fc.nat(DAYS_US), lengthUs: fc.nat(90e6) });
const direction = fc.constantFrom("outbound", "inbound", "internal", "external");
const clock = fc.constantFrom("synced", "unsynced");

function interval(startUs: number, endUs: number) {
  const [from, to] = [BASE_US + startUs, BASE_US + endUs];
  return {
    "@timestamp": timestampMs(to),
    event: { start: timestampUs(from), end: timestampUs(to), duration: (to - from) * 1e3 },
  };
}

function ends({ sourceBytes, sourcePackets, destinationBytes, destinationPackets }: Amount) {
  return {
    total: {
      bytes: sourceBytes + destinationBytes,
      packets: sourcePackets + destinationPackets,
    },
    source: { bytes: sourceBytes, packets: sourcePackets },
    destination: { bytes: destinationBytes, packets: destinationPackets },
  };
}

const flow = fc.record({
  time,
  parts: fc.array(amount, { minLength: 1, maxLength: 4 }),
  transport: fc.constantFrom("tcp", "udp", "icmp", "ipv6-icmp", "132"),
  protocol: fc.option(fc.constantFrom("tls", "quic", "dns"), { nil: undefined }),
  hasEnd: fc.boolean(),
  name: fc.option(name, { nil: undefined }),
  direction,
  clock,
}).map((made) => (id: number): FlowRecord[] =>
  made.parts.map((part, index) => {
    const { total, source, destination } = ends(part);
    const startUs = made.time.startUs + index * 90e6;
    const hasPorts = made.transport === "tcp" || made.transport === "udp";
    return {
      ...interval(startUs, startUs + made.time.lengthUs),
      network: {
        type: "ipv4",
        transport: made.transport,
        protocol: made.protocol,
        direction: made.direction,
        community_id: "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz4=",
        ...total,
      },
      source: { ip: "192.168.1.20", port: hasPorts ? 40000 : undefined, ...source },
      destination: {
        ip: "93.184.216.34",
        geo: {
          country_iso_code: "AU",
          country_name: "Australia",
          location: { lat: -33.5, lon: 151 },
        },
        port: hasPorts ? 443 : undefined,
        ...destination,
        domain: made.name ?? "unknown",
      },
      wifilogger: {
        v: 1,
        flow_id: `${(BASE_US + made.time.startUs).toString(36)}-${id.toString(36)}`,
        part: index,
        end_reason: made.hasEnd && index === made.parts.length - 1 ? "fin" : "active",
        name_source: made.name === undefined ? "none" : "dns",
        clock: made.clock,
      },
    } as FlowRecord;
  })
);

const merged = fc.record({
  time,
  amount,
  count: fc.integer({ min: 1, max: 5000 }),
  isFromOne: fc.boolean(),
  direction,
}).map((made) => (id: number): MergedRecord[] => {
  const { total, source, destination } = ends(made.amount);
  return [{
    ...interval(made.time.startUs, made.time.startUs + made.time.lengthUs),
    network: { type: "ipv4", transport: "tcp", direction: made.direction, ...total },
    source: { ip: made.isFromOne ? "192.168.1.21" : undefined, ...source },
    destination: { ...destination, domain: "unknown" },
    wifilogger: {
      v: 1,
      flow_id: `${(BASE_US + made.time.startUs).toString(36)}-m${id.toString(36)}`,
      part: 0,
      end_reason: "idle",
      name_source: "none",
      merged_flows: made.count,
      clock: "synced",
    },
  } as MergedRecord];
});

const gap = fc.record({ time, reason: fc.constantFrom("kernel_drop", "restart"), clock }).map(
  (made) => (): GapRecord[] => [{
    "@timestamp": interval(made.time.startUs, made.time.startUs)["@timestamp"],
    event: { action: "gap", ...interval(made.time.startUs, made.time.startUs).event },
    wifilogger: {
      v: 1,
      gap: made.reason === "restart" ? { reason: "restart" } : { reason: "kernel_drop", count: 7 },
      clock: made.clock as "synced",
    },
  }],
);

/** Records in the order of a log. */
export const madeUpRecords: fc.Arbitrary<LogRecord[]> = fc
  .array(fc.oneof({ weight: 5, arbitrary: flow }, merged, gap), { minLength: 1, maxLength: 25 })
  .map((makers) =>
    makers.flatMap((make, id): LogRecord[] => make(id))
      .sort((a, b) => a["@timestamp"] < b["@timestamp"] ? -1 : 1)
  );

/** A record as the log has it. */
export function lineOf(record: LogRecord): string {
  return JSON.stringify(record);
}

/** What records come to. */
export interface Sums {
  sourceBytes: number;
  sourcePackets: number;
  destinationBytes: number;
  destinationPackets: number;
  /** Of merged records as many as they stand for. */
  flows: number;
}

/** The sums over the records themselves. */
export function sumsOf(records: readonly LogRecord[]): Sums {
  const sums = new Summing();
  for (const record of records) {
    if (isGap(record)) continue;
    sums.add(
      record.source.bytes,
      record.source.packets,
      record.destination.bytes,
      record.destination.packets,
      record.wifilogger.flow_id,
      isMerged(record) ? record.wifilogger.merged_flows : undefined,
    );
  }
  return sums.sums();
}

/** Adds rows up, whatever they were read from. */
export class Summing {
  readonly #sums = [0, 0, 0, 0];
  readonly #flowIds = new Set<unknown>();
  #mergedFlows = 0;

  add(
    sourceBytes: unknown,
    sourcePackets: unknown,
    destinationBytes: unknown,
    destinationPackets: unknown,
    flowId: unknown,
    mergedFlows: unknown,
  ): void {
    [sourceBytes, sourcePackets, destinationBytes, destinationPackets]
      .forEach((value, i) => this.#sums[i] += Number(value));
    if (mergedFlows === undefined) this.#flowIds.add(flowId);
    else this.#mergedFlows += Number(mergedFlows);
  }

  sums(): Sums {
    const [sourceBytes, sourcePackets, destinationBytes, destinationPackets] = this.#sums;
    const flows = this.#flowIds.size + this.#mergedFlows;
    return { sourceBytes, sourcePackets, destinationBytes, destinationPackets, flows };
  }
}

/** A log on disk. */
export interface MadeUpLog extends AsyncDisposable {
  readonly home: string;
  readonly archiveDir: string;
  readonly ramLogPath: string;
}

/** Lays records down as a logger does: older days compressed in members, then a plain day, the last in RAM. */
export async function openMadeUpLog(records: readonly LogRecord[]): Promise<MadeUpLog> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const archiveDir = join(home, "logs");
  const ramLogPath = join(home, "today.log");
  await Deno.mkdir(archiveDir);
  const days = [...Map.groupBy(records, (record) => localDay(Date.parse(record["@timestamp"])))];
  for (const [index, [day, ofDay]] of days.entries()) {
    const lines = ofDay.map((record) => lineOf(record) + "\n");
    const path = join(archiveDir, `${day}.log`);
    if (index === days.length - 1) await Deno.writeTextFile(ramLogPath, lines.join(""));
    else if (index === days.length - 2) await Deno.writeTextFile(path, lines.join(""));
    else {
      const middle = Math.ceil(lines.length / 2);
      for (const part of [lines.slice(0, middle), lines.slice(middle)]) {
        if (part.length === 0) continue;
        await Deno.writeFile(`${path}.gz`, gzipSync(part.join("")), { append: true });
      }
    }
  }
  return {
    home,
    archiveDir,
    ramLogPath,
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}
