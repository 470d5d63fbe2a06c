/** Routes to single records: the log page by page, and one record with all that is known of it. */

import { openExport } from "../../report/export/open_export.ts";
import { findRecord, readRecordPage } from "../../report/question/record_pages.ts";
import { readFilter } from "../../report/question/written_question.ts";
import { isGap } from "../../record/log_record.ts";
import { askPlaces } from "../../service/control/control_client.ts";
import type { FlowLine, RecordAnswer, RecordsAnswer } from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";
import { isAddress } from "../door/near_address.ts";
import { loggerFault } from "./logger_fault.ts";
import { NO_PREFIX } from "./query_words.ts";
import {
  type Asked,
  csv,
  FILTERS,
  json,
  limitParameter,
  PERIOD,
  type Route,
  timeOrNull,
} from "./route.ts";

const MAX_RECORDS = 1_000;
/** A search goes on for so long before it says how far it has come. */
const SEARCH_MS = 1_500;

export const RECORD_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "records",
    about: "records, the newest first, page by page",
    parameters: [
      ...PERIOD,
      ...FILTERS,
      { name: "gaps", about: "whether gaps are among them", words: ["on", "off"] },
      limitParameter("records of a page", MAX_RECORDS),
      { name: "cursor", about: "`next` of the page before" },
    ],
    answer: "RecordsAnswer",
    formats: ["csv"],
    run: records,
  },
  {
    method: "GET",
    path: "records/{id}",
    about: "one record as it stands in the log, and the other lines of its flow",
    parameters: [],
    answer: "RecordAnswer",
    run: record,
  },
  {
    method: "GET",
    path: "places/{ip}",
    about: "what the running logger knows of an address, and from which source",
    parameters: [],
    answer: "AddressPlaces",
    run: places,
  },
];

async function records({ words, desk, request }: Asked): Promise<Response> {
  const { billingDay } = desk.settings;
  const filter = readFilter(words, { nowMs: desk.clock.wallMs(), billingDay, prefix: NO_PREFIX });
  const limit = words.number("limit", { otherwise: 100, most: MAX_RECORDS });
  const page = await desk.question(request.signal, (goOn) => {
    const endMs = desk.clock.monotonicMs() + SEARCH_MS;
    return readRecordPage(desk.log, {
      filter,
      hasGaps: words.oneOf("gaps", ["on", "off"], "on") === "on",
      limit,
      cursor: words.value("cursor"),
      isEnough: () => {
        goOn();
        return desk.clock.monotonicMs() > endMs;
      },
    });
  });
  if (words.value("format") === "csv") {
    const pieces: Uint8Array[] = [];
    const exporter = await openExport("csv", (bytes) => void pieces.push(bytes.slice()));
    for (const { record, line } of page.records) exporter.add(record, line);
    exporter.finish();
    return csv(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).text(), "records");
  }
  const body: RecordsAnswer = {
    since: timeOrNull(filter.sinceMs),
    until: timeOrNull(filter.untilMs),
    records: page.records.map(({ id, record }) => ({ id, record })),
    next: page.next ?? null,
    searched_to: timeOrNull(page.searchedToMs),
    foreign_lines: page.foreign,
    faults: page.faults.map(({ message }) => message),
  };
  return json(body);
}

async function record({ inPath, desk, request }: Asked): Promise<Response> {
  const found = await desk.question(request.signal, () => findRecord(desk.log, inPath.id));
  if (found === undefined) {
    throw new HttpFault(404, "there is no such record in the log, or no longer");
  }
  const body: RecordAnswer = {
    id: found.id,
    record: found.record,
    line: found.line,
    flow: found.flow.flatMap(({ id, record }): FlowLine[] =>
      isGap(record) ? [] : [{
        id,
        at: record["@timestamp"],
        part: record.wifilogger.part,
        bytes: record.network.bytes,
        packets: record.network.packets,
        end_reason: record.wifilogger.end_reason,
      }]
    ),
  };
  return json(body);
}

async function places({ inPath: { ip }, desk }: Asked): Promise<Response> {
  if (!isAddress(ip)) throw new HttpFault(400, "this is no address. Write it as 9.9.9.9");
  try {
    return json(await askPlaces(desk.settings.controlSocketPath, ip));
  } catch (error) {
    throw loggerFault(error);
  }
}
