/** A program running in the household: its output by lines, and signals that reach it and not its wrapper. */

import { eventually } from "./eventually.ts";

/** How a program is started and listened to. */
export interface ProgramOptions {
  /** Variables beside PATH, HOME and Deno's own, which are its whole environment otherwise. @default none */
  readonly env?: Record<string, string>;
  /** Called with each line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
  /** The same for stderr. */
  readonly onErrorLine?: (line: string) => void;
}

/** What a program has said once it has ended. */
export interface Outcome {
  readonly code: number;
  /** Lines, without their ends. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** A running program. It ends with the household at the latest. */
export class Program {
  /** Every line so far. */
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** Resolves when the program has ended and all it wrote has been read. */
  readonly ended: Promise<Outcome>;
  readonly #wrapper: Deno.ChildProcess;

  /** Wraps the `nsenter` that runs the program; its stdout and stderr must be piped. */
  constructor(wrapper: Deno.ChildProcess, options: ProgramOptions = {}) {
    this.#wrapper = wrapper;
    const { stdout, stderr } = this;
    this.ended = Promise.all([
      wrapper.status,
      eachLine(wrapper.stdout, (line) => {
        stdout.push(line);
        options.onLine?.(line);
      }),
      eachLine(wrapper.stderr, (line) => {
        stderr.push(line);
        options.onErrorLine?.(line);
      }),
    ]).then(([{ code }]) => ({ code, stdout, stderr }));
  }

  /** Resolves when a line of stdout or stderr contains `text`. @throws {Error} when it ends without, or takes too long */
  async said(text: string): Promise<void> {
    await this.until(
      `"${text}"`,
      () => [...this.stdout, ...this.stderr].some((line) => line.includes(text)),
    );
  }

  /** Resolves when `isSo`. @throws {Error} when the program ends before, or it takes too long */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    let outcome: Outcome | undefined;
    this.ended.then((ended) => outcome = ended);
    await eventually(what, async () => {
      if (await isSo()) return true;
      if (outcome === undefined) return false;
      const { code, stderr } = outcome;
      throw new Error(`waiting for ${what}: it ended with ${code}. ${stderr.join("\n")}`);
    });
  }

  /** The number of the program itself. @throws {Deno.errors.NotFound} when it has ended */
  get pid(): number {
    return onlyChild(this.#wrapper.pid);
  }

  /** Sends a signal to the program itself. @throws {Deno.errors.NotFound} when it has ended */
  signal(signal: Deno.Signal): void {
    Deno.kill(this.pid, signal);
  }

  /** Lets the program run again after a SIGSTOP, for which the wrapper has stopped itself, too. */
  resume(): void {
    this.signal("SIGCONT");
    this.#wrapper.kill("SIGCONT");
  }
}

async function eachLine(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  }
  if (rest !== "") take(rest);
}

/** Found by reading /proc, because not every kernel lists a process's children. */
function onlyChild(parent: number): number {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      // "pid (any name) state parent ...": the name may hold spaces and parentheses.
      const [, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(ppid) === parent) return Number(name);
    } catch {
      // It ended between the two reads.
    }
  }
  throw new Deno.errors.NotFound(`process ${parent} has no child`);
}
