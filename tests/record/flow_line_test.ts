import fc from "fast-check";
import { assertEquals } from "../assert.ts";
import { parseRecord } from "../record_schema.ts";
import { parseAddress } from "../../capture/address/address.ts";
import type { ObservedDelta } from "../../capture/observer.ts";
import type { Place } from "../../enrich/place.ts";
import { flowLine } from "../../record/flow_line.ts";
import type { RecordSources } from "../../record/record_sources.ts";

const NOON_US = Date.UTC(2026, 10, 22, 12) * 1e3;
const CLIENT = "192.168.1.20";
const SITE = "93.184.216.34";

/** Sources that know the place and the reverse name of remote addresses, and which addresses they were asked for. */
function sources(more: Partial<RecordSources> = {}): RecordSources & { asked: Set<string> } {
  const asked = new Set<string>();
  return {
    asked,
    place: (address) => {
      asked.add(address);
      return { countryCode: "US", countryName: "United States" };
    },
    ptr: () => undefined,
    isOnLink: () => true,
    vendor: () => undefined,
    ...more,
  };
}

interface Ends {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** The delta of a conversation from a local host to a remote one. */
function delta(ends: Ends = {}, change: Partial<ObservedDelta> = {}): ObservedDelta {
  const { source = CLIENT, destination = SITE } = ends;
  const ports = { sourcePort: 40000, destinationPort: 443, ...ends };
  return {
    flowId: "abc-1",
    part: 2,
    endReason: "active",
    ipVersion: source.includes(":") ? 6 : 4,
    protocol: 6,
    oneWay: false,
    isTunneled: false,
    interfaceIndex: 0,
    initiator: {
      address: parseAddress(source)!,
      port: ports.sourcePort,
      mac: [0x02aa, 0xbbccddee | 0],
      bytes: 1200,
      packets: 7,
    },
    responder: {
      address: parseAddress(destination)!,
      port: ports.destinationPort,
      mac: [0x0200, 1],
      bytes: 34_000,
      packets: 30,
    },
    startUs: NOON_US - 1_500_001,
    endUs: NOON_US + 999,
    evidence: {},
    deviceName: undefined,
    initiatorIsLocal: true,
    responderIsLocal: false,
    ...change,
  };
}

/** A record as its reader gets it, checked against the schema. */
// deno-lint-ignore no-explicit-any
function asRead(delta: ObservedDelta, from: RecordSources = sources()): any {
  return parseRecord(flowLine(delta, from));
}

Deno.test("`flowLine()` writes every field of an outbound conversation", () => {
  const record = asRead(delta({}, { evidence: { dnsQueryName: "www.example.org" } }));
  assertEquals(record, {
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event: {
      start: "2026-11-22T11:59:58.499999Z",
      end: "2026-11-22T12:00:00.000999Z",
      duration: 1_501_000_000,
    },
    network: {
      type: "ipv4",
      transport: "tcp",
      direction: "outbound",
      community_id: record.network.community_id,
      bytes: 35_200,
      packets: 37,
    },
    source: { ip: CLIENT, port: 40000, mac: "02:aa:bb:cc:dd:ee", bytes: 1200, packets: 7 },
    destination: {
      ip: SITE,
      port: 443,
      domain: "www.example.org",
      bytes: 34_000,
      packets: 30,
      geo: { country_iso_code: "US", country_name: "United States" },
    },
    dns: { question: { name: "www.example.org" } },
    wifilogger: {
      v: 1,
      flow_id: "abc-1",
      part: 2,
      end_reason: "active",
      name_source: "dns",
    },
  });
});

Deno.test("`flowLine()` writes all that is known of a place, and nothing of what is not", () => {
  const placed = (place: Place) => asRead(delta(), sources({ place: () => place })).destination;
  const all = placed({
    countryCode: "CH",
    countryName: "Switzerland",
    regionName: "Zurich",
    cityName: "Zürich",
    latitude: 47.37,
    longitude: 8.55,
    asNumber: 559,
    organization: "SWITCH",
  });
  assertEquals(all.geo, {
    country_iso_code: "CH",
    country_name: "Switzerland",
    region_name: "Zurich",
    city_name: "Zürich",
    location: { lat: 47.37, lon: 8.55 },
  });
  assertEquals(all.as, { number: 559, organization: { name: "SWITCH" } });

  const owned = placed({ asNumber: 559 });
  assertEquals([owned.geo, owned.as], [undefined, { number: 559 }]);
  const named = placed({ organization: "SWITCH" });
  assertEquals(named.as, { organization: { name: "SWITCH" } });
  const empty = placed({});
  assertEquals([empty.geo, empty.as], [undefined, undefined]);
});

Deno.test("`flowLine()` gives a remote initiator its place and neither MAC nor the local responder one", () => {
  const from = sources();
  const inbound = delta({ source: SITE, destination: CLIENT }, {
    initiatorIsLocal: false,
    responderIsLocal: true,
  });
  const record = asRead(inbound, from);
  assertEquals(record.network.direction, "inbound");
  assertEquals(record.source.geo.country_iso_code, "US");
  assertEquals(record.source.mac, undefined);
  assertEquals(record.destination.geo, undefined);
  assertEquals(record.destination.domain, "unknown");
  assertEquals([...from.asked], [SITE]);
});

Deno.test("`flowLine()` tells internal and external conversations, and asks nothing about local ends", () => {
  const asked: string[] = [];
  const from = sources({
    ptr: (address) => {
      asked.push(address);
      return undefined;
    },
  });
  const internal = asRead(delta({ destination: "192.168.1.1" }, { responderIsLocal: true }), from);
  assertEquals(internal.network.direction, "internal");
  assertEquals(internal.source.mac, "02:aa:bb:cc:dd:ee");
  assertEquals([from.asked.size, asked.length], [0, 0]);

  const external = asRead(delta({ source: "9.9.9.9" }, { initiatorIsLocal: false }), from);
  assertEquals(external.network.direction, "external");
  assertEquals([...from.asked], ["9.9.9.9", SITE]);
});

Deno.test("`flowLine()` leaves out what is not known", () => {
  const bare = delta();
  const record = asRead(
    { ...bare, initiator: { ...bare.initiator, mac: undefined, port: undefined } },
    sources({ place: () => undefined }),
  );
  assertEquals(Object.keys(record.source), ["ip", "bytes", "packets"]);
  assertEquals(Object.keys(record.destination), ["ip", "port", "bytes", "packets", "domain"]);
  assertEquals(Object.keys(record), [
    "@timestamp",
    "event",
    "network",
    "source",
    "destination",
    "wifilogger",
  ]);
});

Deno.test("`flowLine()` writes no ports for ICMP, whose message types stand in their place", () => {
  for (const [protocol, transport] of [[1, "icmp"], [58, "ipv6-icmp"]] as const) {
    const record = asRead(delta({ sourcePort: 8, destinationPort: 0 }, { protocol }));
    assertEquals(record.network.transport, transport);
    assertEquals([record.source.port, record.destination.port], [undefined, undefined]);
  }
});

Deno.test("`flowLine()` names the transport, or gives its number", () => {
  const names = { 6: "tcp", 17: "udp", 1: "icmp", 58: "ipv6-icmp", 47: "47", 132: "132" };
  for (const [protocol, transport] of Object.entries(names)) {
    const record = asRead(delta({}, { protocol: Number(protocol) }));
    assertEquals(record.network.transport, transport);
  }
});

Deno.test("`flowLine()` writes the ports of SCTP", () => {
  const record = asRead(delta({ sourcePort: 0, destinationPort: 2944 }, { protocol: 132 }));
  assertEquals([record.source.port, record.destination.port], [0, 2944]);
});

Deno.test("`flowLine()` tells DNS and NTP by the responder's port", () => {
  const protocolOf = (protocol: number, destinationPort: number) =>
    asRead(delta({ destinationPort }, { protocol })).network.protocol;
  assertEquals(protocolOf(17, 53), "dns");
  assertEquals(protocolOf(6, 53), "dns");
  assertEquals(protocolOf(17, 123), "ntp");
  assertEquals(protocolOf(6, 123), undefined);
  assertEquals(protocolOf(6, 443), undefined);
  assertEquals(asRead(delta({ sourcePort: 53 }, { protocol: 17 })).network.protocol, undefined);
});

Deno.test("`flowLine()` writes IPv6 in its shortest form", () => {
  const record = asRead(delta({ source: "2001:DB8:0:0::20", destination: "2606:2800::" }));
  assertEquals(record.network.type, "ipv6");
  assertEquals([record.source.ip, record.destination.ip], ["2001:db8::20", "2606:2800::"]);
});

Deno.test("`flowLine()` gives both directions of a conversation one Community ID", () => {
  const there = asRead(delta());
  const back = asRead(
    delta({ source: SITE, destination: CLIENT, sourcePort: 443, destinationPort: 40000 }),
  );
  assertEquals(there.network.community_id, back.network.community_id);
});

Deno.test("`flowLine()` keeps each piece of evidence beside the name that won", () => {
  const evidence = {
    dnsQueryName: "shop.example",
    tlsServerName: "www.shop.example",
    httpHost: "shop.example",
  };
  const record = asRead(
    delta({}, { evidence }),
    sources({ ptr: () => "server7.hosting.example" }),
  );
  assertEquals(record.destination.domain, "www.shop.example");
  assertEquals(record.tls.client.server_name, "www.shop.example");
  assertEquals(record.url.domain, "shop.example");
  assertEquals(record.dns.question.name, "shop.example");
  assertEquals(record.wifilogger.ptr, "server7.hosting.example");
  assertEquals(record.wifilogger.name_source, "tls_sni");
});

Deno.test("`flowLine()` says the interface and the clock only where its sources do", () => {
  const from = sources({
    interfaceName: (index) => ["wlan0", "eth0"][index],
    clockIsSynced: () => false,
  });
  const record = asRead(delta({}, { interfaceIndex: 1 }), from);
  assertEquals(record.observer, { ingress: { interface: { name: "eth0" } } });
  assertEquals(record.wifilogger.clock, "unsynced");
  const synced = asRead(delta(), sources({ clockIsSynced: () => true }));
  assertEquals(synced.wifilogger.clock, "synced");
});

Deno.test("`flowLine()` gives one line", () => {
  const line = flowLine(delta(), sources({ interfaceName: () => "a\nb" }));
  assertEquals(line.indexOf("\n"), line.length - 1);
});

Deno.test("`flowLine()` says what a device calls itself, or else who made it", () => {
  const vendor = () => "Acme Inc.";
  const named = asRead(delta({}, { deviceName: "tv" }), sources({ vendor }));
  assertEquals([named.source.domain, named.device], ["tv", undefined]);
  const nameless = asRead(delta(), sources({ vendor }));
  assertEquals([nameless.source.domain, nameless.device.manufacturer], [undefined, "Acme Inc."]);
  const beyond = asRead(delta(), sources({ vendor, isOnLink: () => false }));
  assertEquals([beyond.source.mac, beyond.device], [undefined, undefined]);
});

Deno.test("`flowLine()` keeps any text that a device may call itself, on one line", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (deviceName) => {
    const line = flowLine(delta({}, { deviceName }), sources());
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(JSON.parse(line).source.domain, deviceName);
  }));
});

Deno.test("`flowLine()` writes the new place of an address as soon as there is one", () => {
  let place: Place = { countryCode: "US", countryName: "United States" };
  const from = sources({ place: () => place });
  assertEquals(asRead(delta(), from).destination.geo.city_name, undefined);
  place = { ...place, cityName: "Norwell" };
  assertEquals(asRead(delta(), from).destination.geo.city_name, "Norwell");
});
