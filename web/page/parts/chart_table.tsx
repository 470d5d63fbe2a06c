/** What stands beneath a chart: whose colour is whose, and the same in figures. */

import { useTimes } from "../reach/times.ts";
import { bytesText } from "../text/figures.ts";
import { type ChartData, type ChartGroup, stepText } from "./chart_data.ts";

export interface ChartKeyProps {
  readonly data: ChartData;
  /** Where a group's own page is. @default nowhere */
  readonly hrefOf?: (group: ChartGroup) => string | undefined;
}

export function ChartKey({ data, hrefOf }: ChartKeyProps) {
  if (data.groups.length < 2) return null;
  return (
    <ul class="keys">
      {data.groups.map((group) => {
        const href = hrefOf?.(group);
        return (
          <li key={group.label}>
            <span class={`key k${group.colour}`} aria-hidden="true" />
            {href === undefined ? <span>{group.label}</span> : <a href={href}>{group.label}</a>}
            <span class="dim">{bytesText(group.totalBytes)}</span>
          </li>
        );
      })}
    </ul>
  );
}

export interface StepsTableProps {
  readonly data: ChartData;
  /** Where the records of a step are. @default nowhere */
  readonly hrefOf?: (step: number) => string;
}

export function StepsTable({ data, hrefOf }: StepsTableProps) {
  const times = useTimes();
  const groups = data.groups.length > 1 ? data.groups : [];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Traffic over time as a table">
      <table>
        <thead>
          <tr>
            <th scope="col" class="text">Time</th>
            <th scope="col">All</th>
            {groups.map(({ label }) => <th key={label} scope="col">{label}</th>)}
          </tr>
        </thead>
        <tbody>
          {data.sums.map((sum, i) => (
            <tr key={i}>
              <th scope="row" class="text">{stepText(data, i, times)}</th>
              <td>
                {hrefOf === undefined ? bytesText(sum) : <a href={hrefOf(i)}>{bytesText(sum)}</a>}
              </td>
              {groups.map(({ label, bytes }) => <td key={label}>{bytesText(bytes[i])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
