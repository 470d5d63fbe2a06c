/** What the logger holds: when nothing passes, and with everything full that has a bound. */

import { answerFrame } from "../../tests/capture/dns/dns_message.ts";
import { pcapFile } from "../../tests/capture/pcap_records.ts";
import type { Bench } from "./bench.ts";
import { flowFrames, madeUpFlows } from "./made_up_flows.ts";
import { type Memory, memory } from "./process_usage.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { seconds, Wire } from "./wire.ts";

const FLOWS = 65_536;
/** As many as are remembered. */
const NAMES = 16_384;
/** Each flow is heard of every few seconds, so that none ends. */
const PER_SECOND = 10_000;
const SAMPLE_SECONDS = 1;

/** Prints the table. */
export async function benchMemory({ binary, seconds: length, say }: Bench): Promise<void> {
  const flows = madeUpFlows(FLOWS);
  const answers = flows.slice(0, NAMES).map(({ client, clientMac, server }, i) => {
    const question = `host-${i}.some-service.example.com`;
    return answerFrame({
      client,
      clientMac,
      queriedName: question,
      answers: [{ type: "A", name: question, data: server }],
    });
  });
  using file = pcapFile([...answers, ...flowFrames(flows)].map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const { pid } = await wire.startLogger(binary);
  await seconds(length / 2);
  const idle = await samples(pid, length / 6);

  // After a minute each flow gets its first line, and with it its place.
  const sending = wire.send(file.path, { perSecond: PER_SECOND, seconds: 60 + 2 * length });
  await seconds(60 + length);
  const full = await samples(pid, length - 10);
  const { flows: { live }, places, dnsNames } = await wire.status();
  await sending;
  say("### memory\n");
  const row = (name: string, taken: readonly Memory[]) => [
    name,
    figure(median(taken.map(({ resident }) => resident)) / 1e6),
    figure(Math.max(...taken.map(({ resident }) => resident)) / 1e6),
    figure(median(taken.map(({ anonymous }) => anonymous)) / 1e6),
  ];
  say(markdownTable(
    ["", "resident, MB", "most, MB", "of it of no file, MB"],
    [
      row("idle", idle),
      row(
        `${count(live)} flows, ${count(places.remembered)} places, ${
          count(dnsNames.remembered)
        } names`,
        full,
      ),
    ],
  ));
  say(
    `\nMedians and maxima of ${idle.length} and ${full.length} samples, a second apart. ` +
      `The rest are the ring, 8 MB, and pages of the program's own file, which the kernel drops when it wants memory.`,
  );
}

async function samples(pid: number, forSeconds: number): Promise<Memory[]> {
  const taken: Memory[] = [];
  for (let at = 0; at < forSeconds; at += SAMPLE_SECONDS) {
    taken.push(memory(pid));
    await seconds(SAMPLE_SECONDS);
  }
  return taken;
}
