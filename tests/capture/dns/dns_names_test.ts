import { Buffer } from "node:buffer";
import fc from "fast-check";
import { assert, assertEquals, assertLess } from "../../assert.ts";
import { parseAddress } from "../../../capture/address/address.ts";
import { DnsNames } from "../../../capture/dns/dns_names.ts";
import type { Endpoint } from "../../../capture/address/endpoint.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { decodeFrame, packetOf } from "../decode_frame.ts";
import {
  a,
  answerBytes,
  type Answered,
  answerFrame,
  answerPacket,
  cname,
  messagePacket,
  queryFrame,
  rawMessage,
  RESOLVER,
} from "./dns_message.ts";
import { ethernet } from "../frame_builder.ts";
import { START_US } from "../pcap_records.ts";

const HOUR_US = 3600e6;
const CLIENT = "192.168.1.20";
const OTHER_CLIENT = "192.168.1.21";
const SITE = "93.184.216.34";

function host(address: string, mac?: Endpoint["mac"]): Endpoint {
  return { address: parseAddress(address)!, mac };
}

/** Shows a name table the packet of an answer, as the observer does. */
function learn(names: DnsNames, packet: Packet): void {
  names.learnAnswer(packet, packet.bytes.subarray(packet.payloadOffset, packet.ipEnd));
}

/** What a name table that saw these answers knows of an address. */
function nameAfter(
  answers: readonly Answered[],
  { client = CLIENT, address = SITE }: { client?: string; address?: string } = {},
): string | undefined {
  const names = new DnsNames();
  for (const answered of answers) learn(names, answerPacket(answered));
  return names.lookUp(host(client), parseAddress(address)!, START_US);
}

Deno.test("`DnsNames` names an address by what was asked for", () => {
  const queriedName = "www.example.org";
  assertEquals(nameAfter([{ queriedName, answers: [a(queriedName, SITE)] }]), queriedName);
  const address = "2606:2800:220:1::1946";
  const answers = [a(queriedName, address)];
  assertEquals(nameAfter([{ queriedName, type: "AAAA", answers }], { address }), queriedName);
});

Deno.test("`DnsNames` names every address of an answer", () => {
  const queriedName = "www.example.org";
  const addresses = ["93.184.216.34", "93.184.216.35", "93.184.216.36"];
  const answers = addresses.map((address) => a(queriedName, address));
  for (const address of addresses) {
    assertEquals(nameAfter([{ queriedName, answers }], { address }), queriedName);
  }
});

Deno.test("`DnsNames` knows nothing of an address that nobody was given", () => {
  const queriedName = "www.example.org";
  const answered = { queriedName, answers: [a(queriedName, SITE)] };
  assertEquals(nameAfter([answered], { address: "93.184.216.35" }), undefined);
  assertEquals(nameAfter([{ queriedName, answers: [] }]), undefined);
});

Deno.test("`DnsNames` follows a CNAME chain to its end, however its records are ordered", () => {
  const queriedName = "www.shop.example";
  const chain = [
    cname(queriedName, "shop.cdn.example"),
    cname("shop.cdn.example", "edge.cdn.example"),
    cname("edge.cdn.example", "node7.cdn.example"),
    a("node7.cdn.example", SITE),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(chain, { minLength: chain.length }), (answers) => {
      assertEquals(nameAfter([{ queriedName, answers }]), queriedName);
    }),
  );
});

Deno.test("`DnsNames` ends on a CNAME chain that bites its tail", () => {
  const queriedName = "a.example";
  const answers = [cname("a.example", "b.example"), cname("b.example", "a.example")];
  assertEquals(nameAfter([{ queriedName, answers }]), undefined);
  assertEquals(
    nameAfter([{ queriedName, answers: [...answers, a("b.example", SITE)] }]),
    queriedName,
  );
});

Deno.test("`DnsNames` takes names of any case for the same, and gives lower case", () => {
  const answers = [cname("WWW.example.ORG", "Cdn.Example.NET"), a("cdn.EXAMPLE.net", SITE)];
  assertEquals(nameAfter([{ queriedName: "www.EXAMPLE.org", answers }]), "www.example.org");
});

