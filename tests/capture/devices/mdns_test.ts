import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, encode } from "dns-packet";
import { formatAddress } from "../../../capture/address/address.ts";
import { type HostAddress, llmnrHosts, mdnsHosts } from "../../../capture/devices/mdns.ts";
import { assertEquals } from "../../assert.ts";

const TTL = 120;

function record(name: string, data: string, ttl = TTL): Answer {
  return { type: data.includes(":") ? "AAAA" : "A", name, data, ttl, flush: true };
}

function response(answers: Answer[], additionals: Answer[] = [], flags = 0x0400): Buffer {
  return encode({ type: "response", flags, answers, additionals });
}

function withFlags(message: Buffer, flags: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(flags, 2);
  return copy;
}

/** `name address` of each. */
function listed(hosts: readonly HostAddress[] | undefined): string[] | undefined {
  return hosts?.map(({ name, address }) => `${name} ${formatAddress(address)}`);
}

Deno.test("`mdnsHosts()` gives the owners of addresses, not the names of services", () => {
  const message = response([
    {
      type: "PTR",
      name: "_ipp._tcp.local",
      data: "Printer in the attic._ipp._tcp.local",
      ttl: TTL,
    },
    {
      type: "SRV",
      name: "Printer in the attic._ipp._tcp.local",
      data: { port: 631, target: "HP-1.local" },
      ttl: TTL,
    },
    record("HP-1.local", "192.168.1.30"),
  ], [
    { type: "TXT", name: "Printer in the attic._ipp._tcp.local", data: "a=b", ttl: TTL },
    record("HP-1.local", "fe80::30"),
  ]);
  assertEquals(listed(mdnsHosts(message)), ["hp-1.local 192.168.1.30", "hp-1.local fe80::30"]);
});

Deno.test("`mdnsHosts()` leaves names that are no host's own, and goodbyes", () => {
  const message = response([
    record("printer.lan", "192.168.1.30"),
    record("a.b.local", "192.168.1.30"),
    record("local", "192.168.1.30"),
    record("8f5c6c3e-1f47-4bcf-a596-105139dfd8bf.local", "192.168.1.30"),
    record("Android.local", "192.168.1.30"),
    record("old-name.local", "192.168.1.30", 0),
    { type: "A", class: "CH", name: "chaos.local", data: "192.168.1.30", ttl: TTL },
  ]);
  assertEquals(mdnsHosts(message), []);
});

Deno.test("`mdnsHosts()` reads answers only", () => {
  const message = response([record("tv.local", "192.168.1.30")]);
  assertEquals(mdnsHosts(message)?.length, 1);
  assertEquals(mdnsHosts(withFlags(message, 0x0000)), [], "a question with known answers");
  assertEquals(mdnsHosts(withFlags(message, 0xa400)), [], "another operation");
  assertEquals(mdnsHosts(withFlags(message, 0x8403)), [], "an error");
});

Deno.test("`llmnrHosts()` gives names of a single label that are neither tentative nor in conflict", () => {
  const answers = [
    record("Desktop-1", "192.168.1.40"),
    record("desktop-1.local", "192.168.1.40"),
    record("wpad", "192.168.1.40"),
  ];
  const message = response(answers, [], 0);
  assertEquals(listed(llmnrHosts(message)), ["desktop-1 192.168.1.40"]);
  assertEquals(llmnrHosts(withFlags(message, 0x8400)), [], "conflict");
  assertEquals(llmnrHosts(withFlags(message, 0x8100)), [], "tentative");
  assertEquals(llmnrHosts(withFlags(message, 0x0000)), [], "question");
});

Deno.test("`mdnsHosts()` cannot read a message that is cut, too long, or promises what it cannot hold", () => {
  const message = response([record("tv.local", "192.168.1.30")]);
  assertEquals(mdnsHosts(message.subarray(0, -8)), undefined, "cut");
  assertEquals(mdnsHosts(message.subarray(0, 7)), undefined, "cut in the header");
  assertEquals(mdnsHosts(new Uint8Array(0)), undefined, "empty");
  const padded = Buffer.alloc(9001);
  message.copy(padded);
  assertEquals(mdnsHosts(padded), undefined, "too long");
  const promising = Buffer.from(message);
  promising.writeUInt16BE(0xffff, 8);
  assertEquals(mdnsHosts(promising), undefined, "65,535 records");
});
