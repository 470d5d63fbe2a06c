/** What levels of privacy leave of records, on records of every kind and with made-up words in every text. */

import fc from "fast-check";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { parseRecord } from "../record_schema.ts";
import { Concealer } from "../../privacy/concealed_record.ts";
import { Pseudonyms } from "../../privacy/pseudonyms.ts";
import type { FlowRecord } from "../../record/log_record.ts";
import { DIRECTIONS } from "../../record/log_record.ts";
import type { HidingLevel } from "../../record/privacy_level.ts";

const KEY = new Uint8Array(32).fill(7);

const conceal = (level: HidingLevel) => new Concealer({ level, pseudonyms: new Pseudonyms(KEY) });

/** A record with everything that one can have. */
function fullRecord(change: Partial<FlowRecord> = {}): FlowRecord {
  const geo = { country_iso_code: "US", country_name: "United States" };
  return {
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event: {
      start: "2026-11-22T11:59:58.000000Z",
      end: "2026-11-22T12:00:00.000000Z",
      duration: 2e9,
    },
    network: {
      type: "ipv4",
      transport: "tcp",
      protocol: "tls",
      direction: "outbound",
      community_id: "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      bytes: 35_200,
      packets: 37,
    },
    source: {
      ip: "192.168.1.20",
      port: 40_000,
      bytes: 1200,
      packets: 7,
      mac: "02:aa:bb:cc:dd:ee",
      domain: "annas-phone",
    },
    destination: {
      ip: "93.184.216.34",
      geo,
      as: { number: 64500, organization: { name: "Edge" } },
      port: 443,
      bytes: 34_000,
      packets: 30,
      domain: "secret.shop.example.co.uk",
    },
    device: { manufacturer: "Acme" },
    tls: { client: { server_name: "secret.shop.example.co.uk" } },
    url: { domain: "hidden.example.org" },
    dns: { question: { name: "hidden.example.net" } },
    wifilogger: {
      v: 1,
      flow_id: "abc-1",
      part: 0,
      end_reason: "fin",
      name_source: "tls_sni",
      ptr: "hidden-ptr.example.com",
      clock: "synced",
    },
    ...change,
  };
}

Deno.test("`sites` leaves the registrable domain, the other end's network and nothing finer", () => {
  const record = parseRecord(JSON.stringify(conceal("sites").flow(fullRecord())));
  const { tls: _t, url: _u, dns: _d, ...whole } = fullRecord();
  const { community_id: _c, ...network } = whole.network;
  const { ptr: _p, ...wifilogger } = whole.wifilogger;
  assertEquals<unknown>(record, {
    ...whole,
    network,
    destination: { ...whole.destination, ip: "93.184.216.0", domain: "example.co.uk" },
    wifilogger: { ...wifilogger, privacy: "sites" },
  });
});