Deno.test("`DnsNames` believes no record of a name that was not asked for", () => {
  const queriedName = "harmless.example";
  const answers = [a("bank.example", SITE), a("bank.example", "93.184.216.35")];
  assertEquals(nameAfter([{ queriedName, answers }]), undefined);
  assertEquals(
    nameAfter([{ queriedName, answers: [cname("x.example", queriedName), ...answers] }]),
    undefined,
  );
});

Deno.test("`DnsNames` takes the latest answer for an address", () => {
  const first = { queriedName: "old.example", answers: [a("old.example", SITE)] };
  const second = { queriedName: "new.example", answers: [a("new.example", SITE)] };
  assertEquals(nameAfter([first, second]), "new.example");
});

Deno.test("`DnsNames` gives each client the name that it asked for itself", () => {
  const answers = [
    { client: CLIENT, queriedName: "one.example", answers: [a("one.example", SITE)] },
    { client: OTHER_CLIENT, queriedName: "two.example", answers: [a("two.example", SITE)] },
  ];
  assertEquals(nameAfter(answers, { client: CLIENT }), "one.example");
  assertEquals(nameAfter(answers, { client: OTHER_CLIENT }), "two.example");
});

Deno.test("`DnsNames` gives a client that did not ask the name that another asked for last", () => {
  const answers = [
    { client: CLIENT, queriedName: "one.example", answers: [a("one.example", SITE)] },
    { client: OTHER_CLIENT, queriedName: "two.example", answers: [a("two.example", SITE)] },
  ];
  assertEquals(nameAfter(answers, { client: "192.168.1.99" }), "two.example");
});

Deno.test("`DnsNames` knows a client by its MAC address when it asked from another of its addresses", () => {
  const names = new DnsNames();
  const mac = [0x0200, 0x20] as const;
  const asked: Answered = {
    client: "2001:db8::20",
    resolver: "2001:db8::1",
    clientMac: "02:00:00:00:00:20",
    queriedName: "one.example",
    answers: [a("one.example", SITE)],
  };
  names.learnClient(packetOf(queryFrame(asked)));
  learn(names, answerPacket(asked));
  const other = {
    client: OTHER_CLIENT,
    queriedName: "two.example",
    answers: [a("two.example", SITE)],
  };
  learn(names, answerPacket(other));
  assertEquals(names.lookUp(host(CLIENT, mac), parseAddress(SITE)!, START_US), "one.example");
});

Deno.test("`DnsNames` knows a client by the address it asked from where its MAC address is not seen", () => {
  // As of a flow whose first packet to be seen came from the responder.
  const names = new DnsNames();
  const asked = { queriedName: "one.example", answers: [a("one.example", SITE)] };
  names.learnClient(packetOf(queryFrame(asked)));
  learn(names, answerPacket(asked));
  const other = { queriedName: "two.example", answers: [a("two.example", SITE)] };
  learn(names, answerPacket({ ...other, client: OTHER_CLIENT }));
  assertEquals(names.lookUp(host(CLIENT), parseAddress(SITE)!, START_US), "one.example");
});

Deno.test("`DnsNames` believes a name for twelve hours", () => {
  const names = new DnsNames();
  const queriedName = "www.example.org";
  learn(names, answerPacket({ queriedName, answers: [a(queriedName, SITE)] }));
  const after = (hours: number) =>
    names.lookUp(host(CLIENT), parseAddress(SITE)!, START_US + hours * HOUR_US);
  assertEquals(after(12), queriedName);
  assertEquals(after(12.1), undefined);
});

Deno.test("`DnsNames` believes another client's fresh answer over one of its own that is too old", () => {
  const names = new DnsNames();
  const queriedName = "www.example.org";
  const answers = [a(queriedName, SITE)];
  learn(names, answerPacket({ queriedName, answers }));
  const later = START_US + 13 * HOUR_US;
  learn(names, answerPacket({ client: OTHER_CLIENT, queriedName, answers }, later));
  assertEquals(names.lookUp(host(CLIENT), parseAddress(SITE)!, later), queriedName);
});

