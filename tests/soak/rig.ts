/**
 * Everything that runs in the soak, in the private namespaces of this process: a household that sends, the logger, the
 * forwarder with a receiver, and the pages with a visitor. The archive lies on an ext4 file system of its own.
 */

import { join } from "@std/path";
import { writeAccess } from "../../web/access/access_file.ts";
import { secretHash } from "../../web/access/secret_text.ts";
import type { Manner } from "../forward/ledger/receiver.ts";
import { linesOf } from "../forward/ledger/text_lines.ts";
import { type Ext4Image, mountExt4 } from "../storage/ext4_image.ts";
import { Links, run } from "./links.ts";
import { Service } from "./service.ts";

const here = (name: string) => new URL(name, import.meta.url).pathname;
const CARD = "/mnt/card";
const CARD_MIB = 600;
/** Of the RAM log: so little that a card which cannot be written makes it overflow now and then. */
const RAM_LIMIT = "1MB";
const PER_SECOND = 14;
const DOWNLOADS = 4;
const RECEIVER_PORT = 8080;
const WEB_PORT = 9480;
const TOKEN = "t".repeat(43);
export const CONTROL_SOCKET = "/run/wifilogger/control.sock";
/** As the units of `install.sh` have it. */
const RESTART_MS = { logger: 5000, forwarder: 5000, pages: 1000 };

/** A program that listens on its standard input. */
class Told {
  readonly child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #first = Promise.withResolvers<void>();

  constructor([program, ...args]: readonly string[]) {
    this.child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.child.stdin.getWriter();
    void this.#listen(this.child.stdout);
  }

  async #listen(stdout: ReadableStream<Uint8Array>): Promise<void> {
    for await (const _ of linesOf(stdout)) this.#first.resolve();
    this.#first.resolve();
  }

  /** Resolves when it has said something. */
  get ready(): Promise<void> {
    return this.#first.promise;
  }

  async tell(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Ends its input, and waits for its end. */
  async end(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.child.status;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
    await this.#input.abort().catch(() => {});
  }
}

/** What was asked of the pages, and how often they answered. */
export interface Visits {
  asked: number;
  answered: number;
  /** Of those answered: how long the slowest took. */
  slowestMs: number;
}

/** All of it. */
export class Rig implements AsyncDisposable {
  readonly links = new Links();
  readonly visits: Visits = { asked: 0, answered: 0, slowestMs: 0 };
  readonly card: Ext4Image;
  logger!: Service;
  forwarder!: Service;
  pages!: Service;
  readonly #folder: string;
  #sender!: Told;
  #receiver!: Told;
  #isOver = false;

  private constructor(folder: string) {
    this.#folder = folder;
    this.card = mountExt4(CARD_MIB);
  }

