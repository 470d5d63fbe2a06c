import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import type { NameEvidence } from "../../../capture/payload/name_evidence.ts";
import { PayloadInspector } from "../../../capture/payload/payload_inspector.ts";
import { assertEquals } from "../../assert.ts";
import { concat, text } from "../wire/build_bytes.ts";
import {
  clientHello,
  echExtension,
  serverHello,
  tlsRecord,
  tlsRecords,
} from "../tls/build_client_hello.ts";

/** Near the last sequence number, so that every stream here wraps around within its first bytes. */
const ISN = -3;

/** A segment's payload at its offset from the stream's first byte. */
type Segment = readonly [offset: number, payload: Uint8Array];

interface Inspected {
  evidence: NameEvidence;
  state: "wanting" | "done";
  heldBytes: number;
}

/** What an inspector says of a connection whose initiator sends these segments. */
function inspect(segments: readonly Segment[], options: { withSyn?: boolean } = {}): Inspected {
  const budget = new InspectorBudget();
  using inspector = new PayloadInspector(budget);
  if (options.withSyn ?? true) inspector.addSyn(ISN, true);
  for (const [offset, payload] of segments) {
    // A batch's memory is used again: what is kept must have been copied.
    const batch = new Uint8Array(payload);
    inspector.addTcp(ISN + 1 + offset | 0, batch, true);
    batch.fill(0);
  }
  return {
    // Without the names that are absent.
    evidence: JSON.parse(JSON.stringify(inspector.evidence)),
    state: inspector.state,
    heldBytes: budget.heldBytes,
  };
}

function named(evidence: NameEvidence): Inspected {
  return { evidence, state: "done", heldBytes: 0 };
}

