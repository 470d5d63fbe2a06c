import { deviceName, deviceNameFromBytes } from "../../../capture/devices/device_name.ts";
import { readWireName } from "../../../capture/dns/dns_wire_name.ts";
import { assertEquals } from "../../assert.ts";
import { concat, text, uint8, vector8 } from "../wire/build_bytes.ts";
import { wireForm } from "./build_dhcp.ts";

Deno.test("`deviceName()` gives a name as `presentationName()` does", () => {
  assertEquals(deviceName("Lucas-iPhone"), "lucas-iphone");
  assertEquals(deviceName("pi3.ntop.org."), "pi3.ntop.org");
  assertEquals(deviceName(" Living Room TV "), "living\\032room\\032tv");
  assertEquals(deviceName("Küche.local"), "k\\195\\188che.local");
});

Deno.test("`deviceName()` takes no placeholder for a name", () => {
  const placeholders = [
    ...["", ".", " ", "localhost", "LOCALHOST.localdomain", "android", "Android.local", "(none)"],
    ...["unknown", "null", "123", "192.168.1.20", "wpad", ".local", "a..b"],
    ...["8f5c6c3e-1f47-4bcf-a596-105139dfd8bf.local", "a\tb", "a\u{fffd}b", "a".repeat(256)],
  ];
  for (const text of placeholders) assertEquals(deviceName(text), undefined, text);
});

Deno.test("`deviceName()` keeps what only begins like a placeholder", () => {
  for (const name of ["android-4f2a", "localhost2", "none-such", "1plus", "unknown-tv.lan"]) {
    assertEquals(deviceName(name), name);
  }
});

Deno.test("`deviceNameFromBytes()` takes UTF-8 without the zeros behind it, and nothing else", () => {
  assertEquals(deviceNameFromBytes(concat(text("printer"), new Uint8Array(3))), "printer");
  assertEquals(deviceNameFromBytes(text("küche")), "k\\195\\188che");
  assertEquals(deviceNameFromBytes(Uint8Array.of(0x6b, 0xfc, 0x63)), undefined);
  assertEquals(deviceNameFromBytes(text("pri\0nter")), undefined);
  assertEquals(deviceNameFromBytes(new Uint8Array(4)), undefined);
  assertEquals(deviceNameFromBytes(new Uint8Array(60_000)), undefined);
});

Deno.test("`readWireName()` reads labels up to the root, which may be missing", () => {
  assertEquals(readWireName(wireForm("laptop.home.lan.")), "laptop.home.lan");
  assertEquals(readWireName(wireForm("laptop")), "laptop");
  assertEquals(readWireName(concat(wireForm("laptop."), text("more"))), "laptop");
  assertEquals(readWireName(uint8(0)), "");
});

Deno.test("`readWireName()` refuses what is damaged or cannot be shown", () => {
  const damaged = [
    ["cut", wireForm("laptop").subarray(0, 4)],
    ["compressed", Uint8Array.of(0xc0, 0)],
    ["a label of 64", concat(uint8(64), new Uint8Array(64).fill(0x61))],
    ["a dot in a label", vector8(text("a.b"))],
    ["no UTF-8", vector8(uint8(0xff))],
  ] as const;
  for (const [what, bytes] of damaged) assertEquals(readWireName(bytes), undefined, what);
});
