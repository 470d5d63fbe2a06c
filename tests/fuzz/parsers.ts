/** Every parser of what strangers send, and wholes that it reads. */

import { parseDhcp } from "../../capture/devices/dhcp.ts";
import { parseDhcpv6 } from "../../capture/devices/dhcpv6.ts";
import { llmnrHosts, mdnsHosts } from "../../capture/devices/mdns.ts";
import { netbiosHosts } from "../../capture/devices/netbios.ts";
import { readDnsAnswer } from "../../capture/dns/dns_answer.ts";
import { readWireName } from "../../capture/dns/dns_wire_name.ts";
import { parseServiceBinding } from "../../capture/dns/service_binding.ts";
import { hostOfAuthority } from "../../capture/http/http_authority.ts";
import { parseHttpRequestHead } from "../../capture/http/http_request_head.ts";
import { InspectorBudget } from "../../capture/reassembly/inspector_budget.ts";
import { PayloadInspector } from "../../capture/payload/payload_inspector.ts";
import { chloOfDatagram, parseChlo } from "../../capture/quic/gquic.ts";
import { cryptoPiecesOf, googleCryptoPiecesOf } from "../../capture/quic/quic_frames.ts";
import { longHeadersOf } from "../../capture/quic/quic_long_header.ts";
import { parseClientHello } from "../../capture/tls/client_hello.ts";
import { parseEchConfigs } from "../../capture/tls/ech_config.ts";
import { handshakeOf } from "../../capture/tls/tls_record.ts";
import { nameFromBytes } from "../../capture/wire/name_bytes.ts";
import { parseLine } from "../../record/logged_line.ts";
import { bytesInMemory } from "../../enrich/mmdb/byte_source.ts";
import { MmdbReader, MmdbSyntaxError } from "../../enrich/mmdb/mmdb_reader.ts";
import { clientFqdn, DHCP, dhcpMessage, hostName } from "../capture/devices/build_dhcp.ts";
import { clientFqdn6, DHCPV6, dhcpv6Message, duidLlt } from "../capture/devices/build_dhcpv6.ts";
import { requestedAddress, wireForm } from "../capture/devices/build_dhcp.ts";
import { nameAnswer, nodeStatus, registration } from "../capture/devices/build_netbios.ts";
import { hostAnswer } from "../capture/devices/hear.ts";
import { a, answerBytes, cname } from "../capture/dns/dns_message.ts";
import { chloFor, publicHeaderDatagram, q046Datagram } from "../capture/quic/build_gquic.ts";
import { cryptoFrame, googleCryptoFrame, initialPacket } from "../capture/quic/build_quic.ts";
import { clientHello, echExtension, tlsRecords } from "../capture/tls/build_client_hello.ts";
import { concat, text, uint16, vector8 } from "../capture/wire/build_bytes.ts";
import { buildMmdb } from "../enrich/build_mmdb.ts";

/** A parser under its name; it may say of what it is given that it is no such thing, and may not throw. */
export interface Fuzzed {
  readonly name: string;
  readonly parse: (bytes: Uint8Array) => unknown;
  readonly wholes: readonly Uint8Array[];
  /** Of the errors that it may throw. */
  readonly mayThrow?: (error: unknown) => boolean;
  /** Costs so much to call that only each hundredth of its cases is run. */
  readonly isRare?: boolean;
}

const MAC = "02:00:00:00:00:20";
const HELLO = clientHello({ serverName: "example.com", extensions: [echExtension(1)] });
const REQUEST = text(
  "GET http://example.com:80/ HTTP/1.1\r\nHost: example.com\r\nA: b\r\n c\r\n\r\n",
);
const ANSWER = answerBytes({
  queriedName: "www.example.com",
  answers: [cname("www.example.com", "x.example.net"), a("x.example.net", "93.184.216.34")],
});
const HOSTS = [hostAnswer([["tv.local", "192.168.1.20"], ["tv.local", "fe80::20"]])];
const DHCPS = [dhcpMessage({
  type: DHCP.request,
  options: [
    requestedAddress("192.168.1.20"),
    hostName("kitchen-tv"),
    clientFqdn(4, wireForm("tv.home.")),
  ],
})];
const CHLO = chloFor("example.com");
const INITIAL = initialPacket({ frames: cryptoFrame(0, HELLO) });
const LINE = text(
  '{"@timestamp":"2026-11-22T12:00:00.000Z","event":{"start":"2026-11-22T12:00:00.000Z"},' +
    '"network":{"type":"ipv4","bytes":60,"packets":1},"source":{"ip":"192.168.1.20"},' +
    '"destination":{"ip":"9.9.9.9"},"wifilogger":{"v":1,"flow_id":"a","part":0}}',
);

