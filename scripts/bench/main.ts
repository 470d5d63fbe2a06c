/**
 * The whole program beside its peers: `scripts/dev.sh bench [PART]...`, every part but `soak` when none is named.
 *
 * Prints Markdown, as docs/performance.md has it. Measures the executable that users run, compiled first from these
 * sources.
 */

import { compiled } from "../../tests/appliance/compiled.ts";
import type { Bench } from "./bench.ts";
import { benchLive } from "./live.ts";
import { machineText } from "./machine.ts";
import { benchRead } from "./read.ts";

const PARTS: Record<string, (bench: Bench) => Promise<void>> = {
  read: benchRead,
  live: benchLive,
};

async function main(args: readonly string[]): Promise<number> {
  const parts = args.length > 0 ? args : Object.keys(PARTS);
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown !== undefined) {
    console.error(
      `bench: there is no part '${unknown}'. Name some of ${Object.keys(PARTS).join(", ")}, or none`,
    );
    return 2;
  }
  const bench: Bench = { binary: await compiled(Deno.build.arch), runs: 1, say: console.log };
  bench.say(await machineText(bench.binary));
  for (const part of parts) {
    bench.say("");
    await PARTS[part](bench);
  }
  return 0;
}

Deno.exit(await main(Deno.args));
