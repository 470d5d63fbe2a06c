/** Routes that sum: how much, by what, over which time. */

import { bytesOf } from "../../report/facts/fact.ts";
import { type Answer, ask, askTogether } from "../../report/question/answer.ts";
import {
  type Dimension,
  DIMENSIONS,
  TIME_DIMENSIONS,
} from "../../report/question/dimension_words.ts";
import { readQuestion, WrongWord } from "../../report/question/written_question.ts";
import { answerCsv, answerFields, rowFields } from "../../report/render/answer_json.ts";
import {
  TIME_STEPS,
  timelineFields,
  timeStepFor,
  weekFields,
} from "../../report/render/timeline.ts";
import { csvText } from "../../record/csv_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import type {
  CountriesAnswer,
  OverviewAnswer,
  Part,
  ReportAnswer,
  Row,
  Timeline,
  TimelineAnswer,
} from "../api/answers.ts";
import { withNews } from "./new_rows.ts";
import { NO_PREFIX, type QueryWords } from "./query_words.ts";
import {
  type Asked,
  BY,
  COMPARE,
  csv,
  FILTERS,
  json,
  limitParameter,
  type Parameter,
  PERIOD,
  type Route,
} from "./route.ts";

const MAX_ROWS = 10_000;
const MAX_PART_ROWS = 1_000;
const MAX_SERIES = 50;
/** There are not more. */
const ALL_COUNTRIES = 1_000;

const PART_WORDS = [
  "timeline",
  "week",
  ...DIMENSIONS.filter((word) => !TIME_DIMENSIONS.has(word)),
] as const;
type PartWord = (typeof PART_WORDS)[number];
const SERIES_WORDS = ["none", ...DIMENSIONS.filter((word) => !TIME_DIMENSIONS.has(word))] as const;

const TIMELINE: readonly Parameter[] = [
  { name: "step", about: "the step of the timeline", words: ["auto", ...TIME_STEPS] },
  { name: "series", about: "what its lines are by", words: SERIES_WORDS },
  {
    name: "top",
    about: `its lines at most, the others are summed; 1 to ${MAX_SERIES}`,
    isNumber: true,
  },
];

export const SUM_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "overview",
    about: "totals, a timeline and sums by several dimensions, in one reading of the log",
    parameters: [
      ...PERIOD,
      ...FILTERS,
      COMPARE,
      { name: "parts", about: "what is wanted", words: PART_WORDS, isList: true },
      limitParameter("rows of a part, but for countries", MAX_PART_ROWS),
      ...TIMELINE,
    ],
    answer: "OverviewAnswer",
    run: overview,
  },
  {
    method: "GET",
    path: "report",
    about: "sums by what is asked for, as `wifilogger report`",
    parameters: [...PERIOD, ...FILTERS, BY, COMPARE, limitParameter("rows", MAX_ROWS)],
    answer: "ReportAnswer",
    formats: ["csv"],
    run: report,
  },
  {
    method: "GET",
    path: "timeline",
    about: "bytes over time",
    parameters: [...PERIOD, ...FILTERS, ...TIMELINE],
    answer: "TimelineAnswer",
    formats: ["csv"],
    run: timeline,
  },
  {
    method: "GET",
    path: "countries",
    about: "sums by country",
    parameters: [...PERIOD, ...FILTERS, COMPARE],
    answer: "CountriesAnswer",
    formats: ["csv"],
    run: countries,
  },
];

async function report({ words, desk, request }: Asked): Promise<Response> {
  const maxRows = words.number("limit", { otherwise: 200, most: MAX_ROWS });
  const question = questionOf(words, desk, ["device"]);
  const answer = await withNews(
    await desk.question(
      request.signal,
      (goOn) => ask(desk.log, { ...question, progress: goOn }),
    ),
    desk,
  );
  if (words.value("format") === "csv") return csv(answerCsv(cut(answer, maxRows)), "report");
  const body: ReportAnswer = { ...fieldsOf(answer, maxRows), more: moreOf(answer, maxRows) };
  return json(body);
}

async function overview({ words, desk, request }: Asked): Promise<Response> {
  const maxRows = words.number("limit", { otherwise: 10, most: MAX_PART_ROWS });
  const parts = partsOf(words);
  const question = questionOf(words, desk, []);
  const dimensions = parts.filter((part) => part !== "timeline" && part !== "week");
  const groupings: Dimension[][] = dimensions.map((dimension) => [dimension]);
  const time = timelineOf(words, question.span);
  if (parts.includes("timeline")) groupings.push(time.by);
  const labelOf = await desk.deviceLabels();
  const found = await desk.question(
    request.signal,
    (goOn) =>
      askTogether(
        desk.log,
        {
          ...question,
          isByMonths: !parts.includes("week") &&
            isByMonths({ ...question, by: groupings.flat() }),
          progress: goOn,
        },
        [[], ...groupings],
      ),
  );
  const answers = await Promise.all(found.map((answer) => withNews(answer, desk)));
  const { rows: _rows, by: _by, ...common } = fieldsOf(answers[0], 0);
  const body: OverviewAnswer = {
    ...common,
    ...(parts.includes("timeline") && {
      timeline: timelineFieldsOf(answers.at(-1)!, time.top, desk.clock.wallMs(), labelOf),
    }),
    ...(parts.includes("week") && { week: weekFields(answers[0]) }),
    parts: Object.fromEntries(dimensions.map((dimension, i) => {
      const most = dimension === "country" ? ALL_COUNTRIES : maxRows;
      return [dimension, partOf(answers[i + 1], most, labelOf)];
    })),
  };
  return json(body);
}