Deno.test("`devices` gives pseudonyms of the form of what they stand for, the same each time", () => {
  const [one, other] = [conceal("devices"), conceal("devices")].map((level) =>
    parseRecord(JSON.stringify(level.flow(fullRecord()))) as FlowRecord
  );
  assertEquals(one, other);
  assertMatch(one.source.ip, /^2[45]\d\.\d+\.\d+\.\d+$/);
  assertMatch(one.source.mac!, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
  assertMatch(one.source.domain!, /^device-[0-9a-f]{10}$/);
  assertEquals(one.device, undefined);
  const another = new Concealer({
    level: "devices",
    pseudonyms: new Pseudonyms(new Uint8Array(32)),
  }).flow(fullRecord());
  assert(another.source.mac !== one.source.mac && another.source.ip !== one.source.ip);
});

Deno.test("`totals` leaves a device, a direction and counts", () => {
  const record = parseRecord(JSON.stringify(conceal("totals").flow(fullRecord())));
  const { event, wifilogger } = fullRecord();
  const { source } = conceal("devices").flow(fullRecord());
  assertEquals<unknown>(record, {
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event,
    network: { direction: "outbound", bytes: 35_200, packets: 37 },
    source: { ip: source.ip, bytes: 1200, packets: 7, mac: source.mac, domain: source.domain },
    destination: { bytes: 34_000, packets: 30, domain: "unknown" },
    wifilogger: {
      v: 1,
      flow_id: "abc-1",
      part: 0,
      end_reason: "fin",
      name_source: "none",
      merged_flows: 1,
      clock: wifilogger.clock,
      privacy: "totals",
    },
  });
});

Deno.test("a name that lies under no registry's suffix is no site", () => {
  for (const domain of ["annas-phone", "annas-phone.lan", "printer.local", "10.0.0.7", "co.uk"]) {
    const whole = fullRecord();
    const record = conceal("sites").flow({
      ...whole,
      destination: { ...whole.destination, domain },
    });
    assertEquals(record.destination.domain, "unknown");
    assertEquals(record.wifilogger.name_source, "none");
  }
});

Deno.test("no level lets a hidden word through, whatever the ends and wherever it stands", () => {
  const word = fc.stringMatching(/^zq[a-z0-9]{6,12}$/);
  const mac = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) =>
    `02:5a:5a:5a:${[a, b].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`
  );
  const lastByte = fc.integer({ min: 1, max: 254 });
  const property = fc.property(
    fc.record({ host: word, device: word, ptr: word, mac, low: lastByte, far: lastByte }),
    fc.constantFrom<HidingLevel>("sites", "devices", "totals"),
    fc.constantFrom(...DIRECTIONS),
    fc.boolean(),
    ({ host, device, ptr, mac, low, far }, level, direction, isIpv6) => {
      const local = isIpv6 ? `fd00:5a5a::5a5a:${low.toString(16)}` : `192.168.77.${low}`;
      const remote = isIpv6 ? `2a00:5b5b:1::5b5b:${far.toString(16)}` : `93.184.216.${far}`;
      const isInbound = direction === "inbound";
      const isInternal = direction === "internal";
      const isExternal = direction === "external";
      const whole = fullRecord();
      const record = conceal(level).flow({
        ...whole,
        network: { ...whole.network, type: isIpv6 ? "ipv6" : "ipv4", direction },
        source: {
          ...whole.source,
          ip: isInbound || isExternal ? remote : local,
          mac: isInbound || isExternal ? undefined : mac,
          domain: isInbound || isExternal ? undefined : device,
        },
        destination: {
          ...whole.destination,
          ip: isInbound || isInternal ? local : remote,
          domain: `${host}.example.org`,
        },
        tls: { client: { server_name: `${host}.example.org` } },
        url: { domain: `${host}.example.org` },
        dns: { question: { name: `${host}.example.org` } },
        wifilogger: { ...whole.wifilogger, ptr: `${ptr}.example.org` },
      });
      const line = JSON.stringify(record);
      parseRecord(line);
      const hidden = [`"${remote}"`, host, ptr, "1:AAAA"];
      if (level !== "sites") hidden.push(`"${local}"`, device, mac, "Acme");
      if (level === "totals") hidden.push("example", "US", "Edge", `"port"`, "tls");
      for (const text of hidden) assert(!line.includes(text), `${text} in ${line}`);
      assertEquals(record.network.bytes, record.source.bytes + record.destination.bytes);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

Deno.test("merged flows are hidden as single ones are", () => {
  const merged = {
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event: fullRecord().event,
    network: {
      type: "ipv4",
      transport: "udp",
      direction: "outbound",
      bytes: 3,
      packets: 1,
    },
    source: { ip: "192.168.1.20", bytes: 3, packets: 1 },
    destination: { ip: "93.184.216.34", domain: "unknown", bytes: 0, packets: 0 },
    wifilogger: {
      v: 1,
      flow_id: "abc-m1",
      part: 0,
      end_reason: "idle",
      name_source: "none",
      merged_flows: 90,
    },
  } as const;
  const ends = (["sites", "devices", "totals"] as const).map((level) => {
    const record = conceal(level).merged(merged);
    parseRecord(JSON.stringify(record));
    assertEquals(record.wifilogger.merged_flows, 90);
    return [record.source.ip, record.destination.ip];
  });
  const pseudonym = new Pseudonyms(KEY).address("192.168.1.20");
  assertEquals(ends, [
    ["192.168.1.20", "93.184.216.0"],
    [pseudonym, "93.184.216.0"],
    [pseudonym, undefined],
  ]);
});
