/** The screen of `wifilogger top`, as lines of exactly the terminal's width at most. */

import { remoteEnd } from "../../record/record_filter.ts";
import { protocolText } from "../text/record_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { cellWidth, inCells } from "../../report/render/cells.ts";
import { flowView } from "../../record/flow_view.ts";
import { type Meaning, painted, type Terminal } from "../text/terminal.ts";
import type { Group, Row, Sort } from "../../service/live_traffic.ts";

/** What is shown. */
export interface TopView {
  readonly time: string;
  readonly rows: readonly Row[];
  readonly live: number;
  readonly history: readonly number[];
  readonly group: Group;
  readonly sort: Sort;
  /** What was opened, such as `device tv`. */
  readonly opened: readonly string[];
  /** The text that is looked for. */
  readonly filter: string;
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  /** The row that Enter opens, and the first one on the screen. */
  readonly chosen?: number;
  readonly first: number;
  /** What is wrong, when something is. */
  readonly trouble?: string;
}

const RATE = 11;
const TOTAL = 9;
const FLOWS = 6;
const SERVICE = 5;
const COUNTRY = 2;
const WITH_OWNER = 120;

/** Lines above the rows. */
export const HEAD_LINES = 3;

/** Title, what is shown, and the heads of the columns. */
export function headLines(view: TopView, terminal: Terminal): string[] {
  const columns = terminal.size?.columns ?? 80;
  const sum = (of: (row: Row) => number) => view.rows.reduce((sum, row) => sum + of(row), 0);
  const title = `wifilogger top  ${view.time}  ${view.live} flows`;
  const rates = `  up ${rate(sum((row) => row.upRate))}  down ${
    rate(sum((row) => row.downRate))
  }  `;
  const room = Math.max(0, Math.min(60, columns - cellWidth(title + rates)));
  const graph = sparkline(view.history.slice(-room), terminal);
  const what = [
    `by ${view.group}, ${view.sort === "name" ? "from A on" : `most ${view.sort} first`}`,
    ...view.opened,
    ...(view.filter !== "" || view.isTyping
      ? [`filter: ${view.filter}${view.isTyping ? "_" : ""}`]
      : []),
    ...(view.isPaused ? ["PAUSED"] : []),
  ].join("  |  ");
  const second = view.trouble === undefined
    ? inCells(what, { width: columns }, terminal).trimEnd()
    : painted(inCells(view.trouble, { width: columns }, terminal).trimEnd(), "warning", terminal);
  return [
    painted(inCells(title + rates, { width: columns - room }, terminal), "heading", terminal) +
    painted(graph, "down", terminal),
    second,
    painted(columnHeads(view.group, columns, terminal), "columns", terminal),
  ];
}

function columnHeads(group: Group, columns: number, terminal: Terminal): string {
  const figures = figureCells("up/s", "down/s", "total", terminal);
  if (group !== "flow") {
    const width = columns - FLOWS - 1 - cellWidth(figures);
    const flows = inCells("flows", { width: FLOWS, align: "right" }, terminal);
    return `${inCells(group, { width }, terminal)} ${flows}${figures}`;
  }
  const { device, name, owner } = flowWidths(columns, terminal);
  return inCells("device", { width: device }, terminal) + "    " +
    inCells("with", { width: name }, terminal) + "  " +
    inCells("what", { width: SERVICE }, terminal) + " in " +
    (owner === 0 ? "" : `${inCells("network owner", { width: owner }, terminal)} `) +
    figures.slice(1);
}

function flowWidths(columns: number, terminal: Terminal) {
  const device = Math.min(26, Math.max(12, Math.floor(columns / 6)));
  const owner = columns >= WITH_OWNER ? Math.floor((columns - 80) / 2) : 0;
  const figures = cellWidth(figureCells("", "", "", terminal)) - 1;
  const fixed = device + 4 + 2 + SERVICE + 1 + COUNTRY + 1 + (owner === 0 ? 0 : owner + 1);
  return { device, owner, name: Math.max(4, columns - fixed - figures) };
}

function figureCells(up: string, down: string, total: string, terminal: Terminal): string {
  const cell = (text: string, width: number) => inCells(text, { width, align: "right" }, terminal);
  return ` ${cell(up, RATE)} ${cell(down, RATE)} ${cell(total, TOTAL)}`;
}

/** A row's line. */
export function rowLine(row: Row, terminal: Terminal, isChosen = false): string {
  const columns = terminal.size?.columns ?? 80;
  const plain = { ...terminal, hasColour: terminal.hasColour && !isChosen && !row.isOver };
  const line = row.flow === undefined
    ? groupLine(row, columns, plain)
    : flowLine(row, columns, plain);
  if (isChosen) return painted(line, "chosen", terminal);
  return row.isOver ? painted(line, "quiet", terminal) : line;
}

