import { isPublicAddress } from "../../../enrich/public_address.ts";
import { flowFrames, madeUpFlows, withScan } from "../../../scripts/bench/made_up_flows.ts";
import { FLOODS } from "../../../scripts/bench/floods.ts";
import { formatMac } from "../../../capture/address/address.ts";
import { assert, assertEquals } from "../../assert.ts";
import { packetOf } from "../../capture/decode_frame.ts";
import type { Frame } from "../../capture/frame_builder.ts";

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
  const macOf = (frame: Frame) => {
    const { macHigh, macLow } = packetOf(frame);
    return formatMac([macHigh, macLow]);
  };
  const scanner = macOf(FLOODS.scan.frame);
  const macs = withScan(flowFrames(madeUpFlows(18))).map(macOf);
  assertEquals(macs.length, 20);
  assertEquals(macs.flatMap((mac, i) => mac === scanner ? [i] : []), [9, 19]);
});
