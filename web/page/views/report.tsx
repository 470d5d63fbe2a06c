/** The answer to any question, to be read on its own: without links, and nothing in it moves. */

import type { Report } from "../documents.ts";
import { BarTable } from "../parts/bar_table.tsx";
import { Card } from "../parts/card.tsx";
import { chartData } from "../parts/chart_data.ts";
import { MapKey, MapPicture } from "../parts/map_picture.tsx";
import { NotesList } from "../parts/notes.tsx";
import { StillChart } from "../parts/still_chart.tsx";
import { Totals } from "../parts/totals.tsx";
import { ChartKey, StepsTable } from "../parts/chart_table.tsx";
import type { WorldMap } from "../parts/world_map_file.ts";
import { useTimes } from "../reach/times.ts";
import { evidenceText } from "../text/words.ts";

export interface ReportViewProps extends Report {
  readonly map: WorldMap;
}

export function ReportView({ answer, timeline, map }: ReportViewProps) {
  const times = useTimes();
  const { by, rows, more, total, evidence, notes, gaps } = answer;
  const untilMs = Date.parse(answer.until);
  const data = chartData(timeline, untilMs);
  const what = timeline.by === null ? "" : ` by ${timeline.by}`;
  const subject = by.join(" and ");
  return (
    <>
      <div class="page-head">
        <div class="page-title">
          <p class="kind">Traffic</p>
          <h1>{times.range(Date.parse(answer.since), untilMs)}</h1>
        </div>
      </div>
      <Totals answer={answer} />
      {data.sums.length > 0 && (
        <Card title={`Traffic over time${what}`} class="traffic">
          <StillChart data={data} label={`Traffic over time${what}; a table follows`} />
          <ChartKey data={data} />
          <details class="chart-table">
            <summary>As a table</summary>
            <StepsTable data={data} />
          </details>
        </Card>
      )}
      {by.length === 1 && by[0] === "country" && (
        <Card title="Countries" class="countries">
          <div class="map-room">
            <MapPicture map={map} rows={rows} totalBytes={total.bytes} />
          </div>
          <MapKey />
        </Card>
      )}
      {by.length > 0 && (
        <Card title={`By ${subject}`}>
          <BarTable
            caption={`Bytes by ${subject}`}
            head={subject[0].toUpperCase() + subject.slice(1)}
            part={{ rows, more }}
            most={rows.length}
            totalBytes={total.bytes}
            isFull
          />
        </Card>
      )}
      <Card title="How names were known">
        <BarTable
          caption="Bytes by what a name was known by"
          head="By"
          part={{
            rows: evidence.map((row) => ({ ...row, label: evidenceText(String(row.evidence)) })),
            more: { rows: 0, bytes: 0 },
          }}
          most={evidence.length}
          totalBytes={total.bytes}
        />
      </Card>
      <NotesList notes={notes} gaps={gaps} />
    </>
  );
}
