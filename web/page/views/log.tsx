/** The records themselves: searched, scrolled through over years, followed as they come. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { RecordEntry } from "../../api/answers.ts";
import { PageHead } from "../parts/page_head.tsx";
import { RecordDrawer } from "../parts/record_drawer.tsx";
import { RecordRows } from "../parts/record_rows.tsx";
import {
  addressText,
  filtersOf,
  queryText,
  type Question,
  recordsQuestion,
} from "../question/address.ts";
import { LOG_PRESETS } from "../question/period.ts";
import { parseSearch, searchText } from "../question/search.ts";
import { go } from "../reach/navigation.ts";
import { useTimes } from "../reach/times.ts";
import { useLive } from "../reach/use_live.ts";
import { useRecords } from "../reach/use_records.ts";
import { countOf, countText } from "../text/figures.ts";
import type { ViewProps } from "./view_props.ts";

/** Followed records that are kept on the page. */
const MAX_FRESH = 300;

export function LogView({ address }: ViewProps) {
  const { question } = address;
  const asked = recordsQuestion(question);
  const query = queryText(asked);
  const { pages, state, searchedTo, period, problem, faults, foreign, more } = useRecords(query);
  const isFollowing = question.follow === "on";
  const hrefOf = ({ id }: RecordEntry) =>
    addressText({ view: "log", question: { ...question, record: id } });
  return (
    <>
      <PageHead
        title="Log"
        address={address}
        presets={LOG_PRESETS}
        period={period}
        isLoading={state === "loading"}
        withoutFilters
      >
        <button
          type="button"
          class="follow"
          aria-pressed={isFollowing}
          onClick={() =>
            go(
              addressText({
                view: "log",
                question: { ...question, follow: isFollowing ? undefined : "on" },
              }),
              { replace: true },
            )}
        >
          <span class="dot" aria-hidden="true" /> Follow
        </button>
      </PageHead>
      <SearchBox question={question} />
      <section class="card log" aria-label="Records">
        {isFollowing && <Fresh key={query} question={question} hrefOf={hrefOf} />}
        {pages.map((entries) => (
          <RecordRows key={entries[0]?.id} entries={entries} hrefOf={hrefOf} />
        ))}
        {/* Before there are rows it is another one, so that nothing is pushed down. */}
        <LogEnd
          key={String(pages.length === 0)}
          {...{ state, searchedTo, problem, more }}
          isEmpty={pages.length === 0}
        />
      </section>
      {foreign > 0 && <p class="dim">{countOf(foreign, "line")} of other programs are left out.</p>}
      {faults.map((fault) => <p key={fault} class="problem" role="alert">{fault}</p>)}
      {question.record !== undefined && (
        <RecordDrawer
          id={question.record}
          hrefOf={(id) => addressText({ view: "log", question: { ...question, record: id } })}
          closeHref={addressText({ view: "log", question: { ...question, record: undefined } })}
        />
      )}
    </>
  );
}

function SearchBox({ question }: { question: Question }) {
  const typed = searchText(question);
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) field.current.value = typed;
  }, [typed]);
  const search = (event: Event) => {
    event.preventDefault();
    const found = parseSearch(field.current!.value);
    if ("problem" in found) return setProblem(found.problem);
    setProblem(undefined);
    const cleared = Object.fromEntries(
      Object.keys(filtersOf(question)).map((word) => [word, undefined]),
    );
    go(addressText({ view: "log", question: { ...question, ...cleared, ...found.filters } }));
  };
  return (
    <search>
      <form class="search" onSubmit={search}>
        <label for="search">Search</label>
        <input
          id="search"
          type="search"
          ref={field}
          defaultValue={typed}
          placeholder="a name, or device:tv country:DE port:443"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          aria-describedby="search-help search-problem"
        />
        <button type="submit" class="main">Search</button>
      </form>
      <p class="hint" id="search-help">
        Words as on the command line: device name site country owner port protocol direction
        evidence
      </p>
      <p class="problem" role="alert" id="search-problem">{problem}</p>
    </search>
  );
}

interface LogEndProps {
  readonly state: "loading" | "waiting" | "ended" | "failed";
  readonly searchedTo?: string;
  readonly problem?: string;
  readonly more: () => void;
  readonly isEmpty: boolean;
}

/** Asks for more when it comes into sight; a button does the same. */
function LogEnd({ state, searchedTo, problem, more, isEmpty }: LogEndProps) {
  const times = useTimes();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state !== "waiting") return;
    const observer = new IntersectionObserver(
      ([{ isIntersecting }]) => isIntersecting && more(),
      { rootMargin: "800px" },
    );
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, [state, more]);
  const reached = searchedTo === undefined ? "" : times.moment(Date.parse(searchedTo));
  return (
    <div class="log-end" ref={place} aria-live="polite">
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      {state === "loading" && <p>Looking{reached && `, back to ${reached} so far`}…</p>}
      {(state === "waiting" || state === "failed") && (
        <button type="button" class="quiet" onClick={more}>
          {state === "failed" ? "Try again" : "Show older ones"}
        </button>
      )}
      {state === "ended" && (
        <p>{isEmpty ? "No record in this period." : "These are all of this period."}</p>
      )}
    </div>
  );
}

interface FreshProps {
  readonly question: Question;
  readonly hrefOf: (entry: RecordEntry) => string;
}

/** What comes while it is looked at, the newest first. */
function Fresh({ question, hrefOf }: FreshProps) {
  const [entries, setEntries] = useState<readonly RecordEntry[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [count, setCount] = useState(0);
  const filters = queryText(filtersOf(question));
  useLive(["flows=0&records=on", filters].filter(Boolean).join("&"), {
    record: (entry) => {
      setEntries((before) => [entry, ...before].slice(0, MAX_FRESH));
      setCount((before) => before + 1);
    },
    skipped: (records) => setSkipped((before) => before + records),
  });
  return (
    <div class="fresh">
      <p class="hint" role="status">
        Following: {countOf(count, "record")} so far
        {skipped > 0 && `; ${countText(skipped)} more came than are shown`}
        {count > MAX_FRESH && `; the last ${MAX_FRESH} are shown`}
      </p>
      {entries.length > 0 && <RecordRows entries={entries} hrefOf={hrefOf} />}
    </div>
  );
}