  /** Lays and starts everything, the sender last; `folder` keeps ledgers and what the programs say. */
  static async open(folder: string, binary: string, seed: number): Promise<Rig> {
    const rig = new Rig(folder);
    try {
      await rig.links.lay();
      // Where the program may write: nowhere under /dev.
      await run(`mkdir ${CARD}; mount --bind ${rig.card.path} ${CARD}`);
      await run("mkdir -p /mnt/ramlogs; mount -t tmpfs -o size=50M,mode=0750 tmpfs /mnt/ramlogs");
      await rig.startReceiver();
      await rig.#startServices(binary);
      await rig.untilCapturing();
      rig.#sender = new Told([
        ...["ip", "netns", "exec", "far", ...script("sender.ts")],
        ...["a1", rig.ledgerPath, String(seed), String(PER_SECOND), String(DOWNLOADS)],
      ]);
      await rig.#sender.ready;
      void rig.#visit();
      return rig;
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
  }

  get archiveDir(): string {
    return join(CARD, "logs");
  }

  get ledgerPath(): string {
    return join(this.#folder, "sent");
  }

  /** Entries of what the receiver took, in order. */
  received(): string[] {
    return Deno.readTextFileSync(this.#receivedPath).split("\n").slice(0, -1);
  }

  /** What the logger says of itself; `undefined` while it does not answer. */
  async status(): Promise<{ interfaces: { isUp: boolean; name: string }[] } | undefined> {
    try {
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path: CONTROL_SOCKET } });
      const signal = AbortSignal.timeout(2000);
      return await (await fetch("http://logger/v1/status", { client, signal })).json();
    } catch {
      return undefined;
    }
  }

  /** Waits until the logger listens where the default route goes; not for ever. */
  async untilCapturing(patienceMs = 30_000): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const first = (await this.status())?.interfaces?.[0];
      if (first?.isUp && first.name === `${this.links.used}0`) return;
      if (performance.now() > untilMs) throw new Error("the logger does not listen");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async startReceiver(): Promise<void> {
    const argv = [...script("receiver.ts"), String(RECEIVER_PORT), this.#receivedPath];
    this.#receiver = new Told(argv);
    await this.#receiver.ready;
  }

  async killReceiver(): Promise<void> {
    await this.#receiver.kill();
  }

  async tellReceiver(manner: Manner): Promise<void> {
    await this.#receiver.tell(JSON.stringify(manner));
  }

  /** Sends where the default route goes now. */
  async followRoute(): Promise<void> {
    await this.#sender.tell(`${this.links.used}1`);
  }

  /** Lets the household fall silent; its ledger is whole then. */
  async endSending(): Promise<void> {
    await this.#sender.end();
  }

  async stopServices(): Promise<void> {
    this.#isOver = true;
    await this.pages.stop();
    await this.logger.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const one of [this.pages, this.logger, this.forwarder]) await one?.stop();
    await this.#receiver?.kill().catch(() => {});
    await this.#sender?.kill().catch(() => {});
    await run(`umount --lazy ${CARD} || true`);
    this.card[Symbol.dispose]();
  }

  get #receivedPath(): string {
    return join(this.#folder, "received");
  }

  async #startServices(binary: string): Promise<void> {
    const home = join(this.#folder, "home");
    const env = {
      HOME: home,
      NO_COLOR: "1",
      WIFILOGGER_ARCHIVE_DIR: this.archiveDir,
      WIFILOGGER_RAM_LIMIT: RAM_LIMIT,
      WIFILOGGER_FLUSH_INTERVAL: "30s",
      WIFILOGGER_REVERSE_DNS: "off",
      WIFILOGGER_SITE: "soak",
      WIFILOGGER_FORWARD: `http://127.0.0.1:${RECEIVER_PORT}/in`,
      WIFILOGGER_WEB_LISTEN: `127.0.0.1:${WEB_PORT}`,
      // Nobody listens there; the logger waits for interfaces as it does under systemd.
      NOTIFY_SOCKET: join(this.#folder, "nobody"),
    };
    await writeAccess(join(home, "wifi_logger/web.json"), {
      tokens: [{
        name: "soak",
        hash: secretHash(TOKEN),
        created: "2026-01-01T00:00:00Z",
        mayChange: false,
      }],
    });
    const service = (name: keyof typeof RESTART_MS, command: string, afterKill?: string[]) =>
      new Service({
        argv: [binary, command],
        env,
        logPath: join(this.#folder, `${name}.log`),
        restartMs: RESTART_MS[name],
        afterKill,
      });
    this.logger = service("logger", "run", [binary, "--flush-now"]);
    this.forwarder = service("forwarder", "forward");
    this.pages = service("pages", "web");
  }

  /** Asks for a page's data now and then. */
  async #visit(): Promise<void> {
    const paths = ["overview?since=1h", "records?limit=100", "devices", "status", "news"];
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const path = paths[this.visits.asked++ % paths.length];
      const startMs = performance.now();
      try {
        const response = await fetch(`http://127.0.0.1:${WEB_PORT}/api/v1/${path}`, {
          headers: { authorization: `Bearer ${TOKEN}` },
          signal: AbortSignal.timeout(10_000),
        });
        await response.text();
        if (!response.ok) continue;
        this.visits.answered++;
        this.visits.slowestMs = Math.max(this.visits.slowestMs, performance.now() - startMs);
      } catch {
        // It is between two lives; counted as not answered.
      }
    }
  }
}

function script(name: string): string[] {
  return [Deno.execPath(), ...["run", "-A", "--no-check", "--frozen", "--cached-only"], here(name)];
}
