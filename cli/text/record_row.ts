/** Records in columns, for a terminal: the device, the other end, what it is and how much. */

import { flowView } from "../../record/flow_view.ts";
import { type FlowRecord, isGap, isMerged, type LogRecord } from "../../record/log_record.ts";
import { remoteEnd } from "../../record/record_filter.ts";
import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { type Cells, inCells } from "../../report/render/cells.ts";
import { localTime, protocolText, recordText } from "./record_text.ts";
import { type Meaning, painted, type Terminal } from "./terminal.ts";

const CUT = { cut: "middle" } as const;
const RIGHT = { align: "right" } as const;
const TIME = 8;
const SERVICE = 5;
const COUNTRY = 2;
const BYTES = 8;
/** On a terminal narrower than this there is room for the two ends and the sum alone. */
const NARROWEST = 60;
/** From here on the network's owner has a column. */
const WITH_OWNER = 110;

/** What a flow that has no record yet has at its end. */
const LIVE_MARK = " so far";

/** A record as one line, without its end: in columns on a terminal, elsewhere in words. `isLive` as for `recordRow()`. */
export function recordLine(
  record: LogRecord,
  terminal: Terminal,
  { isLive = false } = {},
): string {
  if (terminal.size !== undefined) return recordRow(record, terminal, { isLive });
  return escapeText(recordText(record)) + (isLive ? ` ${LIVE_MARK}` : "");
}

/** One line of exactly the terminal's columns at most, without its end; `isLive`: of a flow that has no record yet. */
export function recordRow(
  record: LogRecord,
  terminal: Terminal,
  { isLive = false } = {},
): string {
  const columns = terminal.size?.columns ?? 80;
  if (isGap(record)) {
    const text = recordText(record);
    return painted(inCells(text, { width: columns }, terminal).trimEnd(), "warning", terminal);
  }
  if (isMerged(record)) return inCells(recordText(record), { width: columns }, terminal).trimEnd();
  if (!isLive) return flowRow(record, terminal, columns);
  const row = flowRow(record, { ...terminal, hasColour: false }, columns - LIVE_MARK.length);
  return painted(row + LIVE_MARK, "quiet", terminal);
}

function flowRow(record: FlowRecord, terminal: Terminal, columns: number): string {
  const view = flowView(record);
  const { geo, as } = remoteEnd(record);
  const device = Math.min(26, Math.max(14, Math.floor(columns / 6)));
  const owner = columns >= WITH_OWNER ? Math.floor((columns - 80) / 2) : 0;
  const fixed = TIME + 2 + device + 4 + 2 + SERVICE + 1 + COUNTRY + 1 + BYTES + 1 + BYTES;
  const name = columns - fixed - (owner === 0 ? 0 : owner + 1);
  const cell = (text: string, width: number, meaning?: Meaning, how: Omit<Cells, "width"> = {}) => {
    const cells = inCells(text, { width, ...how }, terminal);
    return meaning === undefined ? cells : painted(cells, meaning, terminal);
  };
  const arrow = view.isInbound ? painted(" <- ", "inbound", terminal) : " -> ";
  const nameMeaning = ["none", "ptr"].includes(record.wifilogger.name_source) ? "weak" : undefined;
  if (columns < NARROWEST) {
    const ends = Math.max(2, columns - 5 - BYTES);
    const sum = formatBytes(view.upBytes + view.downBytes);
    return cell(view.device, Math.floor(ends / 2), "device", CUT) + arrow +
      cell(view.name, Math.ceil(ends / 2), nameMeaning, CUT) + " " +
      cell(sum, BYTES, undefined, RIGHT);
  }
  return [
    cell(localTime(record["@timestamp"]), TIME, "quiet"),
    "  ",
    cell(view.device, device, "device", CUT),
    arrow,
    cell(view.name, name, nameMeaning, CUT),
    "  ",
    cell(protocolText(record), SERVICE, "quiet"),
    " ",
    cell(geo?.country_iso_code ?? "", COUNTRY),
    owner === 0 ? "" : ` ${cell(as?.organization?.name ?? "", owner, "quiet")}`,
    " ",
    cell(formatBytes(view.upBytes), BYTES, "up", RIGHT),
    " ",
    cell(formatBytes(view.downBytes), BYTES, "down", RIGHT),
  ].join("");
}
