import { assertEquals, assertGreater, assertNotEquals } from "../../assert.ts";
import { formatAddress, formatMac } from "../../../capture/address/address.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, raw } from "../frame_builder.ts";
import {
  CLIENT,
  direction,
  icmp,
  recordedTable,
  SERVER,
  tcp,
  tcpAnswer,
  timeUs,
  udp,
} from "./flow_packets.ts";

const OUTWARD = `${CLIENT}:40000 > ${SERVER}:443`;

/** How a flow stands in its only delta when it begins with `packets`. */
function directionOf(...packets: ReturnType<typeof tcp>[]): string {
  const { table, deltas } = recordedTable();
  for (const packet of packets) table.add(packet);
  table.endAll();
  assertEquals(deltas.length, 1);
  return direction(deltas[0]);
}

Deno.test("`FlowTable.add()` counts both directions of a flow in one entry", () => {
  const { table, deltas } = recordedTable();
  const first = table.add(tcp({ at: 0, flags: "S" }));
  assertEquals(table.flowsSeen, 1);
  const second = table.add(tcpAnswer({ at: 1, flags: "SA" }));
  assertEquals([second, table.flowsSeen], [first, 1]);
  table.add(tcp({ at: 2, payload: "hello" }));
  table.add(tcpAnswer({ at: 3, payload: "hello yourself" }));
  assertEquals([table.size, table.flowsSeen, deltas.length], [1, 1, 0]);

  table.endAll();
  assertEquals(table.size, 0);
  const [{ initiator, responder, ...delta }] = deltas;
  assertEquals([initiator.packets, initiator.bytes], [2, 40 + 45]);
  assertEquals([responder.packets, responder.bytes], [2, 40 + 54]);
  assertEquals([initiator.port, responder.port], [40000, 443]);
  assertEquals([delta.startUs, delta.endUs], [timeUs(0), timeUs(3)]);
  assertEquals([delta.ipVersion, delta.protocol, delta.oneWay], [4, 6, false]);
  assertEquals([delta.part, delta.endReason], [0, "shutdown"]);
});

Deno.test("`FlowTable.add()` keeps flows apart that differ in one part of their five-tuple", () => {
  const { table } = recordedTable();
  const packets = [
    tcp(),
    udp(),
    tcp({ source: "192.168.1.21" }),
    tcp({ destination: "93.184.216.35" }),
    tcp({ sourcePort: 40001 }),
    tcp({ destinationPort: 444 }),
    tcp({ source: "2001:db8::20", destination: "2001:db8::1" }),
  ];
  for (const packet of packets) table.add(packet);
  assertEquals(table.size, packets.length);
});

Deno.test("`FlowTable.add()` keeps flows of several interfaces apart", () => {
  const { table, deltas } = recordedTable();
  for (const interfaceIndex of [0, 1, 300]) table.add(tcp(), interfaceIndex);
  table.add(tcpAnswer(), 300);
  table.endAll();
  assertEquals(deltas.map((delta) => delta.interfaceIndex), [0, 1, 300]);
  assertEquals(deltas.map((delta) => delta.responder.packets), [0, 0, 1]);
});

Deno.test("`FlowTable.add()` counts what an address sends to itself, both ports the same", () => {
  const { table, deltas } = recordedTable();
  const toItself = () => udp({ destination: CLIENT, sourcePort: 5000, destinationPort: 5000 });
  table.add(toItself());
  table.add(toItself());
  table.endAll();
  assertEquals(deltas.map(({ initiator }) => initiator.packets), [2]);
});

Deno.test("`FlowTable.add()` takes who sent the SYN for the initiator, whatever the ports", () => {
  assertEquals(directionOf(tcp({ flags: "S" })), OUTWARD);
  const toHighPort = { sourcePort: 22, destinationPort: 50000 };
  assertEquals(
    directionOf(tcp({ ...toHighPort, flags: "S" })),
    `${CLIENT}:22 > ${SERVER}:50000`,
  );
});

