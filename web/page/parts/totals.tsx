/** What a period sums to, beside the period before. */

import type { OverviewAnswer, Period } from "../../api/answers.ts";
import { useTimes } from "../reach/times.ts";
import { bytesText, changeText, countText } from "../text/figures.ts";

export interface TotalsProps {
  readonly answer?: Pick<OverviewAnswer, "total" | "before">;
  /** Where the records are, of one direction or of all. */
  readonly linesHref: string;
}

export function Totals({ answer, linesHref }: TotalsProps) {
  const times = useTimes();
  const total = answer?.total;
  const before = answer?.before;
  const range = ({ since, until }: Period) => times.range(Date.parse(since), Date.parse(until));
  const text = (bytes: number | undefined) => bytes === undefined ? "–" : bytesText(bytes);
  return (
    <dl class="totals">
      <div class="total-main">
        <dt>Total</dt>
        <dd>
          <a href={linesHref}>{text(total?.bytes)}</a>
        </dd>
        <dd class="beside">
          {total?.before_bytes === undefined || before === undefined
            ? "\u00a0"
            : total.before_bytes === 0
            ? `nothing before: ${range(before)}`
            : (
              <>
                <strong>{changeText(total.bytes, total.before_bytes)}</strong> beside{" "}
                {bytesText(total.before_bytes)} of {range(before)}
              </>
            )}
        </dd>
      </div>
      <div>
        <dt>
          <span aria-hidden="true">↓</span> Down
        </dt>
        <dd>
          <a href={linesHref}>{text(total?.down_bytes)}</a>
        </dd>
      </div>
      <div>
        <dt>
          <span aria-hidden="true">↑</span> Up
        </dt>
        <dd>
          <a href={linesHref}>{text(total?.up_bytes)}</a>
        </dd>
      </div>
      <div>
        <dt>Flows</dt>
        <dd>
          <a href={linesHref}>{total === undefined ? "–" : countText(total.flows)}</a>
        </dd>
      </div>
      <div>
        <dt>Packets</dt>
        <dd>
          <a href={linesHref}>{total === undefined ? "–" : countText(total.packets)}</a>
        </dd>
      </div>
    </dl>
  );
}