/** All of them. */
export const PARSERS: readonly Fuzzed[] = [
  { name: "parseClientHello", parse: parseClientHello, wholes: [HELLO] },
  { name: "handshakeOf", parse: handshakeOf, wholes: [tlsRecords(HELLO), tlsRecords(HELLO, 7)] },
  { name: "parseEchConfigs", parse: parseEchConfigs, wholes: [HELLO.subarray(40)] },
  { name: "parseHttpRequestHead", parse: parseHttpRequestHead, wholes: [REQUEST] },
  { name: "hostOfAuthority", parse: hostOfAuthority, wholes: [text("a@[fe80::1]:80")] },
  { name: "nameFromBytes", parse: nameFromBytes, wholes: [text("example.com")] },
  { name: "longHeadersOf", parse: longHeadersOf, wholes: [INITIAL, concat(INITIAL, INITIAL)] },
  {
    name: "cryptoPiecesOf",
    parse: cryptoPiecesOf,
    wholes: [concat(cryptoFrame(50, HELLO), cryptoFrame(0, HELLO.subarray(0, 50)))],
  },
  {
    name: "googleCryptoPiecesOf",
    parse: googleCryptoPiecesOf,
    wholes: [googleCryptoFrame(0, CHLO)],
  },
  { name: "parseChlo", parse: parseChlo, wholes: [CHLO] },
  {
    name: "chloOfDatagram",
    parse: chloOfDatagram,
    wholes: [publicHeaderDatagram(25, CHLO), publicHeaderDatagram(43, CHLO), q046Datagram(CHLO)],
  },
  { name: "readDnsAnswer", parse: readDnsAnswer, wholes: [ANSWER] },
  { name: "readWireName", parse: readWireName, wholes: [wireForm("tv.home.lan.")] },
  {
    name: "parseServiceBinding",
    parse: parseServiceBinding,
    wholes: [concat(uint16(1), wireForm("a."), uint16(4), vector8(Uint8Array.of(1, 2, 3, 4)))],
  },
  { name: "parseDhcp", parse: parseDhcp, wholes: DHCPS },
  {
    name: "parseDhcpv6",
    parse: parseDhcpv6,
    wholes: [dhcpv6Message(DHCPV6.solicit, duidLlt(MAC), clientFqdn6("laptop.lan."))],
  },
  { name: "mdnsHosts", parse: mdnsHosts, wholes: HOSTS },
  { name: "llmnrHosts", parse: llmnrHosts, wholes: HOSTS },
  {
    name: "netbiosHosts",
    parse: netbiosHosts,
    wholes: [
      registration({ name: "ATTIC-PC" }, "192.168.1.20"),
      nameAnswer({ name: "ATTIC-PC" }, ["192.168.1.20"]),
      nodeStatus([{ name: "ATTIC-PC" }]),
    ],
  },
  { name: "PayloadInspector.addTcp", parse: inspectTcp, wholes: [tlsRecords(HELLO, 60), REQUEST] },
  { name: "PayloadInspector.addUdp", parse: inspectUdp, wholes: [q046Datagram(CHLO)] },
  {
    name: "MmdbReader",
    parse: readPlaces,
    isRare: true,
    wholes: [
      buildMmdb({ "9.9.9.0/24": { country: { iso_code: "CH" }, city: ["Bern", 1.5, true] } }),
    ],
    mayThrow: (error) => error instanceof MmdbSyntaxError || error instanceof RangeError,
  },
  { name: "parseLine", parse: (bytes) => parseLine(decoder.decode(bytes)), wholes: [LINE] },
];

const decoder = new TextDecoder();

/** A database that somebody gave the user. */
function readPlaces(bytes: Uint8Array): void {
  const reader = new MmdbReader(bytesInMemory(bytes));
  const offset = reader.offsetOf("9.9.9.9");
  if (offset !== undefined) reader.record(offset);
}

function inspectTcp(bytes: Uint8Array): void {
  using inspector = new PayloadInspector(new InspectorBudget());
  const half = bytes.length >> 1;
  inspector.addTcp(half, bytes.subarray(half), true);
  inspector.addTcp(0, bytes.subarray(0, half), true);
  inspector.addTcp(0, bytes, false);
}

function inspectUdp(bytes: Uint8Array): void {
  using inspector = new PayloadInspector(new InspectorBudget());
  inspector.addUdp(bytes);
  inspector.addUdp(bytes);
}
