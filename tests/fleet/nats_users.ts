/**
 * What it takes a node of NATS to know 100,000 sites: one is started with as many users as fleet.sh would write. Inside
 * namespaces of its own. Arguments: a folder, sites. The last line on stdout is a {@linkcode UsersReport} as JSON.
 */

import { type DebianPackage, debianPackage } from "../debian_package.ts";
import { Cluster } from "./cluster.ts";

/** What a node takes with so many users. */
export interface UsersReport {
  readonly sites: number;
  /** Of sites.conf. */
  readonly fileMb: number;
  /** Until it listens for them. */
  readonly startSeconds: number;
  readonly nodeMb: number;
}

const [folder, count] = Deno.args;
const server = await debianPackage("nats-server") as DebianPackage;
const cluster = await Cluster.open(folder, server, ["site-1"]);
const text = await Deno.readTextFile(`${folder}/sites.conf`);
const line = text.split("\n").find((one) => one.includes('"site-1"'))!;
const more = Array.from(
  { length: Number(count) - 1 },
  (_, i) => line.replaceAll("site-1", `site-${i + 2}`),
);
const all = text.replace(line, [line, ...more].join("\n"));
await Deno.writeTextFile(`${folder}/nodes/nats-1/sites.conf`, all);
await cluster.kill(0);
const beganMs = performance.now();
cluster.start(0);
const listens = () => Deno.connect({ hostname: "nats-1", port: 8883 }).then((one) => one.close());
while (!await listens().then(() => true, () => false)) {
  if (performance.now() - beganMs > 120_000) throw new Error("the node does not start");
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const report: UsersReport = {
  sites: Number(count),
  fileMb: Math.round(all.length / 1e5) / 10,
  startSeconds: Math.round((performance.now() - beganMs) / 100) / 10,
  nodeMb: Math.round(cluster.nodes()[0].taken().residentMb),
};
for (const node of cluster.nodes()) await node.kill();
console.log(JSON.stringify(report));
Deno.exit(0);
