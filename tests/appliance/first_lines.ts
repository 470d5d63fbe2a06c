/**
 * The README's three lines on a fresh machine, as a person types them at a terminal: download, install, look. A server on
 * the machine's Internet stands for the download host; only the address is put in, and the architecture of this machine.
 */

import { installLines } from "../../scripts/release/notes.ts";
import { ARCHITECTURES } from "../../scripts/release/debian_package.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { debianRoot, type RootOptions } from "./debian_root.ts";
import { startDownloadHost } from "./download_host.ts";
import { inRam, whyNoMachine } from "./installation.ts";
import { Machine, REMOTE_ADDRESS } from "./machine.ts";

const README = new URL("../../README.md", import.meta.url);
const COLUMNS = 120;

/** Registers the test. `folder` has the package, when it begins. */
export async function testFirstLines(
  suite: string,
  folder: () => Promise<string>,
): Promise<void> {
  // As Raspberry Pi OS comes with it.
  const options: RootOptions = { suite, packages: ["wget"] };
  const name = `the README's three lines lead to a record, on ${suite}`;
  testWhen(await whyNoMachine(options), name, async () => {
    const files = await folder();
    await using machine = await Machine.boot(await debianRoot(options));
    await machine.plug();
    await using _host = await startDownloadHost(machine, files);
    const readme = await Deno.readTextFile(README);
    const lines = installLines(readme, `http://${REMOTE_ADDRESS}`)
      .replaceAll("arm64", ARCHITECTURES[Deno.build.arch]);
    await Deno.writeTextFile(machine.path("/home/pi/lines"), lines);
    await using _traffic = visits(machine);

    const startedMs = performance.now();
    await using terminal = new Terminal(machine, "sh -e lines");
    await terminal.shows("[Y/n]");
    await terminal.type("\n");
    await terminal.shows("wifilogger top");
    await terminal.shows(`-> ${REMOTE_ADDRESS} `);
    const seenMs = performance.now() - startedMs;
    await eventually(
      "the first record",
      () => inRam(machine).some((line) => JSON.parse(line).destination?.ip === REMOTE_ADDRESS),
    );
    const recordMs = performance.now() - startedMs;
    await terminal.type("q");
    assertEquals(await terminal.code(), 0, terminal.text);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    console.log(
      `${suite}: from the first line to a flow on the screen ${
        seconds(seenMs)
      }, to the first record ${seconds(recordMs)}`,
    );
  });
}

/** Somebody who opens a page every half second. */
function visits(machine: Machine): AsyncDisposable {
  const page = `http://${REMOTE_ADDRESS}/`;
  const child = machine.start("sh", "-c", `while sleep 0.5; do wget -qO /dev/null ${page}; done`);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.stdin.close();
      await child.stdout.cancel();
      await child.status;
    },
  };
}

/** A terminal at which pi sits. */
class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #left = new AbortController();
  readonly #reading: Promise<void>;
  /** All that it has shown. */
  text = "";
  #shownUntil = 0;

  constructor(machine: Machine, command: string) {
    const typed = `stty rows 40 cols ${COLUMNS}; ${command}`;
    const script = `TERM=xterm script --quiet --return --command '${typed}' /dev/null`;
    this.#child = machine.start("runuser", "--login", "pi", "--command", script);
    this.#keys = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const write = (text: string) => void (this.text += text);
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    await text.pipeTo(new WritableStream({ write }), { signal: this.#left.signal }).catch(() => {});
  }

  /** Resolves once it has shown a text, after what was waited for before. */
  async shows(text: string): Promise<void> {
    try {
      this.#shownUntil = await eventually(`"${text}" on the terminal`, () => {
        const at = this.text.indexOf(text, this.#shownUntil);
        return at >= 0 && at + text.length;
      });
    } catch (cause) {
      throw new Error(`no "${text}" in: ${this.text}`, { cause });
    }
  }

  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  async code(): Promise<number> {
    return (await this.#child.status).code;
  }

  /** What runs in it ends with the machine. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended of itself.
    }
    this.#left.abort();
    await Promise.all([this.#reading, this.#keys.abort().catch(() => {}), this.#child.status]);
  }
}
