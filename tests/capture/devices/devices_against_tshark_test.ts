/** Names in captures of real traffic, and tshark's view of the same packets. */

import {
  type AddressWords,
  formatAddress,
  formatMac,
  parseAddress,
} from "../../../capture/address/address.ts";
import { Decoded } from "../../../capture/decode/decode.ts";
import { DeviceNames } from "../../../capture/devices/device_names.ts";
import { parseDhcp } from "../../../capture/devices/dhcp.ts";
import { mdnsHosts } from "../../../capture/devices/mdns.ts";
import { netbiosHosts } from "../../../capture/devices/netbios.ts";
import { type Packet, PROTOCOL_UDP } from "../../../capture/decode/packet.ts";
import { assert, assertEquals, assertGreater } from "../../assert.ts";
import { capturePaths, lacksCaptures } from "../../captures.ts";
import { lacks, testWhen } from "../../skip.ts";
import { lacksLibpcap } from "../source/lacks_libpcap.ts";
import { readPackets } from "../source/read_packets.ts";
import { tsharkFields } from "../tshark.ts";
import { macWords } from "./build_mac.ts";

const NO_CAPTURES = lacksLibpcap() ?? lacksCaptures();
const NO_TSHARK = NO_CAPTURES ?? lacks({ commands: ["tshark"] });
/** Captures in which devices say names; the others have none, or damaged ones. */
const SPEAKING = [
  "iphone",
  "wa_voice",
  "wechat",
  "whatsapp_login_chat",
  "teams",
  "netbios",
  "dos_win98",
];

function speakingCaptures(): string[] {
  return capturePaths().filter((path) => SPEAKING.some((name) => path.includes(`/${name}`)));
}

/** The UDP payloads to or from a port, by the number of their frame. */
function payloads(path: string, port: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let number = 0;
  readPackets(path, (packet, decoded) => {
    number++;
    if (decoded !== Decoded.Ip || packet.protocol !== PROTOCOL_UDP) return;
    if (packet.sourcePort !== port && packet.destinationPort !== port) return;
    found.set(number, packet.bytes.slice(packet.payloadOffset, packet.ipEnd));
  });
  return found;
}

/** What tshark says in fields of the frames that a filter lets through, by the number of the frame. */
async function tsharkRows(
  path: string,
  filter: string,
  fields: readonly string[],
): Promise<Map<number, string[]>> {
  const rows = await tsharkFields(path, {
    fields: ["frame.number", ...fields],
    args: ["-Y", filter],
  });
  return new Map(rows.map(([number, ...values]) => [Number(number), values]));
}

function ipv4Text(address: AddressWords | undefined): string {
  return address === undefined ? "" : formatAddress(address);
}

testWhen(NO_TSHARK, "`parseDhcp()` reads names and addresses as tshark does", async () => {
  let named = 0;
  for (const path of speakingCaptures()) {
    const messages = payloads(path, 67);
    const rows = await tsharkRows(path, "dhcp && !_ws.malformed", [
      "dhcp.option.dhcp",
      "dhcp.hw.mac_addr",
      "dhcp.option.hostname",
      "dhcp.fqdn.name",
      "dhcp.option.requested_ip_address",
      "dhcp.ip.your",
      "dhcp.ip.client",
      "dhcp.option.ip_address_lease_time",
    ]);
    for (const [number, row] of rows) {
      const message = parseDhcp(messages.get(number)!);
      assert(message !== undefined, `${path}, frame ${number}`);
      const zero = (text: string) => text === "" ? "0.0.0.0" : text;
      assertEquals(
        [
          String(message.type),
          message.clientMac && formatMac(message.clientMac),
          message.hostName ?? "",
          message.fqdn ?? "",
          ipv4Text(message.requestedAddress),
          zero(ipv4Text(message.yourAddress)),
          zero(ipv4Text(message.clientAddress)),
          message.leaseSeconds === undefined ? "" : String(message.leaseSeconds),
        ],
        row.map((value) => value.toLowerCase()),
        `${path}, frame ${number}`,
      );
      if (message.hostName !== undefined) named++;
    }
  }
  assertGreater(named, 20);
});