Deno.test("`DnsNames` learns nothing from a query, nor from an answer without a question", () => {
  const names = new DnsNames();
  const asked = { queriedName: "www.example.org", answers: [a("www.example.org", SITE)] };
  learn(names, packetOf(queryFrame(asked)));
  const noQuestion = answerBytes(asked);
  noQuestion.set([0, 0], 4);
  learn(names, messagePacket(noQuestion));
  assertEquals([names.size, names.answers], [0, 0]);
});

Deno.test("`DnsNames` writes control characters in a name as escapes", () => {
  const message = answerBytes({
    queriedName: "evil1.example",
    answers: [a("evil1.example", SITE)],
  });
  // Both occurrences of the name: "evil1" becomes ESC "[2J" and a line feed.
  for (let at = message.length - 5; at > 0; at--) {
    if (Buffer.from(message.subarray(at, at + 5)).toString() === "evil1") {
      message.set([0x1b, 0x5b, 0x32, 0x4a, 0x0a], at);
    }
  }
  const names = new DnsNames();
  learn(names, messagePacket(message));
  const name = names.lookUp(host(CLIENT), parseAddress(SITE)!, START_US);
  assertEquals(name, "\\027[2j\\010.example");
});

Deno.test("`DnsNames` counts answers that named an address, and messages that it could not read", () => {
  const names = new DnsNames();
  const queriedName = "www.example.org";
  learn(names, answerPacket({ queriedName, answers: [a(queriedName, SITE)] }));
  learn(names, answerPacket({ queriedName, answers: [] }));
  learn(names, messagePacket(Uint8Array.of(1, 2, 3)));
  assertEquals([names.answers, names.unreadable], [1, 1]);
});

Deno.test("`DnsNames` takes no half of an address from a message that is cut", () => {
  for (const address of [SITE, "2606:2800:220:1::1946"]) {
    const queriedName = "www.example.org";
    const frame = answerFrame({
      queriedName,
      answers: [cname(queriedName, "cdn.example"), a("cdn.example", address)],
    });
    const { length } = frame.bytes;
    for (let snaplen = 14 + 20; snaplen < length; snaplen++) {
      const names = new DnsNames();
      learn(names, decodeFrame(frame, { snaplen, around: new Uint8Array(64).fill(1) }).packet);
      assertEquals(names.size, 0, `${snaplen} of ${length} bytes`);
    }
  }
});

Deno.test("`DnsNames` takes no half of an address from a message of which only the first fragment is seen", () => {
  const queriedName = "www.example.org";
  const message = answerBytes({ queriedName, answers: [a(queriedName, "2606:2800:220:1::1946")] });
  const ends = { source: RESOLVER, destination: CLIENT, moreFragments: true };
  const names = new DnsNames();
  for (let length = 0; length < message.length; length++) {
    const first = ethernet().ipv4(ends)
      .udp({ sourcePort: 53, destinationPort: 40053, length: 8 + message.length })
      .payload(message.subarray(0, length));
    learn(names, packetOf(first));
    assertEquals(names.size, 0, `${length} of ${message.length} bytes`);
  }
});