Deno.test("`FlowTable.add()` takes who is sent a SYN with ACK for the initiator", () => {
  assertEquals(directionOf(tcpAnswer({ flags: "SA" })), OUTWARD);
  assertEquals(directionOf(tcpAnswer({ flags: "SA" }), tcp({ flags: "S" })), OUTWARD);
  const highPorts = { sourcePort: 40000, destinationPort: 50000 };
  assertEquals(
    directionOf(tcpAnswer({ ...highPorts, flags: "SA" })),
    `${CLIENT}:40000 > ${SERVER}:50000`,
  );
});

Deno.test("`FlowTable.add()` takes the other end of a well-known port for the initiator in midst of a flow", () => {
  assertEquals(directionOf(tcpAnswer({ flags: "A" })), OUTWARD);
  assertEquals(directionOf(tcp({ flags: "A" })), OUTWARD);
  const dns = { sourcePort: 40000, destinationPort: 53 };
  assertEquals(directionOf(udp(dns)), `${CLIENT}:40000 > ${SERVER}:53`);
  const answer = udp({
    source: SERVER,
    destination: CLIENT,
    sourcePort: 53,
    destinationPort: 40000,
  });
  assertEquals(directionOf(answer), `${CLIENT}:40000 > ${SERVER}:53`);
});

Deno.test("`FlowTable.add()` takes the first sender for the initiator where the ports do not tell", () => {
  const both = { sourcePort: 123, destinationPort: 123 };
  assertEquals(directionOf(udp(both)), `${CLIENT}:123 > ${SERVER}:123`);
  assertEquals(
    directionOf(tcpAnswer({ sourcePort: 40000, destinationPort: 50000 })),
    `${SERVER}:50000 > ${CLIENT}:40000`,
  );
});

Deno.test("`FlowTable.add()` takes who is sent an ICMP answer for the initiator", () => {
  const request = icmp({ type: 8 });
  const reply = icmp({ source: SERVER, destination: CLIENT, type: 0 });
  assertEquals(directionOf(request, reply), `${CLIENT}:8 > ${SERVER}:0`);
  assertEquals(directionOf(reply, request), `${CLIENT}:8 > ${SERVER}:0`);
  assertEquals(directionOf(reply), `${CLIENT}:8 > ${SERVER}:0`);

  const [client6, server6] = ["2001:db8::20", "2001:db8::1"];
  const reply6 = icmp({ source: server6, destination: client6, type: 129 });
  assertEquals(directionOf(reply6), `${client6}:128 > ${server6}:129`);
});

Deno.test("`FlowTable.add()` keeps the pings of two hosts to one another apart", () => {
  const { table, deltas } = recordedTable();
  table.add(icmp({ type: 8 }));
  table.add(icmp({ source: SERVER, destination: CLIENT, type: 0 }));
  table.add(icmp({ source: SERVER, destination: CLIENT, type: 8 }));
  table.add(icmp({ type: 0 }));
  table.endAll();
  assertEquals(deltas.map(direction), [`${CLIENT}:8 > ${SERVER}:0`, `${SERVER}:8 > ${CLIENT}:0`]);
  assertEquals(deltas.map(({ responder }) => responder.packets), [1, 1]);
});

Deno.test("`FlowTable.add()` gives ICMP messages without counterpart a flow for each direction", () => {
  const { table, deltas } = recordedTable();
  const there = icmp({ type: 3, code: 3 });
  const back = icmp({ source: SERVER, destination: CLIENT, type: 3, code: 3 });
  for (const packet of [there, back, there]) table.add(packet);
  table.endAll();
  assertEquals(deltas.map(direction), [`${CLIENT}:3 > ${SERVER}:3`, `${SERVER}:3 > ${CLIENT}:3`]);
  assertEquals(deltas.map(({ initiator }) => initiator.packets), [2, 1]);
  assertEquals(deltas.map(({ responder }) => responder.packets), [0, 0]);
  assertEquals(deltas.map(({ oneWay }) => oneWay), [true, true]);
});

Deno.test("`FlowTable.add()` gives a flow without ports none, and keeps it from one with the ports 0", () => {
  const { table, deltas } = recordedTable();
  const later = { source: CLIENT, destination: SERVER, fragmentOffset: 8, protocol: 17 };
  table.add(packetOf(ethernet().ipv4(later).payload("rest")));
  table.add(udp({ sourcePort: 0, destinationPort: 0 }));
  table.endAll();
  assertEquals(deltas.map(direction), [`${CLIENT} > ${SERVER}`, `${CLIENT}:0 > ${SERVER}:0`]);
});