const HELLO = tlsRecords(clientHello({ serverName: "example.com" }));
const TLS = named({ protocol: "tls", tlsServerName: "example.com" });
const REQUEST = text("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
const HTTP = named({ protocol: "http", httpHost: "example.com" });
const CONNECT = text("CONNECT example.com:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n");

const STREAMS: readonly [what: string, stream: Uint8Array, expected: Inspected][] = [
  ["a ClientHello", HELLO, TLS],
  ["a ClientHello in records of 100 bytes", tlsRecords(HELLO.subarray(5), 100), TLS],
  ["an HTTP request", REQUEST, HTTP],
  [
    "a ClientHello in a tunnel",
    concat(CONNECT, HELLO),
    named({ protocol: "http", httpHost: "example.com", tlsServerName: "example.com" }),
  ],
];

for (const [what, stream, expected] of STREAMS) {
  Deno.test(`PayloadInspector names ${what} in one segment`, () => {
    assertEquals(inspect([[0, stream]]), expected);
    assertEquals(inspect([[0, stream]], { withSyn: false }), expected);
  });

  Deno.test(`PayloadInspector names ${what} cut anywhere into two segments, in both orders`, () => {
    for (let cut = 1; cut < stream.length; cut++) {
      const first: Segment = [0, stream.subarray(0, cut)];
      const second: Segment = [cut, stream.subarray(cut)];
      assertEquals(inspect([first, second]), expected, `cut at ${cut}`);
      assertEquals(inspect([second, first]), expected, `cut at ${cut}, the second first`);
      assertEquals(inspect([first, second], { withSyn: false }), expected, `cut at ${cut}, no SYN`);
    }
  });

  Deno.test(`PayloadInspector names ${what} in three segments, in all six orders`, () => {
    const third = Math.floor(stream.length / 3);
    const cuts = [0, third, 2 * third, stream.length];
    const [a, b, c] = [0, 1, 2].map((i): Segment => [
      cuts[i],
      stream.subarray(cuts[i], cuts[i + 1]),
    ]);
    for (const order of [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]) {
      assertEquals(inspect(order), expected);
    }
  });

  Deno.test(`PayloadInspector names ${what} in segments that overlap and are sent again`, () => {
    for (let at = 0; at + 20 < stream.length; at += 7) {
      const piece: Segment = [at, stream.subarray(at, at + 20)];
      const head: Segment = [0, stream.subarray(0, at + 10)];
      const tail: Segment = [at + 5, stream.subarray(at + 5)];
      assertEquals(inspect([piece, head, piece, tail]), expected, `at ${at}`);
      assertEquals(inspect([tail, piece, head]), expected, `at ${at}, the tail first`);
    }
  });
}

Deno.test("PayloadInspector believes the bytes that came first", () => {
  const other = tlsRecords(clientHello({ serverName: "another.com" }));
  const cut = HELLO.length - 20;
  const [begin, end]: Segment[] = [[0, HELLO.subarray(0, cut)], [cut, HELLO.subarray(cut)]];
  assertEquals(inspect([begin, [0, other.subarray(0, cut)], end]), TLS);
  assertEquals(inspect([end, [cut, other.subarray(cut)], begin]), TLS);
  assertEquals(inspect([end, [0, other]]), TLS);
});

Deno.test("PayloadInspector names a hello of 4 KB, as one with post-quantum keys may be", () => {
  const hello = tlsRecords(clientHello({ serverName: "example.com", length: 4000 }));
  const segments: Segment[] = [];
  for (let offset = 0; offset < hello.length; offset += 536) {
    segments.push([offset, hello.subarray(offset, offset + 536)]);
  }
  assertEquals(inspect(segments), TLS);
  assertEquals(inspect(segments.reverse()), TLS);
});

Deno.test("PayloadInspector tells of an encrypted hello", () => {
  const hello = clientHello({ serverName: "public.example", extensions: [echExtension(7)] });
  assertEquals(
    inspect([[0, tlsRecords(hello)]]),
    named({
      protocol: "tls",
      tlsServerName: "public.example",
      ech: { kind: "outer", configId: 7 },
    }),
  );
});

Deno.test("PayloadInspector leaves out the byte of a keep-alive and data before the stream", () => {
  assertEquals(inspect([[-1, text("\0")], [0, HELLO]]), TLS);
});

Deno.test("PayloadInspector takes the data of a SYN for the stream's first", () => {
  using inspector = new PayloadInspector(new InspectorBudget());
  inspector.addSyn(ISN, true);
  inspector.addTcp(ISN + 1, HELLO.subarray(0, 50), true);
  inspector.addTcp(ISN + 51, HELLO.subarray(50), true);
  assertEquals(inspector.evidence.tlsServerName, "example.com");
});

Deno.test("PayloadInspector without a SYN takes nothing out of the midst of a stream", () => {
  assertEquals(inspect([[0, text("some text")], [9, HELLO]], { withSyn: false }), {
    evidence: {},
    state: "wanting",
    heldBytes: 1024,
  });
});

Deno.test("PayloadInspector names a hello of the end that seemed to be the responder", () => {
  using inspector = new PayloadInspector(new InspectorBudget());
  inspector.addTcp(1, text("220 hello\r\n"), true);
  assertEquals(inspector.state, "wanting");
  inspector.addTcp(1, HELLO, false);
  assertEquals(inspector.evidence.tlsServerName, "example.com");
  assertEquals(inspector.state, "done");
});

Deno.test("PayloadInspector tells the protocol by the responder alone", () => {
  const protocolOf = (payload: Uint8Array) => {
    using inspector = new PayloadInspector(new InspectorBudget());
    inspector.addTcp(1, payload, false);
    return inspector.evidence.protocol;
  };
  assertEquals(protocolOf(tlsRecords(serverHello())), "tls");
  assertEquals(protocolOf(text("HTTP/1.1 200 OK\r\n\r\n")), "http");
  assertEquals(protocolOf(tlsRecord(23, text("content"))), undefined);
});

Deno.test("PayloadInspector is done when neither end begins with TLS or HTTP", () => {
  const budget = new InspectorBudget();
  using inspector = new PayloadInspector(budget);
  inspector.addTcp(1, text("SSH-2.0-client\r\n"), true);
  inspector.addTcp(1, text("SSH-2.0-server\r\n"), false);
  assertEquals([inspector.state, budget.heldBytes], ["done", 0]);
});

Deno.test("PayloadInspector is done after 64 payloads, whatever they hold", () => {
  const budget = new InspectorBudget();
  using inspector = new PayloadInspector(budget);
  inspector.addSyn(0, true);
  for (let i = 0; i < 64; i++) inspector.addTcp(2 + i, text("x"), true);
  assertEquals(inspector.state, "wanting");
  inspector.addTcp(66, text("x"), true);
  assertEquals([inspector.state, budget.heldBytes], ["done", 0]);
});

Deno.test("PayloadInspector gives up a hello that is longer than 16 KiB", () => {
  const hello = tlsRecords(clientHello({ serverName: "example.com", length: 20_000 }));
  const middle = 10_000;
  const { evidence, heldBytes } = inspect([
    [0, hello.subarray(0, middle)],
    [middle, hello.subarray(middle)],
  ]);
  assertEquals([evidence, heldBytes], [{}, 1024]);
});

Deno.test("PayloadInspector has a Host before the head is whole, and withdraws it", () => {
  using inspector = new PayloadInspector(new InspectorBudget());
  const begin = text("GET / HTTP/1.1\r\nHost: example.com\r\n");
  inspector.addTcp(1, begin, true);
  assertEquals([inspector.state, inspector.evidence.httpHost], ["wanting", "example.com"]);
  inspector.addTcp(1 + begin.length, text("Host: other.example\r\n\r\n"), true);
  assertEquals([inspector.state, inspector.evidence.httpHost], ["done", undefined]);
  assertEquals(inspector.evidence.protocol, "http");
});

Deno.test("PayloadInspector keeps a tunnel's host, whatever goes through it", () => {
  const twice = concat(CONNECT, CONNECT, HELLO);
  assertEquals(inspect([[0, twice]]).evidence, {
    protocol: "http",
    httpHost: "example.com",
    tlsServerName: "example.com",
  });
  const request = text("GET / HTTP/1.1\r\nHost: inner.example\r\n\r\n");
  assertEquals(inspect([[0, concat(CONNECT, request)]]), HTTP);
  assertEquals(inspect([[0, concat(CONNECT, text("SSH-2.0-x\r\n"))]]).evidence, HTTP.evidence);
});

Deno.test("PayloadInspector holds nothing after it was closed, and keeps what it learnt", () => {
  const budget = new InspectorBudget();
  const inspector = new PayloadInspector(budget);
  inspector.addTcp(1, concat(CONNECT, HELLO.subarray(0, 20)), true);
  assertEquals(budget.heldBytes, 1024 + 2048);
  inspector.close();
  inspector.close();
  inspector.addSyn(0, true);
  inspector.addTcp(1, HELLO, true);
  assertEquals([budget.heldBytes, inspector.state], [0, "done"]);
  assertEquals(inspector.evidence, { protocol: "http", httpHost: "example.com" });
});

Deno.test("PayloadInspector ends who began first when the budget is used up, and counts that", () => {
  const budget = new InspectorBudget(4000);
  using first = new PayloadInspector(budget);
  first.addTcp(1, HELLO.subarray(0, 20), true);
  assertEquals([budget.heldBytes, budget.refused], [1024 + 2048, 0]);
  using second = new PayloadInspector(budget);
  assertEquals([first.state, second.state, budget.refused], ["done", "wanting", 1]);
  first.addTcp(21, HELLO.subarray(20), true);
  assertEquals(first.evidence.tlsServerName, undefined);

  second.addTcp(1, HELLO.subarray(0, 20), true);
  second.addTcp(21, HELLO.subarray(20), true);
  assertEquals([second.evidence.tlsServerName, budget.heldBytes], ["example.com", 0]);
});

Deno.test("PayloadInspector is done when the budget has no room for what it must keep", () => {
  const budget = new InspectorBudget(2000);
  using inspector = new PayloadInspector(budget);
  inspector.addTcp(1, HELLO.subarray(0, 20), true);
  assertEquals([inspector.state, budget.heldBytes, budget.refused], ["done", 0, 1]);
});
