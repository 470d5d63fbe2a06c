/**
 * Sites send to a cluster whose nodes are killed one after the other; what the sites got an answer for is held against
 * what the consumer was given. Inside namespaces of its own. Arguments: a folder, sites, kills. The last line on stdout
 * is a {@linkcode LossReport} as JSON.
 */

import { eventually } from "../../scripts/household/eventually.ts";
import { type DebianPackage, debianPackage } from "../debian_package.ts";
import { Cluster } from "./cluster.ts";
import { identityOf, SimulatedSite } from "./simulated_site.ts";

/** What a run found. */
export interface LossReport {
  /** Nodes that were killed, and which of them led the stream when they were. */
  readonly killed: number;
  readonly leadersKilled: number;
  /** Records that the cluster answered for. */
  readonly answered: number;
  /** Records that the consumer got, each counted once; and those it got again. */
  readonly consumed: number;
  readonly duplicates: number;
  /** Answered for and never given to the consumer. */
  readonly lost: number;
  /** Attempts that failed and were made again. */
  readonly failures: number;
  /** Records of a site that sent under another one's name, which were let through. */
  readonly forged: number;
  /** Seconds from a kill to the next answer, at most. */
  readonly longestStall: number;
  readonly recordsPerSecond: number;
}

const [folder, ...numbers] = Deno.args;
const [siteCount, kills] = numbers.map(Number);
const BATCH = 50;

const names = Array.from({ length: siteCount }, (_, i) => `site-${i + 1}`);
const server = await debianPackage("nats-server") as DebianPackage;
await using cluster = await Cluster.open(folder, server, [...names, "liar"]);
const startMs = Date.UTC(2026, 10, 20);
const sites = names.map((name, i) => new SimulatedSite(name, cluster.outputOf(name), i, startMs));
const stop = new AbortController();
for (const site of sites) await site.connect(stop.signal);
await cluster.makeConsumer();

const answered = new Set<string>();
const consumed = new Set<string>();
let [duplicates, forged] = [0, 0];
const consumerStop = new AbortController();
const consuming = cluster.consume((messages) => {
  for (const { text, subject } of messages) {
    const identity = identityOf(JSON.parse(text));
    if (!subject.includes(`.${identity.split(" ")[0]}.`)) forged++;
    if (consumed.has(identity)) duplicates++;
    consumed.add(identity);
  }
}, consumerStop.signal);

// Somebody with a certificate of his own sends under another site's name.
const liar = new SimulatedSite("site-1", cluster.outputOf("liar"), 10_000, startMs);
const lies = liar.next(10);
await liar.deliver(lies, stop.signal);
await liar.close();

const startedMs = performance.now();
const sending = sites.map(async (site) => {
  while (!stop.signal.aborted) {
    const records = site.next(BATCH);
    // What is under way when all ends may or may not have arrived.
    if (records.length === 0 || !await site.deliver(records, stop.signal)) return;
    for (const { record } of records) answered.add(identityOf(record));
  }
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until so many more records are answered for; gives the seconds that took. */
async function answers(count: number): Promise<number> {
  const [sinceMs, before] = [performance.now(), answered.size];
  while (answered.size < before + count) {
    await pause(50);
    if (performance.now() - sinceMs > 120_000) throw new Error("the cluster answers for nothing");
  }
  return (performance.now() - sinceMs) / 1000;
}

/** The node that answers for what is stored. */
async function leaderOfStream(): Promise<number> {
  return await eventually("a leader", async () => {
    const { leader } = await cluster.stream().catch(() => ({ leader: -1 }));
    return leader >= 0 && { leader };
  }).then(({ leader }) => leader);
}

let leadersKilled = 0;
let longestStall = 0;
for (let killed = 0; killed < kills; killed++) {
  await answers(3000);
  const leader = await leaderOfStream();
  // The leader first: what it has answered for and not handed on would be lost with it.
  const node = killed % 2 === 0 ? leader : (leader + 1) % 3;
  if (node === leader) leadersKilled++;
  await cluster.kill(node);
  longestStall = Math.max(longestStall, await answers(1));
  console.error(
    `killed nats-${node + 1}${node === leader ? ", the leader" : ""}: ${answered.size} answered`,
  );
  cluster.start(node);
}
await answers(3000);
const recordsPerSecond = Math.round(answered.size / (performance.now() - startedMs) * 1000);
stop.abort();
await Promise.all(sending);
const missing = () => [...answered].filter((identity) => !consumed.has(identity)).length;
for (const untilMs = performance.now() + 200_000; missing() > 0 && performance.now() < untilMs;) {
  await pause(1000);
}
consumerStop.abort();
await consuming;
const liesTold = lies.filter(({ record }) => consumed.has(identityOf(record))).length;
const report: LossReport = {
  killed: kills,
  leadersKilled,
  longestStall: Math.round(longestStall),
  answered: answered.size,
  consumed: consumed.size,
  duplicates,
  lost: missing(),
  failures: sites.reduce((sum, { failures }) => sum + failures, 0),
  forged: forged + liesTold,
  recordsPerSecond,
};
for (const node of cluster.nodes()) await node.kill();
console.log(JSON.stringify(report));
Deno.exit(0);
