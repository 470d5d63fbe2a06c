/** Memory over a long stretch of even traffic with ever new flows: is it flat? */

import { pcapFile } from "../../tests/capture/pcap_records.ts";
import type { Bench } from "./bench.ts";
import { chart, slopePerHour } from "./chart.ts";
import { flowFrames, madeUpFlows, withScan } from "./made_up_flows.ts";
import { memory } from "./process_usage.ts";
import { count, figure } from "./table.ts";
import { seconds, Wire } from "./wire.ts";

const FLOWS = 5_000;
const PER_SECOND = 2_000;
const SAMPLES = 360;

/** Prints the chart. */
export async function benchSoak({ binary, minutes, say }: Bench): Promise<void> {
  using file = pcapFile(withScan(flowFrames(madeUpFlows(FLOWS))).map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const { pid } = await wire.startLogger(binary);
  const length = minutes * 60;
  const sending = wire.send(file.path, { perSecond: PER_SECOND, seconds: length + 5 });
  const startMs = performance.now();
  const atHours: number[] = [];
  const residentMb: number[] = [];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const elapsed = (performance.now() - startMs) / 1e3;
    await seconds(Math.max(0, sample * length / SAMPLES - elapsed));
    atHours.push((performance.now() - startMs) / 3600e3);
    residentMb.push(memory(pid).resident / 1e6);
  }
  await sending;
  const { packets, interfaces: [{ statistics }] } = await wire.status();
  const half = SAMPLES / 2;
  const slope = slopePerHour(atHours.slice(half), residentMb.slice(half));
  say(
    `### soak\n\n${count(PER_SECOND)} packets a second for ${minutes} minutes over ${
      count(FLOWS)
    } flows and, each second, ${count(PER_SECOND / 10)} new ones: ` +
      `${count(packets.ipPackets)} packets, ${count(statistics.droppedByKernel)} dropped. ` +
      `Resident memory (MB), ${SAMPLES} samples:\n`,
  );
  say("```text\n" + chart(residentMb, { width: 72, height: 10 }) + "\n```\n");
  say(
    `Over the second half it changes by ${figure(slope)} MB an hour; at most ${
      figure(Math.max(...residentMb))
    } MB.`,
  );
}
