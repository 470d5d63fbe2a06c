import { isPublicAddress } from "../../../enrich/public_address.ts";
import { flowFrames, madeUpFlows, withScan } from "../../../scripts/bench/made_up_flows.ts";
import { SCANNER } from "../../../scripts/bench/packet_sender.ts";
import { formatMac } from "../../../capture/address/address.ts";
import { assert, assertEquals } from "../../assert.ts";
import { packetOf } from "../../capture/decode_frame.ts";

Deno.test("made-up flows are all different and none of them is internal", () => {
  const flows = madeUpFlows(70_000);
  assertEquals(flows.length, 70_000);
  assertEquals(
    new Set(flows.map(({ client, clientPort, server }) => `${client} ${clientPort} ${server}`))
      .size,
    flows.length,
  );
  assert(flows.every(({ client, server }) => isPublicAddress(server) && !isPublicAddress(client)));
});

Deno.test("`withScan()` makes every tenth frame one of the scanner", () => {
  const macs = withScan(flowFrames(madeUpFlows(18))).map((frame) => {
    const { macHigh, macLow } = packetOf(frame);
    return formatMac([macHigh, macLow]);
  });
  assertEquals(macs.length, 20);
  assertEquals(macs.flatMap((mac, i) => mac === SCANNER ? [i] : []), [9, 19]);
});
