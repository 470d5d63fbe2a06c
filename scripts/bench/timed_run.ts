/** A program run to its end, with what it took. */

/** What a run took, in seconds; `user` and `system` are of all its threads. */
export interface TimedRun {
  readonly wallSeconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** What it wrote to stdout, where that was kept. */
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface TimedRunOptions {
  /** Keep stdout rather than giving it to /dev/null. @default false */
  readonly keepOutput?: boolean;
  /** @default 300 */
  readonly limitSeconds?: number;
}

/**
 * bash's `time` is what tells CPU time of a child to the millisecond on every Debian. The program's own stderr goes
 * elsewhere, so that what is left on stderr is the time.
 */
const TIME = 'TIMEFORMAT="%R %U %S"; time timeout "$@" 2>&4';

/** @throws {Error} when it fails or takes longer than it may, with what it said on stderr */
export async function timedRun(
  argv: readonly string[],
  options: TimedRunOptions = {},
): Promise<TimedRun> {
  const said = await Deno.makeTempFile({ prefix: "wifilogger_bench_" });
  try {
    const limitSeconds = `${options.limitSeconds ?? 300}`;
    const output = await new Deno.Command("bash", {
      args: ["-c", `exec 4>${said}; ${TIME}`, "bash", limitSeconds, ...argv],
      stdin: "null",
      stdout: options.keepOutput ? "piped" : "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).output();
    const stderr = (await Deno.readTextFile(said)).trim();
    if (!output.success) throw new Error(`${argv[0]} failed: ${why(stderr)}`);
    const [wallSeconds, userSeconds, systemSeconds] = new TextDecoder().decode(output.stderr).trim()
      .split(" ").map(Number);
    const stdout = options.keepOutput ? new TextDecoder().decode(output.stdout) : "";
    return { wallSeconds, userSeconds, systemSeconds, stdout, stderr };
  } finally {
    await Deno.remove(said);
  }
}

/** The line of what a program said that tells most: V8 puts its own between others. */
function why(stderr: string): string {
  const lines = stderr.split("\n");
  return lines.find((line) => /fatal|error/i.test(line)) ?? lines.at(-1)!;
}
