/** How long it takes until the program answers, and until it sees. */

import { pcapFile } from "../../tests/capture/pcap_records.ts";
import type { Bench } from "./bench.ts";
import { flowFrames, madeUpFlows } from "./made_up_flows.ts";
import { figure, markdownTable, median } from "./table.ts";
import { timedRun } from "./timed_run.ts";
import { seconds, stop, Wire } from "./wire.ts";

const PACKETS_PER_SECOND = 1000;
/** The sender runs before the logger is started, and after it must long have seen something. */
const BEFORE_SECONDS = 1;
const SENDING_SECONDS = 4;

/** Prints the table. */
export async function benchStart({ binary, runs, say }: Bench): Promise<void> {
  const versionMs: number[] = [];
  // The first fills the page cache.
  for (let run = 0; run < 2 * runs + 1; run++) {
    const { wallSeconds } = await timedRun([binary, "--version"]);
    if (run > 0) versionMs.push(wallSeconds * 1e3);
  }
  const firstPacketMs: number[] = [];
  for (let run = 0; run < runs; run++) firstPacketMs.push(await firstPacket(binary));
  say("### start\n");
  say(markdownTable(
    ["from exec to", "ms", "least", "most", "runs"],
    [
      row("the end of `--version`", versionMs),
      row("the first packet in the log", firstPacketMs),
    ],
  ));
  say(`\nA packet passes each ${figure(1e3 / PACKETS_PER_SECOND)} ms, each of a flow of its own.`);
}

function row(name: string, ms: readonly number[]): string[] {
  const figures = [median(ms), Math.min(...ms), Math.max(...ms)].map(figure);
  return [name, ...figures, `${ms.length}`];
}

/** Milliseconds from exec to when the first packet of the log passed, by the kernel's stamp on it. */
async function firstPacket(binary: string): Promise<number> {
  const flows = flowFrames(madeUpFlows(PACKETS_PER_SECOND * SENDING_SECONDS));
  using file = pcapFile(flows.map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const sending = wire.send(file.path, {
    perSecond: PACKETS_PER_SECOND,
    seconds: SENDING_SECONDS,
  });
  await seconds(BEFORE_SECONDS);
  const logger = await wire.startLogger(binary, {
    wrapper: ["bash", "-c", 'echo $EPOCHREALTIME; exec "$@"', "bash"],
  });
  await sending;
  await stop(logger);
  const execMs = Number(logger.stdout[0]) * 1e3;
  const starts = wire.archiveText().split("\n").filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ network }) => network !== undefined)
    .map(({ event }) => Date.parse(event.start));
  return Math.min(...starts) - execMs;
}
