/** A real logger on the loopback, in a home of its own, for tests of what it does with its log. */

import { join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { PROGRAM } from "../program.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { askStatus } from "../../service/control/control_client.ts";

/** A logger that is running; told to stop and awaited when the test ends. */
export interface LoopbackLogger extends AsyncDisposable {
  readonly home: string;
  readonly ramLogPath: string;
  readonly archiveDir: string;
  readonly controlSocketPath: string;
  readonly pid: number;
  /** What it said on stderr; resolves when it has ended. */
  readonly said: Promise<string>;
  status(): Promise<LoggerStatus>;
  signal(signal: Deno.Signal): void;
  /** Tells it to stop and resolves with its exit code. */
  stop(): Promise<number>;
}

/**
 * Starts `wifilogger run` there, behind the words of `wrapper` if there are any; resolves once it answers. Needs root.
 */
export async function startOnLoopback(
  env: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Promise<LoopbackLogger> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  await Deno.chmod(home, 0o755);
  const ramLogPath = join(home, "today.log");
  const controlSocketPath = join(home, "control.sock");
  const [program, ...first] = [...wrapper, ...PROGRAM];
  const child = new Deno.Command(program, {
    args: [...first, "run", "--interface", "lo"],
    env: {
      TZ: "UTC",
      HOME: home,
      WIFILOGGER_RAM_LOG: ramLogPath,
      WIFILOGGER_CONTROL_SOCKET: controlSocketPath,
      WIFILOGGER_FLUSH_INTERVAL: "1h",
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let stopped: Promise<number> | undefined;
  const stop = () =>
    stopped ??= (async () => {
      child.kill("SIGTERM");
      return (await child.status).code;
    })();
  const logger: LoopbackLogger = {
    home,
    ramLogPath,
    archiveDir: join(home, "wifi_logger/logs"),
    controlSocketPath,
    pid: child.pid,
    said,
    status: () => askStatus(controlSocketPath),
    signal: (signal) => child.kill(signal),
    stop,
    async [Symbol.asyncDispose]() {
      const code = await stop();
      await Deno.remove(home, { recursive: true });
      if (code !== 0) throw new Error(`the logger ended with ${code}: ${await said}`);
    },
  };
  try {
    await eventually(
      "an answer of the logger",
      () => logger.status().then(() => true, () => false),
    );
    return logger;
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${(error as Error).message}: ${await said}`);
  }
}