function figures(row: Row, terminal: Terminal): string {
  const cell = (text: string, width: number, meaning: Meaning) =>
    painted(inCells(text, { width, align: "right" }, terminal), meaning, terminal);
  return `${cell(rate(row.upRate), RATE, row.upRate > 0 ? "up" : "quiet")} ` +
    `${cell(rate(row.downRate), RATE, row.downRate > 0 ? "down" : "quiet")} ` +
    inCells(formatBytes(row.up + row.down), { width: TOTAL, align: "right" }, terminal);
}

function groupLine(row: Row, columns: number, terminal: Terminal): string {
  const width = columns - FLOWS - 2 - cellWidth(figureCells("", "", "", terminal)) + 1;
  const label = inCells(row.label, { width, cut: "middle" }, terminal);
  const flows = inCells(String(row.flows), { width: FLOWS, align: "right" }, terminal);
  const meaning = row.label === "unknown" ? "weak" : "device";
  return `${painted(label, meaning, terminal)} ${flows} ${figures(row, terminal)}`;
}

function flowLine(row: Row, columns: number, terminal: Terminal): string {
  const flow = row.flow!;
  const widths = flowWidths(columns, terminal);
  const { device, name, isInbound } = flowView(flow);
  const { geo, as } = remoteEnd(flow);
  const isWeak = ["none", "ptr"].includes(flow.wifilogger.name_source);
  const nameCells = inCells(name, { width: widths.name, cut: "middle" }, terminal);
  return [
    painted(inCells(device, { width: widths.device, cut: "middle" }, terminal), "device", terminal),
    isInbound ? painted(" <- ", "inbound", terminal) : " -> ",
    isWeak ? painted(nameCells, "weak", terminal) : nameCells,
    "  ",
    inCells(protocolText(flow), { width: SERVICE }, terminal),
    " ",
    inCells(geo?.country_iso_code ?? "", { width: COUNTRY }, terminal),
    " ",
    widths.owner === 0
      ? ""
      : `${inCells(as?.organization?.name ?? "", { width: widths.owner }, terminal)} `,
    figures(row, terminal),
  ].join("");
}

function rate(bytes: number): string {
  return `${formatBytes(Math.round(bytes))}/s`;
}

const LEVELS = { utf8: " ▁▂▃▄▅▆▇█", ascii: " .:-=+*#@" };

/** One character for each figure, the highest full. */
function sparkline(
  figures: readonly number[],
  { isUtf8 }: Pick<Terminal, "isUtf8">,
): string {
  const levels = isUtf8 ? LEVELS.utf8 : LEVELS.ascii;
  const highest = Math.max(1, ...figures);
  return figures.map((figure) => levels[Math.ceil(figure / highest * (levels.length - 1))]).join(
    "",
  );
}

const KEYS = "g group  rtudn sort  / filter  Enter open  Esc back  ? help  q quit";

/** The whole screen, one line for each row of the terminal. */
export function screenLines(view: TopView, terminal: Terminal): string[] {
  const { columns, rows } = terminal.size ?? { columns: 80, rows: 24 };
  const room = Math.max(0, rows - HEAD_LINES - 1);
  const shown = view.rows.slice(view.first, view.first + room)
    .map((row, i) => rowLine(row, terminal, view.first + i === view.chosen));
  const fill = Array.from({ length: room - shown.length }, () => "");
  const keys = painted(inCells(KEYS, { width: columns }, terminal).trimEnd(), "quiet", terminal);
  return [...headLines(view, terminal), ...shown, ...fill, keys].slice(0, rows);
}

/** What the keys do. */
export const HELP: readonly string[] = [
  "wifilogger top: what goes on in the network now",
  "",
  "  up, down, j, k, PgUp, PgDn   choose a row",
  "  Enter                        open it: the flows of a device, a site, ...",
  "  Esc, Backspace               back",
  "  g, or 1 to 6                 a row for each flow, device, name, site, country, owner",
  "  r  t  u  d  n                sort by rate, total, up, down, name",
  "  /                            only what has a text in it; Enter ends it, Esc clears it",
  "  space                        hold the screen, and go on",
  "  ?                            this help",
  "  q, Ctrl-C                    quit",
  "",
  "up is what the device sent, down what it got; rates are bytes a second since the",
  "look before, totals bytes since a flow began, over flows that ended meanwhile, too.",
  "<- is what came in from outside. A name in yellow is a guess or an address.",
];
