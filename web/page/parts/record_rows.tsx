/** Records as rows, with the days that they are of. */

import { memo } from "../reach/memo.ts";
import type { RecordEntry } from "../../api/answers.ts";
import { useTimes } from "../reach/times.ts";
import { bytesText, countText } from "../text/figures.ts";
import { flowRow, isGap } from "../text/record_text.ts";
import { countryName } from "../text/countries.ts";
import { evidenceText, gapText } from "../text/words.ts";

export interface RecordRowsProps {
  readonly entries: readonly RecordEntry[];
  /** Where a record is shown whole. */
  readonly hrefOf: (entry: RecordEntry) => string;
}

/** Heads that are heard; what the columns are is seen. */
const COLUMNS = [
  ["time", "Time"],
  ["device", "Device"],
  ["other", "Other end"],
  ["country", "Country"],
  ["service", "Service"],
  ["evidence", "Known by"],
  ["bytes", "Up"],
] as const;

export const RecordRows = memo(function RecordRows({ entries, hrefOf }: RecordRowsProps) {
  const times = useTimes();
  const timeOf = ({ record }: RecordEntry) => Date.parse(record["@timestamp"]);
  const days = [...Map.groupBy(entries, (entry) => times.calendarDay(timeOf(entry)))];
  return days.map(([day, ofDay]) => (
    <table key={day} class="records">
      <caption>{times.weekday(timeOf(ofDay[0]))} {day.slice(0, 4)}</caption>
      <colgroup>
        {COLUMNS.map(([name]) => <col key={name} class={`col-${name}`} />)}
        <col class="col-bytes" />
      </colgroup>
      <thead>
        <tr>
          {[...COLUMNS.map(([, head]) => head), "Down"].map((head) => (
            <th key={head} scope="col">
              <span class="unseen">{head}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ofDay.map((entry) => <RecordRow key={entry.id} entry={entry} href={hrefOf(entry)} />)}
      </tbody>
    </table>
  ));
}, ({ entries }, next) => entries === next.entries);

function RecordRow({ entry: { record }, href }: { entry: RecordEntry; href: string }) {
  const times = useTimes();
  const time = times.seconds(Date.parse(record["@timestamp"]));
  if (isGap(record)) {
    const { reason, count } = record.wifilogger.gap;
    return (
      <tr class="gap">
        <td class="r-time">
          <a href={href}>{time}</a>
        </td>
        <td colSpan={7} class="r-gap">
          Gap: {gapText(reason)}
          {count !== undefined && `, ${countText(count)}`}
        </td>
      </tr>
    );
  }
  const row = flowRow(record);
  return (
    <tr>
      <td class="r-time">
        <a href={href}>{time}</a>
      </td>
      <td class="r-device" title={row.device}>{row.device}</td>
      <td class="r-other" title={row.other}>
        <span class="r-arrow" aria-hidden="true">{row.isInbound ? "←" : "→"}</span>
        <span class="unseen">{row.isInbound ? "called by" : "to"}</span>
        <span class={row.isNamed ? undefined : "address"}>
          {row.other}
          {row.merged !== undefined && `, ${countText(row.merged)} flows`}
        </span>
      </td>
      <td class="r-country" title={row.country && countryName(row.country)}>{row.country}</td>
      <td class="r-service">{row.service}</td>
      <td class="r-evidence">{evidenceText(row.evidence)}</td>
      <td class="r-bytes">
        <span aria-hidden="true">↑</span> {bytesText(row.upBytes)}
      </td>
      <td class="r-bytes">
        <span aria-hidden="true">↓</span> {bytesText(row.downBytes)}
      </td>
    </tr>
  );
}
