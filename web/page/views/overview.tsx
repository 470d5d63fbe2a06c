/** What the network does, at a glance. */

import type { LabelledRow, NewsAnswer, OverviewAnswer } from "../../api/answers.ts";
import { BarTable } from "../parts/bar_table.tsx";
import { Card } from "../parts/card.tsx";
import { HealthCard } from "../parts/health_card.tsx";
import { MapCard } from "../parts/map_card.tsx";
import { NewsList } from "../parts/news_list.tsx";
import { NotesList } from "../parts/notes.tsx";
import { PageHead } from "../parts/page_head.tsx";
import { Totals } from "../parts/totals.tsx";
import { splitOf, TrafficCard } from "../parts/traffic_card.tsx";
import { linesQuestion } from "../question/period.ts";
import { addressText, periodOf, queryText, recordsQuestion } from "../question/address.ts";
import { useAnswer } from "../reach/use_answer.ts";
import type { ViewProps } from "./view_props.ts";

const EVERY_MS = 60_000;
const ROWS = 8;
const NEWS_ROWS = 8;

export function OverviewView({ address }: ViewProps) {
  const asked = recordsQuestion(address.question);
  const period = periodOf(address.question);
  const split = splitOf(address.question, "device");
  const parts = "parts=timeline,device,site,country,owner";
  const query = [queryText(asked), parts, `series=${split}`, "top=7", `limit=${ROWS}`];
  const { answer, isLoading, problem } = useAnswer<OverviewAnswer>(
    `overview?${query.filter(Boolean).join("&")}`,
    { everyMs: EVERY_MS },
  );
  const { answer: news } = useAnswer<NewsAnswer>(`news?since=7d&limit=${NEWS_ROWS}`);
  const behind = linesQuestion(asked, answer);
  const linesHref = addressText({ view: "log", question: behind });
  const totalBytes = answer?.total.bytes ?? 0;
  const linesBy = (word: "device" | "site" | "owner") => (row: LabelledRow) =>
    addressText({ view: "log", question: { ...behind, [word]: String(row[word]) } });
  const isNarrowed = Object.keys(asked).length > Object.keys(period).length;
  return (
    <>
      <PageHead
        title={isNarrowed ? "Overview, narrowed" : "Overview"}
        address={address}
        period={answer}
        isLoading={isLoading}
      />
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <Totals answer={answer} linesHref={linesHref} />
      <TrafficCard
        address={address}
        asked={asked}
        split={split}
        timeline={answer?.timeline}
        until={answer?.until}
      />
      <div class="columns">
        <Card
          title="Top devices"
          more={{ href: addressText({ view: "devices" }), label: "All devices" }}
        >
          <BarTable
            caption="Devices by bytes"
            head="Device"
            part={answer?.parts.device}
            most={ROWS}
            totalBytes={totalBytes}
            hrefOf={({ device }) =>
              addressText({ view: "device", subject: String(device), question: period })}
            linesOf={linesBy("device")}
          />
        </Card>
        <Card title="Top sites">
          <BarTable
            caption="Sites by bytes"
            head="Site"
            part={answer?.parts.site}
            most={ROWS}
            totalBytes={totalBytes}
            hrefOf={({ site }) =>
              addressText({ view: "site", subject: String(site), question: period })}
            linesOf={linesBy("site")}
          />
        </Card>
      </div>
      <MapCard
        address={address}
        behind={behind}
        part={answer?.parts.country}
        totalBytes={totalBytes}
      />
      <div class="columns">
        <Card title="New in seven days" more={{ href: "/new", label: "All that is new" }}>
          <NewsList items={news?.items} counts={news?.counts} />
        </Card>
        <Card title="Network owners">
          <BarTable
            caption="Network owners by bytes"
            head="Owner"
            part={answer?.parts.owner}
            most={ROWS}
            totalBytes={totalBytes}
            hrefOf={({ owner }) =>
              addressText({
                view: "overview",
                question: { ...address.question, owner: String(owner) },
              })}
            linesOf={linesBy("owner")}
          />
        </Card>
      </div>
      <HealthCard gaps={answer?.gaps} />
      <NotesList notes={answer?.notes} gaps={answer?.gaps} />
    </>
  );
}