Deno.test("`FlowTable` tells the MAC address that each end's packets came from", () => {
  const { table, deltas } = recordedTable();
  const ipv4 = { source: CLIENT, destination: SERVER };
  table.add(packetOf(ethernet({ source: "02:aa:bb:cc:dd:ee" }).ipv4(ipv4).udp()));
  table.endAll();
  const [{ initiator, responder }] = deltas;
  assertEquals(formatMac(initiator.mac!), "02:aa:bb:cc:dd:ee");
  assertEquals(responder.mac, undefined);

  table.add(packetOf(raw().ipv4(ipv4).udp()));
  table.endAll();
  assertEquals(deltas[1].initiator.mac, undefined);
});

Deno.test("`FlowTable.sweep()` gives a part of a flow that goes on when the active timeout has passed", () => {
  const { table, deltas } = recordedTable();
  for (let at = 0; at < 150; at++) {
    table.sweep(timeUs(at));
    table.add(tcp({ at }));
    assertEquals(table.flowsSeen, 1);
  }
  table.endAll();
  assertEquals(deltas.map(({ part, endReason }) => [part, endReason]), [
    [0, "active"],
    [1, "active"],
    [2, "shutdown"],
  ]);
  assertEquals(deltas.map(({ initiator }) => initiator.packets), [60, 60, 30]);
  assertEquals(deltas.map(({ startUs }) => startUs), [0, 60, 120].map(timeUs));
  assertEquals(deltas.map(({ endUs }) => endUs), [59, 119, 149].map(timeUs));
  assertEquals(new Set(deltas.map(({ flowId }) => flowId)).size, 1);
});

Deno.test("`FlowTable.sweep()` gives no more parts of flows that go on than it may, and the others with the next sweeps", () => {
  const { table, deltas } = recordedTable({ maxActiveLines: 4 });
  const ports = Array.from({ length: 10 }, (_, i) => 40_000 + i);
  const given = [];
  for (let at = 0; at <= 65; at++) {
    for (const sourcePort of ports) table.add(tcp({ at, sourcePort }));
    if (at === 1) table.add(udp({ at, sourcePort: 50_000 })); // idle from then on
    const before = deltas.length;
    table.sweep(timeUs(at));
    if (deltas.length > before) given.push([at, deltas.length - before]);
  }
  // At 61 the one that ends besides, which is not held up.
  assertEquals(given, [[60, 4], [61, 5], [62, 2]]);
  table.endAll();
  const sent = (sourcePort: number) =>
    deltas.filter(({ initiator }) => initiator.port === sourcePort)
      .reduce((sum, { initiator }) => sum + initiator.packets, 0);
  assertEquals(ports.map(sent), ports.map(() => 66));
});

Deno.test("`FlowTable.sweep()` gives no part in which nothing passed", () => {
  const { table, deltas } = recordedTable();
  table.add(tcp({ at: 0, flags: "S" }));
  for (let at = 1; at < 400; at++) table.sweep(timeUs(at));
  assertEquals(deltas.map(({ endReason }) => endReason), ["active"]);
  assertEquals(table.size, 0);
});

Deno.test("`FlowTable.sweep()` ends a flow without packets after 60 s, of TCP after 300 s", () => {
  const options = { activeTimeoutUs: Infinity };
  for (const [packet, seconds] of [[udp(), 60], [icmp({ type: 8 }), 60], [tcp(), 300]] as const) {
    const { table, deltas } = recordedTable(options);
    table.add(packet);
    table.sweep(timeUs(seconds) - 1);
    assertEquals([table.size, deltas.length], [1, 0]);
    table.sweep(timeUs(seconds));
    assertEquals([table.size, deltas[0].endReason], [0, "idle"]);
  }
});

Deno.test("`FlowTable.sweep()` counts idleness from the last packet of either direction", () => {
  const { table } = recordedTable();
  table.add(udp({ at: 0 }));
  table.add(
    udp({ at: 50, source: SERVER, destination: CLIENT, sourcePort: 443, destinationPort: 40000 }),
  );
  table.sweep(timeUs(109));
  assertEquals(table.size, 1);
  table.sweep(timeUs(110));
  assertEquals(table.size, 0);
});

