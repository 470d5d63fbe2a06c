/** One site: who opens it, under which names, when, where it is. */

import type { OverviewAnswer } from "../../api/answers.ts";
import { BarTable } from "../parts/bar_table.tsx";
import { Card } from "../parts/card.tsx";
import { NotesList } from "../parts/notes.tsx";
import { PageHead } from "../parts/page_head.tsx";
import { Totals } from "../parts/totals.tsx";
import { splitOf, TrafficCard } from "../parts/traffic_card.tsx";
import { WeekCard } from "../parts/week_card.tsx";
import {
  addressText,
  type Filter,
  periodOf,
  queryText,
  recordsQuestion,
} from "../question/address.ts";
import { linesQuestion } from "../question/period.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { evidenceText } from "../text/words.ts";
import type { ViewProps } from "./view_props.ts";

const ROWS = 10;

export function SiteView({ address }: ViewProps) {
  const { subject, question } = address;
  const asked = { ...recordsQuestion(question), site: subject };
  const period = periodOf(question);
  const split = splitOf(question, "device");
  const parts = "parts=timeline,week,device,name,country,owner,port";
  const { answer, isLoading, problem } = useAnswer<OverviewAnswer>(
    `overview?${queryText(asked)}&${parts}&series=${split}&top=7&limit=${ROWS}`,
  );
  const behind = linesQuestion(asked, answer);
  const part = (word: Filter, title: string, head: string, to?: "device") => (
    <Card title={title}>
      <BarTable
        caption={title}
        head={head}
        part={answer?.parts[word]}
        most={ROWS}
        totalBytes={answer?.total.bytes ?? 0}
        hrefOf={(row) =>
          to === "device"
            ? addressText({ view: "device", subject: String(row[word]), question: period })
            : undefined}
        linesOf={(row) =>
          addressText({ view: "log", question: { ...behind, [word]: String(row[word]) } })}
      />
    </Card>
  );
  return (
    <>
      <PageHead
        kind="Site"
        title={subject}
        address={address}
        period={answer}
        isLoading={isLoading}
      />
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <Totals answer={answer} linesHref={addressText({ view: "log", question: behind })} />
      <TrafficCard
        address={address}
        asked={asked}
        split={split}
        timeline={answer?.timeline}
        until={answer?.until}
      />
      <div class="columns">
        {part("device", "Devices that open it", "Device", "device")}
        {part("name", "Its names", "Name")}
        {part("country", "Where it is", "Country")}
        {part("owner", "Whose networks", "Owner")}
      </div>
      <WeekCard week={answer?.week} />
      {answer !== undefined && answer.evidence.length > 0 && (
        <p class="dim">
          Its names were known by{" "}
          {answer.evidence.map(({ evidence }) => evidenceText(String(evidence))).join(", ")}.
        </p>
      )}
      <NotesList notes={answer?.notes} gaps={answer?.gaps} />
    </>
  );
}
