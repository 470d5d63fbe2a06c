/** Records in columns, for a terminal: the device, the other end, what it is and how much. */

import { type FlowRecord, isGap, isMerged, type LogRecord } from "../../record/log_record.ts";
import { remoteEnd } from "../../record/record_filter.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { inCells } from "./cells.ts";
import { localTime, recordText } from "./record_text.ts";
import { type Meaning, painted, type Terminal } from "./terminal.ts";

/** A flow as a person asks for it: the device is the local end, whoever began. */
export interface FlowView {
  readonly device: string;
  readonly name: string;
  readonly isInbound: boolean;
  /** Sent by the device, and to it. */
  readonly upBytes: number;
  readonly downBytes: number;
}

/** The device's view of a flow. Of what comes in, the name is the other end's address, and the port that it came to. */
export function flowView({ source, destination, network, device }: FlowRecord): FlowView {
  const isInbound = network.direction === "inbound";
  if (isInbound) {
    const port = destination.port === undefined ? "" : ` to :${destination.port}`;
    return {
      device: destination.ip,
      name: `${source.ip}${port}`,
      isInbound,
      upBytes: destination.bytes,
      downBytes: source.bytes,
    };
  }
  const isNamed = destination.domain !== "unknown";
  const maker = device === undefined ? "" : ` ${device.manufacturer}`;
  return {
    device: source.domain ?? source.ip + maker,
    name: isNamed ? destination.domain : destination.ip,
    isInbound,
    upBytes: source.bytes,
    downBytes: destination.bytes,
  };
}

const TIME = 8;
const SERVICE = 5;
const COUNTRY = 2;
const BYTES = 8;
/** Of a terminal so narrow the columns would leave no names; it gets plain lines. */
const NARROWEST = 60;
/** From here on the network's owner has a column. */
const WITH_OWNER = 110;

/** What a flow that has no record yet has at its end. */
const LIVE_MARK = " so far";

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
  if (isMerged(record) || columns < NARROWEST) {
    return inCells(recordText(record), { width: columns }, terminal).trimEnd();
  }
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
  const cell = (text: string, width: number, meaning?: Meaning, align?: "right") => {
    const cells = inCells(text, { width, align }, terminal);
    return meaning === undefined ? cells : painted(cells, meaning, terminal);
  };
  const isWeak = ["none", "ptr"].includes(record.wifilogger.name_source);
  return [
    cell(localTime(record["@timestamp"]), TIME, "quiet"),
    "  ",
    cell(view.device, device, "device"),
    view.isInbound ? painted(" <- ", "inbound", terminal) : " -> ",
    cell(view.name, name, isWeak ? "weak" : undefined),
    "  ",
    cell(record.network.protocol ?? record.network.transport, SERVICE, "quiet"),
    " ",
    cell(geo?.country_iso_code ?? "", COUNTRY),
    owner === 0 ? "" : ` ${cell(as?.organization?.name ?? "", owner, "quiet")}`,
    " ",
    cell(formatBytes(view.upBytes), BYTES, "up", "right"),
    " ",
    cell(formatBytes(view.downBytes), BYTES, "down", "right"),
  ].join("");
}
