/**
 * The ledger's machines, in the private namespaces that this process runs in:
 *
 *     logger, forwarder ──┬── broker: mosquitto, and beside it a subscriber
 *       (the first one)   └── receiver: a web server
 *
 * Each line is a link of its own that can be cut. What the forwarder sends to both is `wifilogger forward`, the real
 * program; the logger is {@link ./writer.ts}.
 */

import { join } from "@std/path";
import { eventually } from "../../../scripts/household/eventually.ts";
import { PROGRAM } from "../../program.ts";
import type { Fault, Link } from "./faults.ts";
import type { Manner } from "./receiver.ts";
import { linesOf } from "./text_lines.ts";

const SUBNETS: Record<Link, number> = { broker: 1, receiver: 2 };
const [MQTT_PORT, HTTP_PORT] = [1883, 8080];
const RAM_LOG = "/mnt/ramlogs/today.log";
/** How often the forwarder looks. */
const LOOK_MS = 2000;
/** The broker's disk: a file system of its own. */
const BROKER_DISK = "/mnt/broker";
const here = (name: string) => new URL(name, import.meta.url).pathname;
const script = (name: string, permissions = "-A") => [
  Deno.execPath(),
  ...["run", permissions, "--no-check", "--frozen", here(name)],
];

/** A running program whose lines can be waited for. */
class Running {
  readonly child: Deno.ChildProcess;
  readonly lines: string[] = [];

  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    this.child = new Deno.Command(argv[0], {
      args: argv.slice(1),
      env: { NO_COLOR: "1", TZ: "UTC", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    for (const stream of [this.child.stdout, this.child.stderr]) this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of linesOf(stream)) this.lines.push(line);
  }

  async says(text: string, times = 1): Promise<void> {
    await eventually(
      `"${text}" of a program that said ${JSON.stringify(this.lines.slice(-3))}`,
      () => this.count(text) >= times,
    );
  }

  count(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }

  async tell(text: string): Promise<void> {
    const writer = this.child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${text}\n`));
    writer.releaseLock();
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
  }
}

/** How much is written, and how fast. */
export interface LedgerSize {
  readonly records: number;
  readonly perSecond: number;
}

/** All that runs, and what can be done to it. */
export class Rig {
  readonly archiveDir: string;
  readonly #home: string;
  readonly #size: LedgerSize;
  #writer: Running | undefined;
  #forwarder: Running | undefined;
  #broker: Running | undefined;
  #subscriber: Running | undefined;
  #web: Running | undefined;
  #written = 0;
  #life = 0;

  private constructor(home: string, size: LedgerSize) {
    this.#home = home;
    this.#size = size;
    this.archiveDir = join(home, "wifi_logger/logs");
  }

  /** Lays the links and starts everything; the logger last. `home` is a folder on the disk. */
  static async open(home: string, size: LedgerSize): Promise<Rig> {
    const rig = new Rig(home, size);
    await ip("link set lo up");
    for (const [link, subnet] of Object.entries(SUBNETS)) {
      await ip(`netns add ${link}`);
      await ip(`link add ${link} type veth peer name eth0 netns ${link}`);
      await ip(`address add 10.77.${subnet}.1/24 dev ${link}`);
      await ip(`-n ${link} address add 10.77.${subnet}.2/24 dev eth0`);
      await ip(`-n ${link} link set lo up`);
      await ip(`-n ${link} link set eth0 up`);
    }
    await run(["mkdir", "-p", BROKER_DISK, "/mnt/ramlogs"]);
    await run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", BROKER_DISK]);
    await Deno.writeTextFile(join(home, "mosquitto.conf"), BROKER_CONFIG);
    rig.#subscriber = new Running([
      ...at("broker", script("receiver.ts")),
      ...["mqtt", "127.0.0.1", String(MQTT_PORT), rig.#path("mqtt")],
    ]);
    rig.#web = new Running([
      ...at("receiver", script("receiver.ts")),
      ...["http", "10.77.2.2", String(HTTP_PORT), rig.#path("http")],
    ]);
    await rig.#web.says("listens");
    await rig.#startBroker();
    await ip("link set receiver up");
    rig.#startForwarder();
    rig.#startWriter();
    return rig;
  }

  /** Lets a fault happen, and mends it. */
  async suffer(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case "forwarder killed":
        if (fault.isHolding) await this.#takeNothing(true);
        await this.#forwarder!.kill();
        if (fault.isHolding) await this.#takeNothing(false);
        await pause(fault.forMs);
        return this.#startForwarder();
      case "logger killed":
        await this.#writer!.kill();
        this.#written += this.#writtenNow();
        await pause(fault.forMs);
        return this.#startWriter();
      case "broker killed":
        await this.#broker!.kill();
        await pause(fault.forMs);
        return await this.#startBroker();
      case "link cut":
        await ip(`link set ${fault.link} down`);
        await pause(fault.forMs);
        return await ip(`link set ${fault.link} up`);
      case "broker's disk full":
        await run(["sh", "-c", `cat /dev/zero >${BROKER_DISK}/filler 2>/dev/null || true`]);
        await pause(fault.forMs);
        return await Deno.remove(`${BROKER_DISK}/filler`);
      case "slow receiver":
      case "refusing receiver":
        await this.#behave(fault.manner);
        await pause(fault.forMs);
        return await this.#behave({});
    }
  }

  /** Whether all is written and flushed. */
  get isWritten(): boolean {
    return this.#writer!.count("done") > 0;
  }

  /** What one receiver has taken, by lines `flow_id part bytes`, in order of arrival. */
  arrivals(receiver: "mqtt" | "http"): string[] {
    return Deno.readTextFileSync(this.#path(receiver)).split("\n").slice(0, -1);
  }

  /** What the forwarder said last. */
  forwarderSaid(): string[] {
    return this.#forwarder!.lines.slice(-5);
  }

  async close(): Promise<void> {
    const all = [this.#writer, this.#forwarder, this.#broker, this.#subscriber, this.#web];
    for (const one of all) await one?.kill().catch(() => {});
  }

  #path(name: string): string {
    return join(this.#home, name);
  }

  #writtenNow(): number {
    try {
      return Number(Deno.readTextFileSync(this.#path("count")));
    } catch {
      return 0;
    }
  }

  #startWriter(): void {
    const { records, perSecond } = this.#size;
    Deno.writeTextFileSync(this.#path("count"), "0");
    const left = Math.max(0, records - this.#written);
    this.#writer = new Running([
      ...script("writer.ts"),
      ...[RAM_LOG, this.archiveDir, this.#path("count")],
      ...[left, perSecond, this.#life++].map(String),
    ]);
  }

  #startForwarder(): void {
    this.#forwarder = new Running([...PROGRAM, "forward"], {
      HOME: this.#home,
      WIFILOGGER_SITE: "ledger",
      WIFILOGGER_RAM_LOG: RAM_LOG,
      WIFILOGGER_ARCHIVE_DIR: this.archiveDir,
      WIFILOGGER_FORWARD: `mqtt://10.77.1.2:${MQTT_PORT},http://10.77.2.2:${HTTP_PORT}/in`,
    });
  }

  /**
   * mosquitto answers for a record as soon as it has written it to those who subscribe now; nobody gets it later when it
   * is killed. So the link is there only while the subscriber is.
   */
  async #startBroker(): Promise<void> {
    await ip("link set broker down");
    const before = this.#subscriber!.count("subscribed");
    this.#broker = new Running(at("broker", ["mosquitto", "-c", this.#path("mosquitto.conf")]));
    await this.#subscriber!.says("subscribed", before + 1);
    await ip("link set broker up");
  }

  /** Lets neither receiver take anything, and waits until the forwarder has looked at the log; or mends that. */
  async #takeNothing(isSo: boolean): Promise<void> {
    await this.#behave(isSo ? { status: 503 } : {});
    await ip(`link set broker ${isSo ? "down" : "up"}`);
    if (isSo) await pause(LOOK_MS + 300);
  }

  async #behave(manner: Manner): Promise<void> {
    await this.#web!.tell(JSON.stringify(manner));
  }
}

const BROKER_CONFIG = `
user root
listener ${MQTT_PORT} 0.0.0.0
allow_anonymous true
max_queued_messages 0
persistence true
persistence_location ${BROKER_DISK}/
autosave_interval 1
autosave_on_changes true
`;

function at(machine: Link, argv: readonly string[]): string[] {
  return ["ip", "netns", "exec", machine, ...argv];
}

async function ip(words: string): Promise<void> {
  await run(["ip", ...words.split(" ")]);
}

async function run([program, ...args]: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