Deno.test("`DnsNames` bears random bytes", () => {
  const names = new DnsNames();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (body, count) => {
      learn(names, messagePacket(body));
      learn(names, messagePacket(rawMessage({ questions: 1, answers: count, body })));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("`DnsNames` bears any changed bytes in a true answer", () => {
  const message = answerBytes({
    queriedName: "www.example.org",
    answers: [cname("www.example.org", "cdn.example"), a("cdn.example", SITE)],
  });
  const names = new DnsNames();
  const change = fc.tuple(fc.nat(message.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const changed = Uint8Array.from(message);
      for (const [at, value] of changes) changed[at] = value;
      learn(names, messagePacket(changed));
    }),
    { numRuns: 3000 },
  );
});

/** The longest body of a message that is read. */
const LONGEST = (16 << 10) - 12;

/** A query whose name is one label, then as many copies of a record as fit. */
function repeated(record: Uint8Array, countStated = 65_535): Uint8Array {
  const query = Uint8Array.of(1, 0x78, 0, 0, 1, 0, 1);
  const copies = Math.floor((LONGEST - query.length) / record.length);
  const body = Buffer.concat([query, ...Array<Uint8Array>(copies).fill(record)]);
  return rawMessage({ answers: Math.min(copies, countStated), body });
}

/** CNAMEs that form one long chain, the last link first. */
function backwardChain(): Uint8Array {
  const label = (i: number) => [2, 0x21 + i % 90, 0x21 + Math.floor(i / 90), 0];
  const query = [...label(0), 0, 1, 0, 1];
  const link = (i: number) => [...label(i), 0, 5, 0, 1, 0, 0, 0, 0, 0, 4, ...label(i + 1)];
  const count = Math.floor((LONGEST - query.length) / link(0).length);
  const links = Array.from({ length: count }, (_, i) => link(count - 1 - i));
  return rawMessage({ answers: count, body: Uint8Array.from([...query, ...links.flat()]) });
}

/** A name that is a pointer to a pointer to a pointer..., asked for by every record. */
function pointerChain(): Uint8Array {
  const pointers = 4000;
  const body = Buffer.alloc(LONGEST);
  body.set([1, 0x78, 0, 0, 1, 0, 1]);
  // The pointers stand in the data of one record of an unknown type; each points to the one before it.
  let at = 7;
  body.set([0, 0xff, 0, 0, 1, 0, 0, 0, 0, pointers * 2 >> 8, pointers * 2 & 0xff], at);
  at += 11;
  let target = 12;
  for (let i = 0; i < pointers && at + 12 < 0x4000; i++, at += 2) {
    body.writeUInt16BE(0xc000 | target, at);
    target = at + 12;
  }
  const start = 7 + 11 + pointers * 2;
  let count = 1;
  for (at = start; at + 16 <= body.length; at += 16, count++) {
    body.writeUInt16BE(0xc000 | target, at);
    body.set([0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 9, 9, 9, 9], at + 2);
  }
  return rawMessage({ answers: count, body });
}

Deno.test("`DnsNames` reads no hostile message for long", () => {
  const hostile: Record<string, Uint8Array> = {
    "zeros, as long as a packet can be": new Uint8Array(65_507),
    "huge counts, no records": rawMessage({
      questions: 65_535,
      answers: 65_535,
      body: new Uint8Array(0),
    }),
    "questions of the root": rawMessage({ questions: 3_000, body: new Uint8Array(LONGEST) }),
    "a pointer to itself": rawMessage({ body: Uint8Array.of(0xc0, 12, 0, 1, 0, 1) }),
    "a pointer onward": rawMessage({ body: Uint8Array.of(0xc0, 14, 0xc0, 12, 0, 1, 0, 1) }),
    "addresses": repeated(Uint8Array.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 9, 9, 9, 9)),
    "CNAMEs to themselves": repeated(
      Uint8Array.of(0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0, 12),
    ),
    "a CNAME chain backward": backwardChain(),
    "a chain of pointers": pointerChain(),
  };
  const LIMIT_MS = 10;
  for (const [name, message] of Object.entries(hostile)) {
    const packet = messagePacket(message);
    const names = new DnsNames();
    // The shortest of some: what else runs on the machine can only make it longer.
    const ms = Math.min(...Array.from({ length: 20 }, () => {
      const start = performance.now();
      learn(names, packet);
      return performance.now() - start;
    }));
    assertLess(ms, LIMIT_MS, `${name}: ${Math.round(ms)} ms`);
  }
});

Deno.test("`DnsNames` remembers no more than its bound", () => {
  const names = new DnsNames();
  for (let block = 0; block < 100; block++) {
    const queriedName = `n${block}.example`;
    const answers = Array.from(
      { length: 250 },
      (_, i) => a(queriedName, `93.${block}.1.${i}`),
    );
    learn(names, answerPacket({ queriedName, answers }));
  }
  assert(names.size <= 16_384, `${names.size}`);
  const last = names.lookUp(host(CLIENT), parseAddress("93.99.1.249")!, START_US);
  assertEquals(last, "n99.example");
});
