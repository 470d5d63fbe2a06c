/** What was not there before, and what the owner knows of it. */

import { useState } from "preact/hooks";
import type { KnownAnswer, NewsAnswer, NewsRow } from "../../api/answers.ts";
import { Card } from "../parts/card.tsx";
import { KnownButton } from "../parts/known_button.tsx";
import { hrefOfNews } from "../parts/news_list.tsx";
import { PageHead } from "../parts/page_head.tsx";
import { addressText, queryText } from "../question/address.ts";
import { change } from "../reach/api.ts";
import { nowMs } from "../reach/clock.ts";
import { useTimes } from "../reach/times.ts";
import { forgetAnswers, useAnswer } from "../reach/use_answer.ts";
import { bytesText, countOf, countText } from "../text/figures.ts";
import { evidenceText, kindText } from "../text/words.ts";
import type { ViewProps } from "./view_props.ts";

const TITLES: Readonly<Record<NewsRow["weight"], string>> = {
  weighty: "Worth a look",
  plain: "New",
  small: "Small things",
};
const WEIGHTS = ["weighty", "plain", "small"] as const;
const ROWS = 40;

export function NewsView({ address, session }: ViewProps) {
  const { since = "7d", until, device } = address.question;
  const query = queryText({ since, until, device });
  const { answer, isLoading, problem, again } = useAnswer<NewsAnswer>(`news?${query}`);
  const known = useAnswer<KnownAnswer>("known");
  const [done, setDone] = useState<ReadonlySet<NewsRow>>(new Set());
  const sets = (item: NewsRow) => (isKnown: boolean) => {
    const items = new Set(done);
    if (isKnown) items.add(item);
    else items.delete(item);
    setDone(items);
    known.again();
  };
  const period = answer && {
    since: answer.since,
    until: answer.until ?? new Date(nowMs()).toISOString(),
  };
  return (
    <>
      <PageHead
        title="New"
        address={address}
        period={period}
        isLoading={isLoading}
        withoutFilters
      >
        {session.may_change && answer !== undefined && answer.items.length > 0 && (
          <AllKnown
            since={since}
            count={answer.items.length + answer.more}
            onDone={() => {
              again();
              known.again();
            }}
          />
        )}
      </PageHead>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      {answer?.items.length === 0 && <p class="empty">Nothing new.</p>}
      {WEIGHTS.map((weight) => (
        <NewsCard
          key={weight}
          weight={weight}
          items={answer?.items.filter((item) => item.weight === weight) ?? []}
          count={answer?.counts[weight] ?? 0}
          mayChange={session.may_change}
          done={done}
          sets={sets}
        />
      ))}
      <Known marks={known.answer?.marks} mayChange={session.may_change} again={known.again} />
    </>
  );
}

interface NewsCardProps {
  readonly weight: NewsRow["weight"];
  readonly items: readonly NewsRow[];
  readonly count: number;
  readonly mayChange: boolean;
  readonly done: ReadonlySet<NewsRow>;
  readonly sets: (item: NewsRow) => (isKnown: boolean) => void;
}

function NewsCard({ weight, items, count, mayChange, done, sets }: NewsCardProps) {
  const times = useTimes();
  const [shown, setShown] = useState(ROWS);
  if (items.length === 0) return null;
  return (
    <Card
      title={TITLES[weight]}
      class={`news ${weight}`}
      beside={<span class="dim">{countText(count)}</span>}
    >
      <table class="wide-table stacked">
        <thead>
          <tr>
            <th scope="col" class="text">What</th>
            <th scope="col" class="text">Device</th>
            <th scope="col" class="text less">Kind</th>
            <th scope="col" class="text">Since</th>
            <th scope="col" class="text less">Known by</th>
            <th scope="col">Bytes</th>
            {mayChange && <th scope="col" class="text">Known</th>}
          </tr>
        </thead>
        <tbody>
          {items.slice(0, shown).map((item, i) => (
            <tr key={i} class={done.has(item) ? "done" : undefined}>
              <th scope="row" class="text">
                {item.label}
                {item.note !== undefined && <span class="under">{item.note}</span>}
                <span class="under more-only">{kindText(item.kind)}</span>
              </th>
              <td class="text c-who">
                {item.device === undefined
                  ? "all"
                  : (
                    <a href={addressText({ view: "device", subject: item.mac ?? item.device })}>
                      {item.device}
                    </a>
                  )}
              </td>
              <td class="text less">{kindText(item.kind)}</td>
              <td class="text c-when">{times.moment(Date.parse(item.first))}</td>
              <td class="text less">{evidenceText(item.evidence)}</td>
              <td class="c-bytes">
                <a href={hrefOfNews(item)} title={item.command}>{bytesText(item.bytes)}</a>
              </td>
              {mayChange && (
                <td class="text c-known">
                  <KnownButton
                    mark={item.mark}
                    what={item.label}
                    isKnown={done.has(item)}
                    onChanged={sets(item)}
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > shown && (
        <button
          type="button"
          class="quiet"
          onClick={() => setShown(shown + 200)}
        >
          Show {countText(Math.min(200, items.length - shown))} more
        </button>
      )}
    </Card>
  );
}

interface AllKnownProps {
  readonly since: string;
  readonly count: number;
  readonly onDone: () => void;
}

/** Asked twice: it cannot be taken back at once. */
function AllKnown({ since, count, onDone }: AllKnownProps) {
  const [isSure, setIsSure] = useState(false);
  const [problem, setProblem] = useState<string>();
  const mark = async () => {
    try {
      await change("known/add", { all: true, since });
      forgetAnswers();
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
    setIsSure(false);
  };
  return (
    <span class="all-known">
      {isSure
        ? (
          <>
            <button type="button" class="main" onClick={mark}>
              Yes, {countOf(count, "thing")} are known
            </button>
            <button type="button" class="quiet" onClick={() => setIsSure(false)}>No</button>
          </>
        )
        : (
          <button type="button" class="quiet" onClick={() => setIsSure(true)}>
            All of it is known
          </button>
        )}
      <span role="alert" class="problem">{problem}</span>
    </span>
  );
}

interface KnownProps {
  readonly marks?: KnownAnswer["marks"];
  readonly mayChange: boolean;
  readonly again: () => void;
}

function Known({ marks, mayChange, again }: KnownProps) {
  if (marks === undefined || marks.length === 0) return null;
  return (
    <Card title="Known" beside={<span class="dim">{countText(marks.length)}</span>}>
      <details>
        <summary>What is not told again</summary>
        <table class="wide-table">
          <thead>
            <tr>
              <th scope="col" class="text">What</th>
              <th scope="col" class="text">Kind</th>
              <th scope="col" class="text">Device</th>
              {mayChange && <th scope="col" class="text">Known</th>}
            </tr>
          </thead>
          <tbody>
            {marks.map(({ label, device_label, ...mark }) => (
              <tr key={JSON.stringify(mark)}>
                <th scope="row" class="text">{label}</th>
                <td class="text">{kindText(mark.kind)}</td>
                <td class="text">{device_label ?? mark.device ?? "any"}</td>
                {mayChange && (
                  <td class="text">
                    <KnownButton mark={mark} what={label} isKnown onChanged={again} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Card>
  );
}
