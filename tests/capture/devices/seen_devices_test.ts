import { assertEquals } from "../../assert.ts";
import { deviceKeyOf, SeenDevices } from "../../../capture/devices/seen_devices.ts";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "../../../capture/decode/packet.ts";
import { parseAddress } from "../../../capture/address/address.ts";

const LAPTOP = "b8:27:eb:01:02:03";
const LAPTOP_MAC = [0xb827, 0xeb010203 | 0] as const;
const ADDRESS = parseAddress("192.168.1.20")!;

Deno.test("`SeenDevices` tells a device by its MAC address, and one behind a router by its address", () => {
  const seen = new SeenDevices();
  seen.hear(...LAPTOP_MAC);
  seen.hear(...LAPTOP_MAC);
  seen.pass({ address: ADDRESS, mac: LAPTOP_MAC }, true);
  seen.pass({ address: parseAddress("192.168.1.21")!, mac: LAPTOP_MAC }, true);
  assertEquals([...seen.heard], [deviceKeyOf(LAPTOP)]);
  assertEquals([...seen.passing], [deviceKeyOf(LAPTOP)]);
  seen.pass({ address: parseAddress("10.0.0.7")!, mac: LAPTOP_MAC }, false);
  seen.pass({ address: ADDRESS, mac: undefined }, true);
  assertEquals([...seen.passing].slice(1), ["10.0.0.7", "192.168.1.20"]);
});

Deno.test("`SeenDevices` keeps no more than 1024 devices of a kind", () => {
  const seen = new SeenDevices();
  for (let low = 0; low < 3000; low++) {
    seen.hear(0xb827, low);
    seen.pass({ address: ADDRESS, mac: [0xb827, low] }, true);
  }
  assertEquals([seen.heard.size, seen.passing.size], [1024, 1024]);
});

Deno.test("`SeenDevices` counts long lines of TCP with one end alone", () => {
  const seen = new SeenDevices();
  seen.judge(PROTOCOL_TCP, 10, 0);
  seen.judge(PROTOCOL_TCP, 5, 5);
  seen.judge(PROTOCOL_TCP, 6, 0);
  seen.judge(PROTOCOL_UDP, 10, 0);
  assertEquals([seen.tcpLines, seen.oneSidedLines], [2, 1]);
});
