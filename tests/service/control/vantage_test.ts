import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { seenStatus } from "../../../service/control/status_report.ts";
import { vantageOf, vantageText } from "../../../service/control/vantage.ts";
import { SeenDevices } from "../../../capture/devices/seen_devices.ts";
import { parseAddress } from "../../../capture/address/address.ts";

const OWN = [{ address: "192.168.1.2", mac: "b8:27:eb:00:00:01" }];
const ADDRESS = parseAddress("192.168.1.2")!;

/** What is seen where these MAC addresses were heard and passed; 1 ends this machine's. */
function seen(heard: readonly number[], passing: readonly number[]) {
  const devices = new SeenDevices();
  for (const low of heard) devices.hear(0xb827, (0xeb000000 | low) | 0);
  for (const low of passing) {
    devices.pass({ address: ADDRESS, mac: [0xb827, (0xeb000000 | low) | 0] }, true);
  }
  return { seen: seenStatus(devices, OWN) };
}

Deno.test("`vantageOf()` tells a machine that sees itself alone from one that sees a network", () => {
  assertEquals(vantageOf(seen([], [])), "nothing");
  assertEquals(vantageOf(seen([1, 2, 3], [])), "nothing");
  assertEquals(vantageOf(seen([1, 2, 3], [1])), "self");
  assertEquals(vantageOf(seen([1, 2, 3], [1, 2])), "network");
  assertStringIncludes(vantageText(seen([1, 2, 3], [1])), "ONLY THIS MACHINE");
  assertStringIncludes(vantageText(seen([1, 2, 3], [1])), "(2 devices heard)");
  assertStringIncludes(vantageText(seen([], [1, 2])), "traffic of 1 device passes here");
});

Deno.test("`vantageOf()` knows one direction alone when most long lines of TCP have no other", () => {
  const { seen: whole } = seen([2], [2]);
  const sided = (tcpLines: number, oneSidedLines: number) =>
    vantageOf({ seen: { ...whole, tcpLines, oneSidedLines } });
  assertEquals(sided(19, 19), "network");
  assertEquals(sided(40, 20), "network");
  assertEquals(sided(40, 21), "one-sided");
});
