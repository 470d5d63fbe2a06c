import { FLOODS } from "../../../scripts/bench/floods.ts";
import { PayloadInspector } from "../../../capture/payload/payload_inspector.ts";
import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import { assertEquals, assertLess } from "../../assert.ts";

/** Ethernet, IPv4 and UDP. */
const PAYLOAD_OFFSET = 42;
const PACKETS = 1_000;
const ROUNDS = 5;

Deno.test("a QUIC Initial that may not be opened costs a small part of one that is: no keys are derived", () => {
  const { frame, renew } = FLOODS.initials;
  const bytes = frame.bytes.slice();
  const budget = new InspectorBudget(undefined, true);
  let number = 0;
  /** How long an Initial takes, ms; each of a connection of its own. */
  const inspect = () => {
    const startMs = performance.now();
    for (let i = 0; i < PACKETS; i++) {
      renew(bytes, 0, number++);
      using inspector = new PayloadInspector(budget);
      inspector.addUdp(bytes.subarray(PAYLOAD_OFFSET));
    }
    return (performance.now() - startMs) / PACKETS;
  };
  const openedMs = inspect();
  while (budget.mayOpen());
  const before = budget.refused;
  // The shortest of some: a machine that does other work beside interrupts one or the other.
  const refusedMs = Math.min(...Array.from({ length: ROUNDS }, inspect));
  assertEquals(budget.refused - before, ROUNDS * PACKETS);
  assertLess(refusedMs, openedMs / 5);
});
