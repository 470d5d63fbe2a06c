/** What databases of places in files cost the logger, while it looks 20,000 addresses up in them. */

import { pcapFile } from "../../tests/capture/pcap_records.ts";
import { realCities } from "../../tests/enrich/real_cities.ts";
import { programTable } from "../../service/program/program_tables.ts";
import type { Bench } from "./bench.ts";
import { flowFrames, madeUpFlows } from "./made_up_flows.ts";
import { type Memory, memory } from "./process_usage.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { seconds, Wire } from "./wire.ts";

const FLOWS = 20_000;
const PER_SECOND = 2_000;

/** Prints the table. */
export async function benchPlaces({ binary, seconds: length, say }: Bench): Promise<void> {
  const cities = await realCities();
  if (typeof cities === "string") throw new Error(cities);
  const countries = await Deno.makeTempFile({ suffix: ".mmdb" });
  await Deno.writeFile(countries, await programTable("countries"));
  const rows: string[][] = [];
  for (const files of [[], [cities.ipv4], [cities.ipv4, cities.ipv6, countries]]) {
    const bytes = files.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
    const { taken, remembered } = await measure(binary, files, length);
    rows.push([
      `${files.length} (${figure(bytes / 1e6)} MB)`,
      figure(median(taken.map(({ resident }) => resident)) / 1e6),
      figure(median(taken.map(({ anonymous }) => anonymous)) / 1e6),
      count(remembered),
    ]);
  }
  say("### places\n");
  say(markdownTable(
    ["databases in files", "resident, MB", "of it of no file, MB", "places remembered"],
    rows,
  ));
}

async function measure(
  binary: string,
  files: readonly string[],
  forSeconds: number,
): Promise<{ taken: Memory[]; remembered: number }> {
  using file = pcapFile(flowFrames(madeUpFlows(FLOWS)).map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const args = ["--active-timeout", "5s", ...files.flatMap((path) => ["--geo-db", path])];
  const { pid } = await wire.startLogger(binary, { args });
  const sending = wire.send(file.path, { perSecond: PER_SECOND, seconds: forSeconds });
  await seconds(forSeconds / 2);
  const taken: Memory[] = [];
  for (let at = 0; at < forSeconds / 3; at++) {
    taken.push(memory(pid));
    await seconds(1);
  }
  const { places: { remembered } } = await wire.status();
  await sending;
  return { taken, remembered };
}
