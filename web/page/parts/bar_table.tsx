/** Groups of a question with their sums: a table whose rows have a bar beneath. */

import type { LabelledRow, Part } from "../../api/answers.ts";
import { bytesText, changeText, countOf, countText, percentText } from "../text/figures.ts";

export interface BarTableProps {
  /** What the table says, for whoever cannot see where it stands. */
  readonly caption: string;
  /** The heading of the first column. */
  readonly head: string;
  readonly part?: Part;
  /** Rows that are shown; of the others the sum. */
  readonly most: number;
  /** Of all groups: what a share is of. */
  readonly totalBytes: number;
  /** Where a group's own page is. @default nowhere */
  readonly hrefOf?: (row: LabelledRow) => string | undefined;
  /** Where the records of a group are. @default nowhere */
  readonly linesOf?: (row: LabelledRow) => string;
  /** What a group is called. @default its label */
  readonly labelOf?: (row: LabelledRow) => string;
  /** Whether there are columns for each direction and for flows. @default false */
  readonly isFull?: boolean;
}

const FULL: readonly (readonly [head: string, textOf: (row: LabelledRow) => string])[] = [
  ["Down", ({ down_bytes }) => bytesText(down_bytes)],
  ["Up", ({ up_bytes }) => bytesText(up_bytes)],
  ["Flows", ({ flows }) => countText(flows)],
];

/** Pixels; before the rows are there, room is kept for them. */
const ROW_HEIGHT = 37;

export function BarTable(props: BarTableProps) {
  const { caption, head, part, totalBytes, hrefOf, linesOf, labelOf, isFull } = props;
  const { rows, more } = firstRows(part, props.most);
  const largest = Math.max(0, ...rows.map(({ bytes }) => bytes));
  // Where there was nothing before, all is new, and it is said once, above.
  const hasBefore = rows.some(({ before_bytes = 0 }) => before_bytes > 0);
  return (
    <div
      class="bar-table"
      style={part === undefined ? { minHeight: `${props.most * ROW_HEIGHT}px` } : undefined}
    >
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" class="text">{head}</th>
            <th scope="col">Bytes</th>
            <th scope="col" class="share">Share</th>
            {isFull && FULL.map(([head]) => <th key={head} scope="col" class="full">{head}</th>)}
            {hasBefore && <th scope="col">Change</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const href = hrefOf?.(row);
            const lines = linesOf?.(row);
            const label = labelOf?.(row) ?? row.label;
            return (
              <tr key={i}>
                <th scope="row" class="text">
                  <span class="bar-label">
                    {href === undefined ? <span>{label}</span> : <a href={href}>{label}</a>}
                    {row.is_new === true && <span class="tag">new</span>}
                  </span>
                  <Bar share={largest === 0 ? 0 : row.bytes / largest} />
                </th>
                <td>
                  {lines === undefined
                    ? bytesText(row.bytes)
                    : (
                      <a href={lines} title={`${countOf(row.flows, "flow")}: show its records`}>
                        {bytesText(row.bytes)}
                      </a>
                    )}
                </td>
                <td class="share">
                  {percentText(totalBytes === 0 ? 0 : row.bytes / totalBytes)}
                </td>
                {isFull &&
                  FULL.map(([head, textOf]) => <td key={head} class="full">{textOf(row)}</td>)}
                {hasBefore && (
                  <td class="change">{changeText(row.bytes, row.before_bytes ?? 0)}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {part !== undefined && rows.length === 0 && <p class="empty">Nothing in this period.</p>}
      {more.rows > 0 && (
        <p class="rest">
          and {countText(more.rows)} more, {bytesText(more.bytes)}
        </p>
      )}
    </div>
  );
}

/** The server cuts most tables, but not that of countries. */
function firstRows(part: Part | undefined, most: number): Part {
  const { rows, more } = part ?? { rows: [], more: { rows: 0, bytes: 0 } };
  const cut = rows.slice(most);
  return {
    rows: rows.slice(0, most),
    more: {
      rows: more.rows + cut.length,
      bytes: cut.reduce((sum, { bytes }) => sum + bytes, more.bytes),
    },
  };
}

/** A bar beneath a row; the figure stands beside it. */
function Bar({ share }: { readonly share: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ width: `${Math.max(0.4, share * 100)}%` }} />
    </span>
  );
}
