/** What hiding costs a line: `scripts/dev.sh bench:micro tests/privacy/concealed_record_bench.ts`. */

import { Concealer } from "../../privacy/concealed_record.ts";
import { Pseudonyms } from "../../privacy/pseudonyms.ts";
import { flowLine } from "../news/flow_line.ts";

const LINE = flowLine({
  endMs: Date.UTC(2026, 10, 22, 12),
  id: "abc-1",
  mac: "02:aa:bb:cc:dd:ee",
  ip: "192.168.1.20",
  host: "annas-phone",
  name: "www.shop.example.co.uk",
  country: "GB",
  owner: "Edge",
});

for (const level of ["sites", "devices", "totals"] as const) {
  const concealer = new Concealer({ level, pseudonyms: new Pseudonyms(new Uint8Array(32)) });
  Deno.bench(`a line at the level ${level}`, () => {
    JSON.stringify(concealer.flow(JSON.parse(LINE)));
  });
}
