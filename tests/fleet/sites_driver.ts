/**
 * A thousand sites on one cluster, in namespaces of its own. Each is a connection with its own certificate, client id and
 * topic, and sends what a busy household writes in the evening, when a third of a day's records fall into five hours;
 * every two seconds, as the forwarder looks. Beside them five real programs send a day each that has waited, and
 * something reads the consumer as ClickHouse does. Then the sites send as fast as they are answered.
 *
 * Arguments: a folder, the program, sites, seconds of each half. The last line on stdout is a {@linkcode SitesReport}.
 */

import { join } from "@std/path";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { type DebianPackage, debianPackage } from "../debian_package.ts";
import { Cluster } from "./cluster.ts";
import { Process, takenBy } from "./process.ts";
import { RECORDS_PER_DAY, SimulatedSite } from "./simulated_site.ts";

/** What a run found. Of nodes it is the mean of the three. */
export interface SitesReport {
  readonly sites: number;
  /** What making a site's certificate takes. */
  readonly certificateMs: number;
  /** What one site is answered for while no other sends. */
  readonly alonePerSecond: number;
  /** Resident memory of a node before any site has come, and for each site that is connected. */
  readonly nodeMb: number;
  readonly nodeKbPerSite: number;
  /** The evening: what was due, what was answered for, and how long after it was due. */
  readonly evening: Rate & {
    readonly duePerSecond: number;
    readonly lagMs: { readonly median: number; readonly p99: number; readonly most: number };
  };
  /** As fast as they are answered, the simulation itself on the same machine. */
  readonly flatOut: Rate;
  /** Bytes that a record takes on a node's disk while it waits for ClickHouse. */
  readonly diskBytesPerRecord: number;
  /** Of a record as it is sent. */
  readonly recordBytes: number;
  /** The real programs. */
  readonly forwarders: readonly {
    readonly sent: number;
    readonly sentPerSecond: number;
    readonly cpuMsPerRecord: number;
    readonly peakMb: number;
    /** Of that, memory of its own: the rest is the program's file, which all share and the kernel may drop. */
    readonly ownMb: number;
  }[];
}

/** Records that were answered for, and cores that it took: of all three nodes, and of the simulation, which has one. */
interface Rate {
  readonly answeredPerSecond: number;
  readonly nodesCores: number;
  readonly simulationCores: number;
}

const [folder, program, ...numbers] = Deno.args;
const [siteCount, seconds] = numbers.map(Number);
const LOOK_MS = 2000;
const REAL = ["real-1", "real-2", "real-3", "real-4", "real-5"];
/** A third of a day's records in five hours. */
const EVENING_PER_SECOND = RECORDS_PER_DAY / 3 / (5 * 3600);
/** Sites that connect at once. */
const AT_ONCE = 25;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const names = Array.from({ length: siteCount }, (_, i) => `site-${i + 1}`);
const server = await debianPackage("nats-server") as DebianPackage;
console.error("certificates and cluster");
const cluster = await Cluster.open(folder, server, [...names, ...REAL]);
const startMs = Date.UTC(2026, 10, 20);
const sites = names.map((name, i) => new SimulatedSite(name, cluster.outputOf(name), i, startMs));
const stop = new AbortController();
await sites[0].connect(stop.signal);
await cluster.makeConsumer();

const nodesMb = () => cluster.nodes().reduce((sum, node) => sum + node.taken().residentMb, 0) / 3;
const nodesCpu = () => cluster.nodes().reduce((sum, node) => sum + node.taken().cpuSeconds, 0);
const nodeMb = nodesMb();
console.error("connecting");
const waiting = sites.slice(1);
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let site = waiting.pop(); site !== undefined; site = waiting.pop()) {
    while (!await site.connect(stop.signal).then(() => true, () => false)) await pause(500);
  }
}));
await pause(3000);
const nodeKbPerSite = (nodesMb() - nodeMb) * 1024 / siteCount;
console.error(
  `${siteCount} connected: ${nodeMb.toFixed(0)} MB, and ${nodeKbPerSite.toFixed(0)} kB each`,
);

let answered = 0;
let recordBytes = 0;
const lags: number[] = [];
let isCounted = false;

/** Sends what is due every two seconds; the sites' looks are spread over them. */
async function evening(site: SimulatedSite, index: number): Promise<void> {
  await pause(LOOK_MS * index / siteCount);
  const beganMs = performance.now();
  let sent = 0;
  while (!stop.signal.aborted) {
    const dueMs = performance.now();
    const due = Math.floor((dueMs - beganMs) / 1000 * EVENING_PER_SECOND) - sent;
    const records = site.next(due);
    if (records.length > 0 && await site.deliver(records, stop.signal) && isCounted) {
      answered += records.length;
      lags.push(performance.now() - dueMs);
    }
    sent += due;
    await pause(Math.max(0, LOOK_MS - (performance.now() - dueMs)));
  }
}

