/** Flows of the made-up household that are under way, as a running logger would tell of them. */

import type { FlowRecord } from "../../record/log_record.ts";
import { serveControls } from "../../service/control/control_server.ts";
import { householdDay } from "./household_day.ts";

/** Serves, on a control socket at this path, flows that go on: each look finds more of them. */
export async function serveFlows(path: string): Promise<AsyncDisposable> {
  const startMs = Date.now() - 60_000;
  const seen = new Set<string>();
  const flows = [...householdDay({ startMs, records: 960, seed: 3 })]
    .filter(({ network, destination: { domain } }) => {
      const isTaken = network.direction === "outbound" && !seen.has(domain) && network.bytes > 9000;
      seen.add(domain);
      return isTaken;
    }).slice(0, 60);
  let looks = 0;
  const unasked = () => {
    throw new Error("not asked for here");
  };
  const server = await serveControls(path, {
    status: unasked,
    places: unasked,
    flush: unasked,
    forgetPlaces: unasked,
    async *flows() {
      looks++;
      const all = { flows: flows.length, bytes: 0, packets: 0 };
      yield `{"at":"${new Date().toISOString()}","all":${JSON.stringify(all)},"flows":[`;
      yield flows.map((flow, i) => JSON.stringify(grown(flow, looks + 0.3 * Math.sin(looks + i))))
        .join();
      yield "]}";
    },
  }, console.error);
  return { [Symbol.asyncDispose]: async () => await server?.shutdown() };
}

function grown(flow: FlowRecord, times: number) {
  const end = (end: FlowRecord["source"]) => ({
    ...end,
    bytes: Math.round(end.bytes * times),
    packets: Math.ceil(end.packets * times),
  });
  const source = end(flow.source);
  const destination = { ...flow.destination, ...end(flow.destination) };
  const now = new Date().toISOString();
  return {
    ...flow,
    "@timestamp": now,
    event: { ...flow.event, end: now.replace("Z", "000Z") },
    network: {
      ...flow.network,
      bytes: source.bytes + destination.bytes,
      packets: source.packets + destination.packets,
    },
    source,
    destination,
    wifilogger: { ...flow.wifilogger, part: 0, end_reason: "active" },
    unwritten: {
      source: { bytes: source.bytes, packets: source.packets },
      destination: { bytes: destination.bytes, packets: destination.packets },
    },
  };
}
