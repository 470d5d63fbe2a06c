/**
 * A NATS cluster of three nodes on this machine, made with the files of contrib/fleet as they are: certificates by
 * fleet.sh, nats.conf, the users of sites.conf, the consumer. For namespaces of its own, in which /etc/hosts may be
 * hidden: the nodes are found by the names that the files give them.
 */

import { fromFileUrl, join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import type { DebianPackage } from "../debian_package.ts";
import { NatsClient, type NatsMessage } from "./nats_client.ts";
import { Process } from "./process.ts";

const FLEET = fromFileUrl(new URL("../../contrib/fleet/", import.meta.url));
/** What sites connect to. */
export const FLEET_HOST = "fleet.example";
const NODES = ["nats-1", "nats-2", "nats-3"] as const;
const addressOf = (node: number) => `127.0.0.${11 + node}`;
const PASSWORDS = { OPERATOR_PASSWORD: "operators-own", CLICKHOUSE_PASSWORD: "clickhouses-own" };
const CONSUMER = { stream: "$MQTT_msgs", consumer: "clickhouse" };

export class Cluster implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: DebianPackage;
  readonly #nodes: Process[] = [];
  /** What making a site's certificate took. */
  certificateMs = NaN;

  private constructor(folder: string, server: DebianPackage) {
    this.#folder = folder;
    this.#server = server;
  }

  /** Starts three nodes; each of the sites gets a certificate. */
  static async open(
    folder: string,
    server: DebianPackage,
    sites: readonly string[],
  ): Promise<Cluster> {
    const cluster = new Cluster(folder, server);
    const hosts = NODES.map((node, i) => `${addressOf(i)} ${node} ${FLEET_HOST}`);
    await Deno.writeTextFile(
      join(folder, "hosts"),
      ["127.0.0.1 localhost", ...hosts, ""].join("\n"),
    );
    await cluster.#run("mount", "--bind", join(folder, "hosts"), "/etc/hosts");
    await cluster.#run("ip", "link", "set", "lo", "up");
    const fleet = join(FLEET, "fleet.sh");
    await cluster.#run(fleet, "authority");
    const beganMs = performance.now();
    await cluster.#run(fleet, "site", ...sites);
    cluster.certificateMs = (performance.now() - beganMs) / sites.length;
    for (const node of NODES) await cluster.#run(fleet, "node", node, FLEET_HOST);
    for (const i of NODES.keys()) cluster.start(i);
    await eventually("three nodes that are a cluster", () => cluster.#isWhole());
    return cluster;
  }

  /** Starts a node, again after it was killed. */
  start(node: number): void {
    const address = addressOf(node);
    this.#nodes[node] = new Process(
      [join(this.#server.root, "usr/sbin/nats-server"), "-c", "nats.conf"],
      {
        env: { NODE: NODES[node], ADDRESS: address, MONITOR: `${address}:8222`, ...PASSWORDS },
        cwd: this.#nodeFolder(node),
        log: join(this.#nodeFolder(node), "log"),
      },
    );
  }

  async kill(node: number): Promise<void> {
    await this.#nodes[node].kill();
  }

  nodes(): readonly Process[] {
    return this.#nodes;
  }

  /** Makes the consumer as docs/fleet.md says: the first MQTT connection makes the stream, and none has sent yet. */
  async makeConsumer(): Promise<void> {
    using operator = await this.connect("operator");
    const config = JSON.parse(await Deno.readTextFile(join(FLEET, "nats/consumer.json")));
    const { stream, consumer } = CONSUMER;
    const { text } = await operator.request(
      `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${consumer}`,
      JSON.stringify({ stream_name: stream, config }),
    );
    const { error } = JSON.parse(text);
    if (error !== undefined) throw new Error(`making the consumer: ${error.description}`);
  }

  /** Connects to the first node that lets it in. */
  async connect(user: "operator" | "clickhouse"): Promise<NatsClient> {
    const password = PASSWORDS[user === "operator" ? "OPERATOR_PASSWORD" : "CLICKHOUSE_PASSWORD"];
    const ca = await Deno.readTextFile(join(this.#folder, "ca.pem"));
    let failure: unknown;
    for (const hostname of NODES) {
      try {
        return await NatsClient.connect({ hostname, user, password, ca });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Reads the consumer as ClickHouse does, until `stop`: what `take` has stored is acknowledged. */
  async consume(
    take: (messages: readonly NatsMessage[]) => void | Promise<void>,
    stop: AbortSignal,
  ): Promise<void> {
    while (!stop.aborted) {
      try {
        using client = await this.connect("clickhouse");
        let idle = 0;
        // A node may be there and yet cut off from its cluster: ask another one after a while.
        while (!stop.aborted && idle < 5) {
          const messages = await client.fetch({ ...CONSUMER, batch: 2000, waitMs: 500 });
          idle = messages.length === 0 ? idle + 1 : 0;
          await take(messages);
          for (const message of messages) client.acknowledge(message);
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** The stream that holds what is not acknowledged yet. */
  async stream(): Promise<{ leader: number; messages: number; bytes: number }> {
    using operator = await this.connect("operator");
    const { text } = await operator.request(`$JS.API.STREAM.INFO.${CONSUMER.stream}`, "");
    const { state: { messages, bytes }, cluster } = JSON.parse(text);
    return { leader: NODES.indexOf(cluster.leader), messages, bytes };
  }

  /** Where a site sends to, for `WIFILOGGER_FORWARD`. */
  outputOf(site: string): string {
    const at = (name: string) => join(this.#folder, name);
    return `mqtts://${FLEET_HOST}:8883?tls-ca=${at("ca.pem")}` +
      `&tls-cert=${at(`sites/${site}.pem`)}&tls-key=${at(`sites/${site}.key`)}`;
  }

  /** Bytes that a node has on its disk. */
  async diskBytes(node: number): Promise<number> {
    const { stdout } = await new Deno.Command("du", {
      args: ["-sb", join(this.#nodeFolder(node), "jetstream")],
    }).output();
    return parseInt(new TextDecoder().decode(stdout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) await node.kill();
  }

  async #isWhole(): Promise<boolean> {
    try {
      using operator = await this.connect("operator");
      const { text } = await operator.request("$JS.API.INFO", "", 1000);
      return JSON.parse(text).error === undefined;
    } catch {
      return false;
    }
  }

  #nodeFolder(node: number): string {
    return join(this.#folder, "nodes", NODES[node]);
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command(program, { args, cwd: this.#folder })
      .output();
    if (!success) throw new Error(`${program} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  }
}
