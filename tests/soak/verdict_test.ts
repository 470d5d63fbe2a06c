import { assertEquals } from "../assert.ts";
import { type Archived, type LoggedFlow, noFlow } from "./archived.ts";
import type { Window } from "./gaps.ts";
import type { SentFlow } from "./ledger_line.ts";
import { compareReceived } from "./received.ts";
import { verdictOf } from "./verdict.ts";

const KEY = "udp 192.168.77.10 1024 93.1.0.0 443";
/** Ten packets, one a second, every other from the device; the name is said with the first. */
const SENT: SentFlow = {
  key: KEY,
  name: "a.example",
  namedMs: 0,
  packets: Array.from({ length: 10 }, (_, i) => [1000 * i, i % 2 === 0 ? 1 : 0, 100]),
};

function archivedWith(logged: Partial<LoggedFlow>, key = KEY): Archived {
  const flow = { ...noFlow(), names: new Set(["a.example"]), ...logged };
  return {
    flows: new Map([[key, flow]]),
    gaps: [],
    merged: new Map(),
    shared: [],
    others: 0,
    entries: [],
  };
}

const WHOLE: Partial<LoggedFlow> = {
  upPackets: 5,
  downPackets: 5,
  upBytes: 500,
  downBytes: 500,
  intervals: [[0, 9000]],
};
const SHORT: Partial<LoggedFlow> = {
  ...WHOLE,
  upPackets: 4,
  upBytes: 400,
  intervals: [[0, 7000], [9000, 9000]],
};

function whatIsUnexplained(logged: Partial<LoggedFlow>, windows: readonly Window[] = []): string[] {
  return verdictOf([SENT], archivedWith(logged), windows).unexplained.map(({ what }) => what);
}

Deno.test("`verdictOf()` finds nothing where all was logged", () => {
  const verdict = verdictOf([SENT], archivedWith(WHOLE), []);
  assertEquals([verdict.unexplained, verdict.whole, verdict.named], [[], 1, 1]);
});

Deno.test("`verdictOf()` finds a packet that is missing, unless it was sent in a gap", () => {
  const what = ["upPackets: 5 sent, 5 of them in no gap, 4 logged"];
  assertEquals(whatIsUnexplained(SHORT), what);
  const gap = (startMs: number): Window => ({
    reason: "interface_down",
    startMs,
    endMs: startMs + 500,
    count: undefined,
  });
  assertEquals(whatIsUnexplained(SHORT, [gap(8400)]), what);
  const right = gap(7800);
  const verdict = verdictOf([SENT], archivedWith(SHORT), [right]);
  assertEquals([verdict.unexplained, verdict.lost.get(right)], [[], 1]);
  const inside = verdictOf([SENT], archivedWith({ ...SHORT, intervals: [[0, 9000]] }), [right]);
  assertEquals([inside.unexplained, inside.lost.get(right)], [[], 1]);
});

Deno.test("`verdictOf()` finds packets and bytes that were not sent, names that are wrong, and other flows", () => {
  assertEquals(whatIsUnexplained({ ...WHOLE, downPackets: 6 }), [
    "downPackets: 5 sent, 5 of them in no gap, 6 logged",
  ]);
  assertEquals(whatIsUnexplained({ ...WHOLE, downBytes: 499 }), [
    "downBytes: 500 sent, 500 of them in no gap, 499 logged",
  ]);
  assertEquals(whatIsUnexplained({ ...WHOLE, names: new Set(["unknown"]) }), [
    "it is called unknown, not a.example",
  ]);
  const other = "udp 192.168.77.10 1025 93.1.0.0 443";
  const { unexplained } = verdictOf([SENT], archivedWith(WHOLE, other), []);
  assertEquals(unexplained.map(({ key }) => key), [KEY, KEY, other]);
});

Deno.test("`verdictOf()` looks for what is missing in lines of that time that many share", () => {
  const nothing: Archived = { ...archivedWith({}), flows: new Map() };
  const sharedTo = (endMs: number) => [{ startMs: 0, endMs, packets: 20 }];
  const verdict = verdictOf([SENT], { ...nothing, shared: sharedTo(9000) }, []);
  assertEquals([verdict.unexplained, verdict.inShared], [[], 10]);
  const later: SentFlow = { ...SENT, packets: [[20_000, 1, 100]] };
  assertEquals(
    verdictOf([later], { ...nothing, shared: sharedTo(9000) }, []).unexplained.length,
    1,
  );
});

Deno.test("`compareReceived()` finds what is missing, and what came out of order", () => {
  assertEquals(compareReceived(["a", "b", "c"], ["a", "b", "b", "c"]), {
    missing: [],
    outOfOrder: undefined,
  });
  assertEquals(compareReceived(["a", "b", "b"], ["a", "b"]).missing, ["b"]);
  assertEquals(compareReceived(["a", "b", "c"], ["a", "c", "b"]).outOfOrder, "c");
});