async function flatOut(site: SimulatedSite): Promise<void> {
  while (!stopFlatOut.signal.aborted) {
    const records = site.next(20);
    if (await site.deliver(records, stopFlatOut.signal) && isCounted) answered += records.length;
  }
}

/** A rate over so many seconds, and what the nodes took. */
async function measure(): Promise<Rate> {
  [answered, isCounted] = [0, true];
  const [beganMs, cpu, own] = [performance.now(), nodesCpu(), takenBy(Deno.pid).cpuSeconds];
  await pause(seconds * 1000);
  const took = (performance.now() - beganMs) / 1000;
  isCounted = false;
  return {
    answeredPerSecond: Math.round(answered / took),
    nodesCores: round((nodesCpu() - cpu) / took),
    simulationCores: round((takenBy(Deno.pid).cpuSeconds - own) / took),
  };
}

const alone = sites[0].next(1000);
const aloneMs = performance.now();
await sites[0].deliver(alone, stop.signal);
const alonePerSecond = Math.round(1e6 / (performance.now() - aloneMs));

// What lies on the disk while nobody reads it.
const diskBefore = await cluster.diskBytes(0);
const probe = sites.slice(0, 10).map((site) => site.next(500));
for (const [i, records] of probe.entries()) await sites[i].deliver(records, stop.signal);
await pause(2000);
const diskBytesPerRecord = Math.round((await cluster.diskBytes(0) - diskBefore) / 5000);
const lines = probe.flat().map(({ line }) => new TextEncoder().encode(line).length);
recordBytes = Math.round(lines.reduce((sum, bytes) => sum + bytes) / lines.length);

let consumed = 0;
const consumerStop = new AbortController();
const consuming = cluster.consume((messages) => {
  consumed += messages.length;
}, consumerStop.signal);

console.error("evening");
const forwarders = await Promise.all(REAL.map(startForwarder));
const evenings = sites.map(evening);
await pause(10_000);
const eveningRate = await measure();
console.error(JSON.stringify(eveningRate));
const forwarded = forwarders.map(({ process, sent, beganMs }) => {
  const { cpuSeconds, peakMb, ownMb } = process.taken();
  const count = sent();
  return {
    sent: count,
    sentPerSecond: Math.round(count / (performance.now() - beganMs) * 1000),
    cpuMsPerRecord: round(cpuSeconds * 1000 / count),
    peakMb: Math.round(peakMb),
    ownMb: Math.round(ownMb),
  };
});
for (const { process } of forwarders) await process.kill();
stop.abort();
await Promise.all(evenings);
lags.sort((a, b) => a - b);

console.error("flat out");
const stopFlatOut = new AbortController();
const running = sites.map(flatOut);
await pause(5000);
const flatOutRate = await measure();
stopFlatOut.abort();
await Promise.all(running);
consumerStop.abort();
await consuming;

const at = (share: number) => Math.round(lags[Math.floor((lags.length - 1) * share)] ?? NaN);
const report: SitesReport = {
  sites: siteCount,
  certificateMs: Math.round(cluster.certificateMs),
  alonePerSecond,
  nodeMb: Math.round(nodeMb),
  nodeKbPerSite: Math.round(nodeKbPerSite),
  evening: {
    duePerSecond: Math.round(siteCount * EVENING_PER_SECOND),
    ...eveningRate,
    lagMs: { median: at(0.5), p99: at(0.99), most: at(1) },
  },
  flatOut: flatOutRate,
  diskBytesPerRecord,
  recordBytes,
  forwarders: forwarded,
};
console.error(`${consumed} records read from the consumer`);
for (const node of cluster.nodes()) await node.kill();
console.log(JSON.stringify(report));
Deno.exit(0);

/** `wifilogger forward` of a site whose archive has a day that nobody was sent. */
async function startForwarder(site: string, seed: number) {
  const home = join(folder, site);
  await Deno.mkdir(join(home, "logs"), { recursive: true });
  const day = householdLines({ startMs, records: RECORDS_PER_DAY, seed });
  await Deno.writeTextFile(join(home, "logs/2026-11-20.log"), [...day].join(""));
  const forwardDir = join(home, "progress");
  const process = new Process([program, "forward"], {
    env: {
      HOME: home,
      TZ: "UTC",
      WIFILOGGER_SITE: site,
      WIFILOGGER_ARCHIVE_DIR: join(home, "logs"),
      WIFILOGGER_RAM_LOG: join(home, "today.log"),
      WIFILOGGER_FORWARD_DIR: forwardDir,
      WIFILOGGER_FORWARD: cluster.outputOf(site),
    },
    log: join(home, "log"),
  });
  const sent = () => {
    for (const { name } of Deno.readDirSync(forwardDir)) {
      if (name.endsWith(".json")) {
        return JSON.parse(Deno.readTextFileSync(join(forwardDir, name))).sent;
      }
    }
  };
  return { process, sent: sent as () => number, beganMs: performance.now() };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