testWhen(NO_TSHARK, "`mdnsHosts()` finds the hosts that tshark finds", async () => {
  let found = 0;
  for (const path of speakingCaptures()) {
    const messages = payloads(path, 5353);
    const rows = await tsharkRows(
      path,
      "mdns && dns.flags.response == 1",
      ["dns.a", "dns.aaaa", "dns.srv.target"],
    );
    for (const [number, [ipv4, ipv6, target]] of rows) {
      const hosts = mdnsHosts(messages.get(number)!) ?? [];
      assertEquals(
        [...new Set(hosts.map(({ address }) => formatAddress(address)))].sort(),
        [ipv4, ipv6].filter(Boolean).sort(),
        `${path}, frame ${number}`,
      );
      for (const { name } of hosts) assertEquals(name, target.toLowerCase());
      found += hosts.length;
    }
  }
  assertGreater(found, 3);
});

testWhen(NO_TSHARK, "`netbiosHosts()` finds the names that tshark finds", async () => {
  let found = 0;
  for (const path of speakingCaptures()) {
    const messages = payloads(path, 137);
    const rows = await tsharkRows(path, "nbns", [
      "nbns.name",
      "nbns.addr",
      "nbns.nb_flags.group",
      "nbns.flags.opcode",
    ]);
    for (const [number, [name, address, isGroup]] of rows) {
      const hosts = netbiosHosts(messages.get(number)!);
      assert(hosts !== undefined, `${path}, frame ${number}`);
      if (address === "") continue;
      // "NAME<20>", and for some what that stands for.
      const isHost = /^[^<]+<(00|20)>/.test(name) && isGroup === "0";
      const expected = isHost ? [`${name.split("<")[0].toLowerCase()} ${address}`] : [];
      assertEquals(
        hosts.map((host) => `${host.name} ${formatAddress(host.address!)}`),
        expected,
        `${path}, frame ${number}`,
      );
      found += hosts.length;
    }
  }
  assertGreater(found, 10);
});

/** What devices of a capture say they are called. Asked at the time it begins, because one has a frame years later. */
function namesIn(capture: string): (address: string, mac?: string) => string | undefined {
  const names = new DeviceNames({ isOnLink: () => true });
  let nowUs = Infinity;
  readPackets(capturePaths().find((path) => path.includes(`/${capture}`))!, (packet, decoded) => {
    nowUs = Math.min(nowUs, packet.timeUs);
    if (decoded === Decoded.Ip && isLearntFrom(packet)) names.learn(packet);
  });
  return (address, mac) =>
    names.nameOf({ address: parseAddress(address)!, mac: mac ? macWords(mac) : undefined }, nowUs);
}

function isLearntFrom(packet: Packet): boolean {
  return packet.protocol === PROTOCOL_UDP && packet.fragmentOffset === 0;
}

testWhen(NO_CAPTURES, "`DeviceNames` names a telephone and its hotspot", () => {
  const nameOf = namesIn("iphone");
  assertEquals(nameOf("192.168.2.17"), "lucas-iphone");
  assertEquals(nameOf("2001:db8::1", "c4:61:8b:35:82:a9"), "lucas-iphone");
  assertEquals(nameOf("192.168.2.1"), "lucas-imac.local");
  assertEquals(nameOf("fe80::c42c:3ff:fe60:6a64"), "lucas-imac.local");
  assertEquals(nameOf("169.254.225.216", "d8:30:62:56:00:1c"), "lucas-imac");
  assertEquals(nameOf("192.168.2.18"), undefined);
});

testWhen(
  NO_CAPTURES,
  "`DeviceNames` names what asks for an address, and a client that had one",
  () => {
    assertEquals(namesIn("teams")("192.168.0.1", "d8:0d:17:d6:55:ab"), "tl-sg116e");
    assertEquals(namesIn("teams")("192.168.1.6", "00:80:8f:9a:ae:bd"), "pi3.ntop.org");
    assertEquals(namesIn("wechat")("192.168.1.106"), "iphonedimonica");
  },
);

testWhen(NO_CAPTURES, "`DeviceNames` names computers by NetBIOS", () => {
  assertEquals(namesIn("netbios")("10.0.4.24"), "gunnar");
  assertEquals(namesIn("netbios")("10.0.5.1"), "guru");
  assertEquals(namesIn("netbios")("10.0.4.131"), undefined);
  assertEquals(namesIn("dos_win98")("192.168.239.129"), "mdjr98");
});

testWhen(NO_CAPTURES, "`DeviceNames` makes nothing of what is no name", () => {
  for (const path of capturePaths()) {
    if (SPEAKING.some((name) => path.includes(`/${name}`))) continue;
    const names = new DeviceNames({ isOnLink: () => true });
    readPackets(path, (packet, decoded) => {
      if (decoded === Decoded.Ip && isLearntFrom(packet)) names.learn(packet);
    });
    assertEquals(names.size, 0, path);
  }
});
