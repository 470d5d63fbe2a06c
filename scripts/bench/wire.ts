/**
 * A cable in private namespaces: a sender on one end, `wire0` with a reader of packets on the other, and nothing else on
 * it. Neither end has an address, and IPv6 is off, so that what passes is what is sent.
 */

import { fromFileUrl } from "@std/path";
import { eventually } from "../household/eventually.ts";
import { PrivateNamespaces, SCRATCH } from "../household/private_namespaces.ts";
import { Program } from "../household/program.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import type { Sent } from "./packet_sender.ts";

/** The reader's end. */
export const INTERFACE = "wire0";

const LAY = `
ip netns add sender
for run in "" "ip netns exec sender"; do
  $run sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
done
ip link add ${INTERFACE} type veth peer name wire1 netns sender
ip link set ${INTERFACE} up
ip netns exec sender ip link set wire1 up
`;
const SENDER = fromFileUrl(new URL("packet_sender.ts", import.meta.url));
const CONTROL_SOCKET = "/run/wifilogger/control.sock";
const SECOND_MS = 1000;

/** What has arrived at the reader's end, by the kernel's counters of the interface. */
export interface Arrived {
  readonly packets: number;
  /** As IP counts: without Ethernet's header. */
  readonly bytes: number;
}

/** The cable; it is gone, with all that runs on it, when disposed of or when this program ends. */
export class Wire implements AsyncDisposable {
  readonly #namespaces: PrivateNamespaces;
  /** The archive, on this machine's own disk, because a flush is to be one. */
  readonly archive: string;
  readonly #running = new Set<Program>();
  readonly #pinned: boolean;

  private constructor(namespaces: PrivateNamespaces, archive: string, pinned: boolean) {
    this.#namespaces = namespaces;
    this.archive = archive;
    this.#pinned = pinned;
  }

  /**
   * With `pinned`, the sender has the first core and the reader the last.
   *
   * @throws {NamespacesUnavailable}
   */
  static async open({ pinned = false } = {}): Promise<Wire> {
    const namespaces = await PrivateNamespaces.open({ nameServer: "127.0.0.1" });
    const archive = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
    const wire = new Wire(namespaces, archive, pinned);
    const { code, stderr } = await wire.start(["sh", "-euc", LAY]).ended;
    if (code === 0) return wire;
    await wire[Symbol.asyncDispose]();
    throw new Error(`cannot lay the cable: ${stderr.join(" ")}`);
  }

  /** Starts a program at the reader's end. */
  start(argv: readonly string[]): Program {
    return this.#start([...this.#onCore(navigator.hardwareConcurrency - 1), ...argv]);
  }

  /** Starts the program, by way of `wrapper` and with `args` besides, and waits until it captures. */
  async startLogger(
    binary: string,
    options: { readonly wrapper?: readonly string[]; readonly args?: readonly string[] } = {},
  ): Promise<Program> {
    const { wrapper = [], args = [] } = options;
    const logger = this.start([
      ...wrapper,
      ...[binary, "run", "--interface", INTERFACE, "--archive-dir", this.archive, ...args],
    ]);
    await logger.until("an answer on the control socket", () => this.#answers());
    return logger;
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.status()).interfaces.length > 0;
    } catch {
      return false;
    }
  }

  /** What the running logger says. */
  async status(): Promise<LoggerStatus> {
    const path = this.#namespaces.path(CONTROL_SOCKET);
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    const response = await fetch("http://localhost/v1/status", { client });
    return await response.json();
  }

  /** Sends frames, see `packet_sender.ts`; resolves when all have been sent. */
  async send(file: string, options: { perSecond: number; seconds: number }): Promise<Sent> {
    const sender = this.#start([
      ...["ip", "netns", "exec", "sender", ...this.#onCore(0)],
      ...[Deno.execPath(), "run", "-A", "--frozen", "--cached-only", SENDER],
      ...["wire1", file, `${options.perSecond}`, `${options.seconds}`],
    ]);
    const { code, stdout, stderr } = await sender.ended;
    if (code !== 0) throw new Error(`the sender failed: ${stderr.join(" ")}`);
    return JSON.parse(stdout[0]);
  }

  arrived(): Arrived {
    const folder = this.#namespaces.path(`/sys/class/net/${INTERFACE}/statistics`);
    const [packets, bytes] = ["rx_packets", "rx_bytes"]
      .map((name) => Number(Deno.readTextFileSync(`${folder}/${name}`)));
    return { packets, bytes: bytes - 14 * packets };
  }

  /** Puts a day into the archive, as one that is over and not compressed yet. */
  layDay(day: string, lines: Iterable<string>): void {
    using file = Deno.openSync(`${this.archive}/${day}.log`, { write: true, createNew: true });
    const encoder = new TextEncoder();
    let block: string[] = [];
    const write = () => {
      let bytes = encoder.encode(block.join(""));
      while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
      block = [];
    };
    for (const line of lines) if (block.push(line) === 1000) write();
    write();
  }

  /** All lines of the archive that are not compressed, once the logger has ended. */
  archiveText(): string {
    return [...Deno.readDirSync(this.archive)].map(({ name }) => name)
      .filter((name) => name.endsWith(".log")).sort()
      .map((name) => Deno.readTextFileSync(`${this.archive}/${name}`)).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namespaces[Symbol.asyncDispose]();
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await Deno.remove(this.archive, { recursive: true });
  }

  #onCore(core: number): string[] {
    return this.#pinned ? ["taskset", "--cpu-list", `${core}`] : [];
  }

  #start(argv: readonly string[]): Program {
    const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const program = new Program(
      this.#namespaces.spawn(argv, {
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env: { HOME: SCRATCH, DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      }),
    );
    this.#running.add(program);
    return program;
  }
}

/** Asks a program to end and waits until it has. @throws {Error} when it does not */
export async function stop(program: Program): Promise<void> {
  let hasEnded = false;
  program.ended.then(() => hasEnded = true);
  program.signal("SIGTERM");
  await eventually("its end", () => hasEnded);
}

/** Waits. */
export async function seconds(count: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, count * SECOND_MS));
}