async function timeline({ words, desk, request }: Asked): Promise<Response> {
  const question = { ...questionOf(words, desk, []), before: undefined };
  const { by, top } = timelineOf(words, question.span);
  const labelOf = await desk.deviceLabels();
  const answer = await desk.question(
    request.signal,
    (goOn) =>
      ask(desk.log, {
        ...question,
        by,
        isByMonths: isByMonths({ ...question, by }),
        progress: goOn,
      }),
  );
  const { since, until, notes } = fieldsOf(answer, 0);
  const lines = timelineFieldsOf(answer, top, desk.clock.wallMs(), labelOf);
  if (words.value("format") === "csv") return csv(timelineCsv(lines), "timeline");
  const body: TimelineAnswer = { since, until, ...lines, notes };
  return json(body);
}

function timelineCsv({ times, series, rest, by }: Timeline): string {
  const lines = [...series, ...(rest === undefined ? [] : [{ label: "other", ...rest }])];
  return csvText([
    ["time", by ?? "all", "up_bytes", "down_bytes"],
    ...lines.flatMap(({ label, up_bytes, down_bytes }) =>
      times.map((time, i) => [time, escapeText(label), up_bytes[i], down_bytes[i]])
    ),
  ]);
}

async function countries({ words, desk, request }: Asked): Promise<Response> {
  const question = { ...questionOf(words, desk, []), by: ["country"] as const };
  const answer = await withNews(
    await desk.question(
      request.signal,
      (goOn) => ask(desk.log, { ...question, progress: goOn }),
    ),
    desk,
  );
  if (words.value("format") === "csv") return csv(answerCsv(answer), "countries");
  const { since, until, before, total, notes } = fieldsOf(answer, 0);
  const body: CountriesAnswer = {
    since,
    until,
    ...(before && { before }),
    total,
    countries: answer.rows.map((row) => {
      const { country, ...sums } = rowFields(answer, row) as Row;
      return { country: String(country), name: row.groups[0].label, ...sums };
    }) as CountriesAnswer["countries"],
    notes,
  };
  return json(body);
}

function questionOf(words: QueryWords, desk: Asked["desk"], otherwise: readonly Dimension[]) {
  const question = readQuestion(words, {
    nowMs: desk.clock.wallMs(),
    billingDay: desk.settings.billingDay,
    prefix: NO_PREFIX,
    isCompared: words.oneOf("compare", ["on", "off"], "on") === "on",
    otherwise,
  });
  // The ledger tells what is new without reading every earlier day.
  return { ...question, tellsNew: false, isByMonths: isByMonths(question) };
}

/** Whether nothing shorter than a calendar month is asked by. */
function isByMonths({ by, billingDay }: Pick<Answer["question"], "by" | "billingDay">): boolean {
  return !by.includes("hour") && !by.includes("day") && (billingDay === 1 || !by.includes("month"));
}

/** @throws {WrongWord} */
function partsOf(words: QueryWords): PartWord[] {
  const wanted = words.list("parts");
  if (wanted.length === 0) return ["timeline", "device", "site", "country"];
  return [...new Set(wanted)].map((word) => {
    const part = PART_WORDS.find((one) => one === word);
    if (part !== undefined) return part;
    throw new WrongWord(`parts=${word} is not possible. Write some of: ${PART_WORDS.join(", ")}`);
  });
}

/** What a timeline is by, and how many lines it has. */
function timelineOf(
  words: QueryWords,
  span: Answer["question"]["span"],
): { readonly by: Dimension[]; readonly top: number } {
  const step = words.oneOf("step", ["auto", ...TIME_STEPS], "auto");
  const series = words.oneOf("series", SERIES_WORDS, "device");
  const time = step === "auto" ? timeStepFor(span) : step;
  return {
    by: series === "none" ? [time] : [time, series],
    top: words.number("top", { otherwise: 8, most: MAX_SERIES }),
  };
}

function timelineFieldsOf(
  answer: Answer,
  top: number,
  nowMs: number,
  labelOf: (label: string) => string,
): Timeline {
  const fields = timelineFields(answer, { nowMs, top });
  if (fields.by !== "device") return fields;
  const series = fields.series.map((line) => ({ ...line, label: labelOf(line.label) }));
  return { ...fields, series };
}

function partOf(answer: Answer, maxRows: number, labelOf: (label: string) => string): Part {
  const isOfDevices = answer.question.by[0] === "device";
  const rows = answer.rows.slice(0, maxRows).map((row) => ({
    ...rowFields(answer, row),
    label: isOfDevices ? labelOf(row.groups[0].label) : row.groups[0].label,
  })) as Part["rows"];
  return { rows, more: moreOf(answer, maxRows) };
}

function fieldsOf(answer: Answer, maxRows: number): Omit<ReportAnswer, "more"> {
  return answerFields(answer, { maxRows }) as Omit<ReportAnswer, "more">;
}

function moreOf({ rows }: Answer, maxRows: number) {
  const left = rows.slice(maxRows);
  return {
    rows: left.length,
    bytes: left.reduce((sum, { sums }) => sum + bytesOf(sums), 0),
  };
}

function cut(answer: Answer, maxRows: number): Answer {
  return { ...answer, rows: answer.rows.slice(0, maxRows) };
}
