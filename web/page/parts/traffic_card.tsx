/** Traffic over time with its key and its table. */

import { useMemo, useState } from "preact/hooks";
import type { Timeline } from "../../api/answers.ts";
import { type Address, addressText, type Question, recordsQuestion } from "../question/address.ts";
import { exactPeriod } from "../question/period.ts";
import { go } from "../reach/navigation.ts";
import { Card } from "./card.tsx";
import { CHART_SPLITS, type ChartData, chartData, type ChartGroup } from "./chart_data.ts";
import { ChartKey, StepsTable } from "./chart_table.tsx";
import { TimeChart } from "./time_chart.tsx";

/** By what the chart can be split, or not at all. */
export const SPLITS = [...CHART_SPLITS, "none"] as const;
export type Split = (typeof SPLITS)[number];

export interface TrafficCardProps {
  readonly address: Address;
  /** The period, the filters: what the page asks. */
  readonly asked: Question;
  readonly split: Split;
  readonly timeline?: Timeline;
  /** The end of the period, RFC 3339. */
  readonly until?: string;
}

/** @returns by what the address splits the chart */
export function splitOf({ by }: Question, otherwise: Split): Split {
  return SPLITS.find((split) => split === by) ?? otherwise;
}

export function TrafficCard({ address, asked, split, timeline, until }: TrafficCardProps) {
  const data = useMemo(
    () => timeline && until ? chartData(timeline, Date.parse(until)) : undefined,
    [timeline, until],
  );
  const chooseSplit = (by: string) =>
    go(addressText({ ...address, question: { ...address.question, by } }), { replace: true });
  const choosePeriod = (sinceMs: number, untilMs: number) =>
    go(addressText({
      ...address,
      question: { ...address.question, ...exactPeriod(sinceMs, untilMs) },
    }));
  return (
    <Card
      title="Traffic over time"
      class="traffic"
      beside={
        <label class="split">
          split by{" "}
          <select
            value={split}
            onChange={({ currentTarget }) => chooseSplit(currentTarget.value)}
          >
            {SPLITS.map((one) => (
              <option key={one} value={one}>{one === "none" ? "nothing" : one}</option>
            ))}
          </select>
        </label>
      }
    >
      {data === undefined ? <div class="plot-room" /> : (
        <>
          <TimeChart
            data={data}
            label={`Traffic over time${split === "none" ? "" : ` by ${split}`}`}
            onChoose={choosePeriod}
          />
          <ChartKey data={data} hrefOf={(group) => hrefOfGroup(group, split, asked)} />
          <ChartTable data={data} asked={asked} />
        </>
      )}
    </Card>
  );
}

function hrefOfGroup({ value }: ChartGroup, split: Split, asked: Question): string | undefined {
  if (value === undefined || split === "none") return undefined;
  const period = { since: asked.since, until: asked.until };
  if (split === "device" || split === "site") {
    return addressText({ view: split, subject: value, question: period });
  }
  return addressText({ view: "overview", question: { ...asked, [split]: value } });
}

/** The same in figures; its rows are made when it is opened. */
function ChartTable({ data, asked }: { data: ChartData; asked: Question }) {
  const [isOpen, setIsOpen] = useState(false);
  const hrefOf = (step: number) =>
    addressText({
      view: "log",
      question: {
        ...recordsQuestion(asked),
        ...exactPeriod(data.bounds[step], data.bounds[step + 1]),
      },
    });
  return (
    <details
      class="chart-table"
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary>As a table</summary>
      {isOpen && <StepsTable data={data} hrefOf={hrefOf} />}
    </details>
  );
}
