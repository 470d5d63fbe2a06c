/**
 * The whole program beside its peers: `scripts/dev.sh bench [PART]... [FLAGS]`, every part but `soak` when none is named.
 *
 *     --runs N        runs of which the median is taken (5)
 *     --seconds N     how long a measurement lasts that is to show that nothing happens (60)
 *     --minutes N     how long the soak lasts (60)
 *     --capture FILE  only write the file that `read` is measured on
 *
 * Prints Markdown, as docs/performance.md has it. Measures the executable that users run, compiled first from these
 * sources.
 */

// @ts-types="../../types/std_cli_parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { compiled } from "../../tests/appliance/compiled.ts";
import { capturePaths } from "../../tests/captures.ts";
import type { Bench } from "./bench.ts";
import { benchCost } from "./cost.ts";
import { benchIdle } from "./idle.ts";
import { benchLive } from "./live.ts";
import { benchFloods } from "./live_floods.ts";
import { machineText } from "./machine.ts";
import { benchMemory } from "./memory.ts";
import { writeMixedCapture } from "./mixed_capture.ts";
import { benchPlaces } from "./places.ts";
import { benchRead, PACKETS } from "./read.ts";
import { benchReport } from "./report.ts";
import { benchSoak } from "./soak.ts";
import { benchStart } from "./start.ts";
import { benchWeb } from "./web.ts";

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  read: benchRead,
  live: benchLive,
  floods: benchFloods,
  idle: benchIdle,
  start: benchStart,
  memory: benchMemory,
  places: benchPlaces,
  cost: benchCost,
  report: benchReport,
  web: benchWeb,
  soak: benchSoak,
};
const NOT_BY_DEFAULT = "soak";
const DEFAULTS = { runs: "5", seconds: "60", minutes: "60" };

async function main(argv: string[]): Promise<number> {
  let fault: string | undefined;
  const given = parseArgs(argv, {
    string: [...Object.keys(DEFAULTS), "capture"],
    unknown: (word: string, flag?: string) => {
      if (flag !== undefined) fault = `there is no flag ${word}`;
      else if (!Object.hasOwn(PARTS, word)) fault = `there is no part '${word}'`;
      return true;
    },
  });
  const args = { ...DEFAULTS, ...given };
  const [runs, seconds, minutes] = Object.keys(DEFAULTS).map((flag) =>
    Number(args[flag as keyof typeof DEFAULTS])
  );
  if (![runs, seconds, minutes].every((value) => value > 0)) fault = "the numbers must be above 0";
  if (fault !== undefined) {
    console.error(
      `bench: ${fault}. Name some of ${Object.keys(PARTS).join(", ")}, or none; ` +
        `flags: --runs, --seconds, --minutes, --capture`,
    );
    return 2;
  }
  if (given.capture !== undefined) {
    const output = given.capture as string;
    const { packets } = writeMixedCapture({ captures: capturePaths(), output, packets: PACKETS });
    console.log(`${output}: ${packets} packets`);
    return 0;
  }
  useScratchFolder();
  const binary = await compiled(Deno.build.arch);
  const bench: Bench = { binary, runs, seconds, minutes, say: console.log };
  bench.say(await machineText(binary));
  const named = args._.map(String);
  const all = Object.keys(PARTS).filter((part) => part !== NOT_BY_DEFAULT);
  let exitCode = 0;
  for (const part of named.length > 0 ? named : all) {
    bench.say("");
    try {
      await PARTS[part](bench);
    } catch (error) {
      bench.say(`${part}: not measured: ${error instanceof Error ? error.message : error}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** All that the parts write lies in one folder, which goes when this program ends, by a signal too. */
function useScratchFolder(): void {
  const scratch = Deno.makeTempDirSync({ prefix: "wifilogger_bench_" });
  Deno.env.set("TMPDIR", scratch);
  globalThis.addEventListener("unload", () => Deno.removeSync(scratch, { recursive: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => Deno.exit(130));
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