Deno.test("`FlowTable.sweep()` keeps the timeouts it was given", () => {
  const { table, deltas } = recordedTable({
    activeTimeoutUs: 10e6,
    idleTimeoutUs: 20e6,
    tcpIdleTimeoutUs: 30e6,
  });
  table.add(udp());
  table.add(tcp());
  table.sweep(timeUs(10));
  assertEquals(deltas.map(({ endReason }) => endReason), ["active", "active"]);
  table.sweep(timeUs(20));
  assertEquals(table.size, 1);
  table.sweep(timeUs(30));
  assertEquals(table.size, 0);
});

Deno.test("`FlowTable.sweep()` ends a connection 5 s after both sides have closed it", () => {
  const { table, deltas } = recordedTable();
  table.add(tcp({ at: 0, flags: "S" }));
  table.add(tcp({ at: 1, flags: "FA" }));
  table.sweep(timeUs(20));
  assertEquals(table.size, 1);
  table.add(tcpAnswer({ at: 20, flags: "FA" }));
  table.add(tcp({ at: 21, flags: "A" }));
  table.sweep(timeUs(26) - 1);
  assertEquals(table.size, 1);
  table.sweep(timeUs(26));
  assertEquals(deltas.map(({ endReason }) => endReason), ["fin"]);
  assertEquals(deltas[0].initiator.packets, 3);
});

Deno.test("`FlowTable.sweep()` does not take a FIN that was sent twice for both sides'", () => {
  const { table } = recordedTable();
  table.add(tcp({ at: 0, flags: "FA" }));
  table.add(tcp({ at: 1, flags: "FA" }));
  table.sweep(timeUs(30));
  assertEquals(table.size, 1);
});

Deno.test("`FlowTable.sweep()` ends a connection 5 s after a RST from either side", () => {
  for (const reset of [tcp({ flags: "R" }), tcpAnswer({ flags: "RA" })]) {
    const { table, deltas } = recordedTable();
    table.add(tcp({ flags: "S" }));
    table.add(reset);
    table.sweep(timeUs(5) - 1);
    assertEquals(table.size, 1);
    table.sweep(timeUs(5));
    assertEquals(deltas.map(({ endReason }) => endReason), ["rst"]);
  }
});

Deno.test("`FlowTable.add()` begins another flow with a SYN after the connection has closed", () => {
  const endings = [[tcp({ flags: "FA" }), tcpAnswer({ flags: "FA" })], [tcpAnswer({ flags: "R" })]];
  for (const ending of endings) {
    const { table, deltas } = recordedTable();
    table.add(tcp({ flags: "S", sequence: 7 }));
    for (const packet of ending) table.add(packet);
    table.add(tcp({ at: 1, flags: "S", sequence: 7 }));
    assertEquals([table.size, table.flowsSeen], [1, 2]);
    assertEquals(deltas.map(({ endReason }) => endReason), [ending.length === 2 ? "fin" : "rst"]);
    table.endAll();
    assertNotEquals(deltas[0].flowId, deltas[1].flowId);
    assertEquals(deltas[1].part, 0);
  }
});

Deno.test("`FlowTable.add()` begins another flow with a SYN of another sequence number", () => {
  const { table, deltas } = recordedTable();
  table.add(tcp({ flags: "S", sequence: 0xfffffff0 }));
  table.add(tcpAnswer({ flags: "SA", sequence: 99 }));
  table.add(tcp({ at: 1, flags: "S", sequence: 1 }));
  assertEquals(table.flowsSeen, 2);
  table.endAll();
  assertEquals(deltas.map(({ initiator }) => initiator.packets), [1, 1]);
});

Deno.test("`FlowTable.add()` takes a SYN that is sent again for the same connection's", () => {
  const { table } = recordedTable();
  for (const at of [0, 1, 3, 7]) table.add(tcp({ at, flags: "S", sequence: 0xfffffff0 }));
  assertEquals([table.size, table.flowsSeen], [1, 1]);
});

