/** A program beside the test, and what it takes of the machine. */

/** Clock ticks a second, as /proc counts them on Linux. */
const TICKS = 100;

/** What a process has taken so far. */
export interface Taken {
  /** Of a core, seconds. */
  readonly cpuSeconds: number;
  readonly residentMb: number;
  readonly peakMb: number;
  /** Resident memory that is of no file. */
  readonly ownMb: number;
}

/** A running program; its output goes to a file. */
export class Process implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #hasEnded = false;

  constructor(
    argv: readonly string[],
    { env, cwd, log }: { env: Record<string, string>; cwd?: string; log: string },
  ) {
    const words = ["-c", `exec "$@" >>"$0" 2>&1`, log, ...argv];
    this.#child = new Deno.Command("sh", { args: words, env, cwd, stdin: "null" }).spawn();
    this.#child.status.then(() => this.#hasEnded = true);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  taken(): Taken {
    return takenBy(this.#child.pid);
  }

  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    if (!this.#hasEnded) this.#child.kill(signal);
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** What the process of this number has taken. */
export function takenBy(pid: number): Taken {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024;
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // Behind the name, which may hold spaces, the state is the first word.
  const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [user, system] = words.slice(11);
  return {
    cpuSeconds: (user + system) / TICKS,
    residentMb: mb("VmRSS"),
    peakMb: mb("VmHWM"),
    ownMb: mb("RssAnon"),
  };
}
