/** The real logger, from this source tree, on the household's router. */

import { fromFileUrl, join } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import { LAN } from "./addresses.ts";
import type { Household } from "./household.ts";
import { SCRATCH } from "./private_namespaces.ts";
import type { Program, ProgramOptions } from "./program.ts";

/** The logger's RAM log, as the household's machines call it; as the others here, where it is by default. */
export const RAM_LOG = "/mnt/ramlogs/today.log";
/** The folder of its daily archive files. */
export const ARCHIVE_DIR = `${SCRATCH}/home/wifi_logger/logs`;
const CONTROL_SOCKET = "/run/wifilogger/control.sock";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
/** The flags of `scripts/dev.sh start`, so that the permissions given there are what is tried here. */
const DENO_FLAGS = project.tasks.start.command.match(/(?<=deno run ).*(?= main\.ts)/)![0].split(
  " ",
);

/** The command line of `wifilogger ARGS`. */
export function wifilogger(...args: string[]): string[] {
  return [Deno.execPath(), "run", ...DENO_FLAGS, "--cached-only", MAIN, ...args];
}

/**
 * Starts `wifilogger run ARGS` on the router's LAN interface; resolves once it answers on its control socket.
 *
 * @throws {Error} with what it said, when it ends before or takes too long
 */
export async function startLogger(
  household: Household,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<Program> {
  const argv = wifilogger("run", "--interface", LAN.interface, ...args);
  const logger = household.start("router", argv, options);
  await logger.until("an answer on the control socket", () => answers(household));
  return logger;
}

/** The archive's files so far, oldest first, and all their lines. */
export function readArchive(household: Household): { names: string[]; lines: string[] } {
  const folder = household.path(ARCHIVE_DIR);
  const names = [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".log"))
    .sort();
  const texts = names.map((name) => Deno.readTextFileSync(join(folder, name)));
  return { names, lines: texts.join("").split("\n").filter((line) => line !== "") };
}

async function answers(household: Household): Promise<boolean> {
  const path = household.path(CONTROL_SOCKET);
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  try {
    const response = await fetch("http://localhost/v1/status", { client });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
