/** Groups of a question with their sums: a table whose rows have a bar beneath. */

import type { LabelledRow, More } from "../../api/answers.ts";
import { bytesText, changeText, countOf, countText, percentText } from "../text/figures.ts";

export interface BarTableProps {
  /** What the table says, for whoever cannot see where it stands. */
  readonly caption: string;
  /** The heading of the first column. */
  readonly head: string;
  readonly rows: readonly LabelledRow[];
  readonly more?: More;
  /** Of all groups: what a share is of. */
  readonly totalBytes: number;
  /** Where a group's own page is. */
  readonly hrefOf: (row: LabelledRow) => string | undefined;
  /** Where the records of a group are. */
  readonly linesOf: (row: LabelledRow) => string;
  /** Room is kept for so many rows before they are there. */
  readonly room?: number;
}

export function BarTable(props: BarTableProps) {
  const { caption, head, rows, more, totalBytes, hrefOf, linesOf, room } = props;
  const most = rows[0]?.bytes ?? 0;
  const hasBefore = rows.some(({ before_bytes }) => before_bytes !== undefined);
  return (
    <div
      class="bar-table"
      style={room === undefined ? undefined : { minHeight: `${room * 36 + 30}px` }}
    >
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" class="text">{head}</th>
            <th scope="col">Bytes</th>
            <th scope="col" class="share">Share</th>
            {hasBefore && <th scope="col">Before</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const href = hrefOf(row);
            return (
              <tr key={i}>
                <th scope="row" class="text">
                  <span class="bar-label">
                    {href === undefined ? row.label : <a href={href}>{row.label}</a>}
                    {row.is_new === true && <span class="tag">new</span>}
                  </span>
                  <Bar share={most === 0 ? 0 : row.bytes / most} />
                </th>
                <td>
                  <a href={linesOf(row)} title={`${countOf(row.flows, "flow")}: show its records`}>
                    {bytesText(row.bytes)}
                  </a>
                </td>
                <td class="share">
                  {percentText(totalBytes === 0 ? 0 : row.bytes / totalBytes)}
                </td>
                {hasBefore && (
                  <td class="change">{changeText(row.bytes, row.before_bytes ?? 0)}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">Nothing in this period.</p>}
      {more !== undefined && more.rows > 0 && (
        <p class="rest">
          and {countText(more.rows)} more, {bytesText(more.bytes)}
        </p>
      )}
    </div>
  );
}

/** A bar beneath a row; the figure stands beside it. */
function Bar({ share }: { readonly share: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ width: `${Math.max(0.4, share * 100)}%` }} />
    </span>
  );
}
