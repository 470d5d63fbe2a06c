/** Routes to what is new in the household, and to what its owner knows of it. */

import { householdNews } from "../../news/household_news.ts";
import { withMarks, withoutMarks } from "../../news/owner/owner_changes.ts";
import { type KnownMark, markOf } from "../../news/owner/owner_file.ts";
import { markFields, marksCsv } from "../../news/render/marks_text.ts";
import { newsCsv, newsFields } from "../../news/render/news_text.ts";
import {
  countryName,
  NEWS_KINDS,
  type NewsItem,
  recordsBehind,
  serviceName,
  WEIGHTS,
  whatText,
} from "../../news/rules/news_item.ts";
import { readFilter, readMoment } from "../../report/question/written_question.ts";
import type { ChangedAnswer, KnownAnswer, Mark, NewsAnswer, NewsRow } from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";
import type { Desk } from "./desk.ts";
import { NO_PREFIX, type QueryWords } from "./query_words.ts";
import {
  type Asked,
  csv,
  json,
  limitParameter,
  objectOf,
  PERIOD,
  type Route,
  timeOrNull,
} from "./route.ts";

const WEEK_MS = 7 * 24 * 3600e3;
const MAX_NEWS = 5_000;
/** Marks that one request may bring. */
const MAX_MARKS = 1_000;

export const NEWS_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "news",
    about: "what was not there before, the weightiest first",
    parameters: [
      ...PERIOD,
      { name: "device", about: "the device's name, address or MAC address" },
      limitParameter("items", MAX_NEWS),
    ],
    answer: "NewsAnswer",
    formats: ["csv"],
    run: news,
  },
  {
    method: "GET",
    path: "known",
    about: "what the owner has marked as known",
    parameters: [],
    answer: "KnownAnswer",
    formats: ["csv"],
    run: known,
  },
  {
    method: "POST",
    path: "known/add",
    about: "marks things as known, or all that is new",
    parameters: [],
    body: "AddMarksBody",
    answer: "ChangedAnswer",
    run: addMarks,
  },
  {
    method: "POST",
    path: "known/remove",
    about: "takes marks away, or all of them",
    parameters: [],
    body: "RemoveMarksBody",
    answer: "ChangedAnswer",
    run: removeMarks,
  },
];

async function news({ words, desk }: Asked): Promise<Response> {
  const nowMs = desk.clock.wallMs();
  const { billingDay } = desk.settings;
  const limit = words.number("limit", { otherwise: 500, most: MAX_NEWS });
  const filter = readFilter(words, { nowMs, billingDay, prefix: NO_PREFIX });
  const { sinceMs = nowMs - WEEK_MS, untilMs = Infinity, device } = filter;
  const { ledger, faults } = await desk.ledger();
  const found = householdNews(ledger, await desk.owner(), desk.settings, {
    sinceMs,
    untilMs,
    nowMs,
    device,
  });
  if (words.value("format") === "csv") return csv(newsCsv(found), "news");
  const { entries, devices, otherBytes } = ledger.forgotten;
  const counts = Object.fromEntries(
    WEIGHTS.map((weight) => [weight, found.filter((item) => item.weight === weight).length]),
  ) as NewsAnswer["counts"];
  const body: NewsAnswer = {
    since: new Date(sinceMs).toISOString(),
    until: timeOrNull(untilMs),
    items: found.slice(0, limit).map(newsRow),
    counts,
    more: Math.max(0, found.length - limit),
    forgotten: { entries, devices, other_bytes: otherBytes },
    faults: faults.map(({ message }) => message),
  };
  return json(body);
}

function newsRow(item: NewsItem): NewsRow {
  return {
    ...newsFields(item),
    label: whatText(item),
    mark: markOf(item),
    behind: recordsBehind(item),
  };
}

async function known({ words, desk }: Asked): Promise<Response> {
  const { devices } = await desk.devices();
  const marks = (await desk.owner()).known;
  if (words.value("format") === "csv") return csv(marksCsv(marks, devices), "known");
  const body: KnownAnswer = {
    marks: marks.map((mark) => {
      const { device: deviceLabel } = markFields(mark, devices);
      return {
        ...mark,
        label: markLabel(mark, deviceLabel),
        ...(mark.device !== undefined && { device_label: deviceLabel }),
      };
    }),
  };
  return json(body);
}

function markLabel({ kind, what }: KnownMark, deviceLabel: string | undefined): string {
  if (what === undefined) return deviceLabel ?? "";
  return kind === "country" ? countryName(what) : kind === "service" ? serviceName(what) : what;
}

async function addMarks({ desk, body }: Asked): Promise<Response> {
  const asked = objectOf(await body());
  const { ledger } = await desk.ledger();
  const changed = await desk.changeOwner((words) => {
    const marks = asked.all === true
      ? marksOfNews(ledger, words, desk, sinceOf(asked, desk))
      : marksIn(asked);
    const { words: marked, changed } = withMarks(words, marks);
    return Promise.resolve({ words: marked, result: changed });
  });
  return json({ changed } satisfies ChangedAnswer);
}

async function removeMarks({ desk, body }: Asked): Promise<Response> {
  const asked = objectOf(await body());
  const marks = asked.all === true ? "all" : marksIn(asked);
  const changed = await desk.changeOwner((words) => {
    const { words: left, changed } = withoutMarks(words, marks);
    return Promise.resolve({ words: left, result: changed });
  });
  return json({ changed } satisfies ChangedAnswer);
}

function marksOfNews(
  ledger: Parameters<typeof householdNews>[0],
  words: Parameters<typeof householdNews>[1],
  desk: Desk,
  sinceMs: number,
): KnownMark[] {
  const nowMs = desk.clock.wallMs();
  const span = { sinceMs, untilMs: Infinity, nowMs };
  return householdNews(ledger, words, desk.settings, span).filter(({ kind }) => kind !== "limit")
    .map(markOf);
}

/** @throws {HttpFault} @throws {WrongWord} */
function sinceOf({ since }: Record<string, unknown>, desk: Desk): number {
  const nowMs = desk.clock.wallMs();
  if (since === undefined) return nowMs - WEEK_MS;
  if (typeof since !== "string") throw new HttpFault(400, "since must be a text, such as 7d");
  const words: Pick<QueryWords, "value" | "values"> = { value: () => since, values: () => [since] };
  const { billingDay } = desk.settings;
  return readMoment(words, "since", { nowMs, billingDay, prefix: NO_PREFIX, isEnd: false })!;
}

/** @throws {HttpFault} */
function marksIn({ marks }: Record<string, unknown>): KnownMark[] {
  if (!Array.isArray(marks) || marks.length === 0 || marks.length > MAX_MARKS) {
    throw new HttpFault(400, `marks must be a list of 1 to ${MAX_MARKS} marks, or all be true`);
  }
  return marks.map((mark): KnownMark => {
    const { kind, what, device } = objectOf(mark) as Partial<Mark>;
    const isText = (text: unknown) =>
      text === undefined || typeof text === "string" && text.length > 0 && text.length <= 300;
    const isWhole = kind === "device" ? device !== undefined : what !== undefined;
    if (!NEWS_KINDS.some((one) => one === kind) || !isText(what) || !isText(device) || !isWhole) {
      throw new HttpFault(
        400,
        `a mark needs kind, one of ${NEWS_KINDS.join(", ")}, and what, or of a device device`,
      );
    }
    return {
      kind: kind!,
      ...(what !== undefined && { what }),
      ...(device !== undefined && { device }),
    };
  });
}
