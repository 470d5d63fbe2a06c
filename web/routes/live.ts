/** The route to what is under way. */

import { readFilter } from "../../report/question/written_question.ts";
import { HttpFault } from "../door/http_fault.ts";
import { EventStream } from "../live/event_stream.ts";
import type { LiveHub, Looker } from "../live/live_hub.ts";
import { NO_PREFIX } from "./query_words.ts";
import { type Asked, FILTERS, type Route } from "./route.ts";

const MAX_LOOKERS = 32;
const MAX_FLOWS = 200;

/** Whether a request would be let in again. */
type IsStill = (request: Request) => Promise<boolean>;

export function liveRoutes(hub: LiveHub, isStill: IsStill): readonly Route[] {
  return [{
    method: "GET",
    path: "live",
    about: "what is under way, as server-sent events: `traffic`, `record`, `skipped`, `end`",
    parameters: [
      ...FILTERS,
      { name: "flows", about: `flows of a look; 0 to ${MAX_FLOWS}`, isNumber: true },
      { name: "records", about: "whether new records are told, too", words: ["on", "off"] },
    ],
    answer: "LiveTraffic",
    type: "text/event-stream",
    run: (asked) => Promise.resolve(live(asked, hub, isStill)),
  }];
}

function live({ words, desk, request }: Asked, hub: LiveHub, isStill: IsStill): Response {
  const { billingDay } = desk.settings;
  const filter = readFilter(words, { nowMs: desk.clock.wallMs(), billingDay, prefix: NO_PREFIX });
  const flows = words.number("flows", { otherwise: 50, least: 0, most: MAX_FLOWS });
  const wantsRecords = words.oneOf("records", ["on", "off"], "on") === "on";
  if (hub.lookers >= MAX_LOOKERS) {
    throw new HttpFault(503, `${MAX_LOOKERS} pages look already. Close one`, {
      "retry-after": "60",
    });
  }
  const stream = new EventStream(() => hub.remove(looker));
  const looker: Looker = {
    filter,
    flows,
    wantsRecords,
    traffic: (traffic) => stream.send("traffic", traffic),
    records: (records, skipped) => {
      for (const record of records) stream.send("record", record);
      if (skipped > 0) stream.send("skipped", { records: skipped });
    },
    isThere: () => isStill(request),
    end: (why) => {
      stream.send("end", { why });
      stream.end();
    },
  };
  hub.add(looker);
  return new Response(stream.body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store, no-transform" },
  });
}