Deno.test("`FlowTable.add()` takes two SYNs that cross for one connection", () => {
  const { table } = recordedTable();
  table.add(tcp({ flags: "S", sequence: 1 }));
  table.add(tcpAnswer({ flags: "S", sequence: 2 }));
  assertEquals(table.flowsSeen, 1);
});

Deno.test("`FlowTable.add()` begins another flow with the first SYN in a connection seen from its midst", () => {
  const { table, deltas } = recordedTable();
  table.add(tcp({ flags: "A" }));
  table.add(tcp({ at: 1, flags: "S" }));
  assertEquals([table.flowsSeen, deltas.length], [2, 1]);
});

Deno.test("`FlowTable.add()` of a new flow into a full table ends the one that was longest unused", () => {
  const { table, deltas } = recordedTable({ maxFlows: 8 });
  for (let i = 0; i < 8; i++) table.add(udp({ at: i, sourcePort: 5000 + i }));
  table.add(udp({ at: 8, sourcePort: 5000 }));
  table.add(udp({ at: 9, sourcePort: 6000 }));
  assertEquals([table.size, table.evicted], [8, 1]);
  assertEquals(deltas.map(({ initiator }) => initiator.port), [5001]);
  assertEquals(deltas[0].endReason, "evicted");
});

Deno.test("`FlowTable` never holds more than its flows, nor loses a packet to that", () => {
  const { table, deltas } = recordedTable({ maxFlows: 100 });
  for (let i = 0; i < 10_000; i++) table.add(udp({ at: i / 1000, sourcePort: i }));
  assertEquals([table.size, table.evicted, table.flowsSeen], [100, 9900, 10_000]);
  table.endAll();
  assertEquals(deltas.length, 10_000);
  assertEquals(new Set(deltas.map(({ initiator }) => initiator.port)).size, 10_000);
});

Deno.test("`FlowTable.endAll()` gives everything with the reason it was given", () => {
  const { table, deltas } = recordedTable();
  table.add(udp());
  table.add(tcp());
  table.endAll("evicted");
  assertEquals(deltas.map(({ endReason }) => endReason), ["evicted", "evicted"]);
  table.endAll();
  assertEquals(deltas.length, 2);
  table.add(udp());
  assertEquals(table.flowsSeen, 3);
});

Deno.test("`FlowTable.setEvidence()` gives evidence back with each delta of its flow alone", () => {
  const { table, deltas } = recordedTable({ idleTimeoutUs: 20e6, activeTimeoutUs: 10e6 });
  table.setEvidence(table.add(udp({ at: 0 })), "a name");
  table.sweep(timeUs(10));
  table.add(udp({ at: 11 }));
  table.sweep(timeUs(40));
  table.add(udp({ at: 41 }));
  table.endAll();
  assertEquals(deltas.map(({ evidence }) => evidence), ["a name", "a name", undefined]);
  assertEquals(deltas.map(({ part }) => part), [0, 1, 0]);
});

Deno.test("`FlowTable.ends()` tells initiator and responder of a flow under way", () => {
  const { table } = recordedTable();
  const ends = table.ends(table.add(tcpAnswer({ flags: "SA" })));
  assertEquals(formatAddress(ends.initiator.address), CLIENT);
  assertEquals(formatAddress(ends.responder.address), SERVER);
});

Deno.test("`FlowTable` gives each delta the times of its own first and last packet when time goes back", () => {
  const { table, deltas } = recordedTable({ activeTimeoutUs: 10e6 });
  table.add(udp({ at: 20 }));
  table.sweep(timeUs(30));
  table.add(udp({ at: 15 }));
  table.add(udp({ at: 17 }));
  table.endAll();
  assertEquals(deltas.map(({ startUs }) => startUs), [20, 15].map(timeUs));
  assertEquals(deltas.map(({ endUs }) => endUs), [20, 17].map(timeUs));
});

Deno.test("`FlowTable.sweep()` ends flows in time after the clock was set back", () => {
  const { table, deltas } = recordedTable();
  const HOUR = 3600;
  table.add(udp({ at: HOUR }));
  for (let at = 0; at < 400; at++) table.sweep(timeUs(at));
  assertEquals(deltas.length, 1);
  assertGreater(1, table.size);
});
