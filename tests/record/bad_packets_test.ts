import { assertEquals } from "../assert.ts";
import { BadPackets } from "../../record/bad_packets.ts";

Deno.test("`BadPackets.gap()` tells of each packet once, with the time it is of", () => {
  const badPackets = new BadPackets(1000);
  assertEquals(badPackets.gap(0, 2000), undefined);
  assertEquals(badPackets.gap(3, 5000), {
    reason: "undecodable",
    startUs: 2000,
    endUs: 5000,
    count: 3,
  });
  assertEquals(badPackets.gap(3, 6000), undefined);
  const afterSetBack = badPackets.gap(4, 100);
  assertEquals([afterSetBack?.startUs, afterSetBack?.endUs, afterSetBack?.count], [6000, 6000, 1]);
});
