/** What a period sums to, beside the period before. */

import type { OverviewAnswer, Period } from "../../api/answers.ts";
import { useTimes } from "../reach/times.ts";
import { bytesText, changeText, countText } from "../text/figures.ts";

export interface TotalsProps {
  readonly answer?: Pick<OverviewAnswer, "total" | "before">;
  /** Where the records are. @default nowhere */
  readonly linesHref?: string;
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
          <Figure href={linesHref}>{text(total?.bytes)}</Figure>
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
          <Figure href={linesHref}>{text(total?.down_bytes)}</Figure>
        </dd>
      </div>
      <div>
        <dt>
          <span aria-hidden="true">↑</span> Up
        </dt>
        <dd>
          <Figure href={linesHref}>{text(total?.up_bytes)}</Figure>
        </dd>
      </div>
      <div>
        <dt>Flows</dt>
        <dd>
          <Figure href={linesHref}>{total === undefined ? "–" : countText(total.flows)}</Figure>
        </dd>
      </div>
      <div>
        <dt>Packets</dt>
        <dd>
          <Figure href={linesHref}>{total === undefined ? "–" : countText(total.packets)}</Figure>
        </dd>
      </div>
    </dl>
  );
}

function Figure({ href, children }: { href: string | undefined; children: string }) {
  return href === undefined ? <span>{children}</span> : <a href={href}>{children}</a>;
}
