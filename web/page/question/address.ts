/** What is looked at, as it stands in the address: a page, what it is about, and the question. */

/** The pages. */
export type View =
  | "overview"
  | "devices"
  | "device"
  | "site"
  | "log"
  | "new"
  | "settings"
  | "login"
  | "unknown";

/** The words that choose records, as the command line has them. */
export const FILTERS = [
  "device",
  "name",
  "site",
  "country",
  "owner",
  "port",
  "protocol",
  "direction",
  "evidence",
] as const;
export type Filter = (typeof FILTERS)[number];

/** The words of a question: its period, its filters, by what a chart is split, whether what comes is followed, the open record. */
export const QUESTION_WORDS = ["since", "until", ...FILTERS, "by", "follow", "record"] as const;
export type QuestionWord = (typeof QUESTION_WORDS)[number];
export type Question = Readonly<Partial<Record<QuestionWord, string>>>;

export interface Address {
  readonly view: View;
  /** The device or the site that the page is about; otherwise empty. */
  readonly subject: string;
  readonly question: Question;
}

/** Pages about one thing have its name behind the page's. */
const ABOUT_ONE: ReadonlySet<string> = new Set(["device", "site"]);
const WITHOUT_SUBJECT: ReadonlySet<string> = new Set([
  "devices",
  "log",
  "new",
  "settings",
  "login",
]);

/** Reads the path and the query of an address, such as `/device/tv?since=30d`. Words that nobody knows are left out. */
export function parseAddress(text: string): Address {
  const url = new URL(text, "http://page.invalid");
  const question = Object.fromEntries(
    QUESTION_WORDS.map((word) => [word, url.searchParams.get(word) ?? ""])
      .filter(([, value]) => value !== ""),
  );
  return { ...parsePath(url.pathname), question };
}

function parsePath(path: string): Pick<Address, "view" | "subject"> {
  const [, first, rest] = /^\/([^/]*)(?:\/(.+))?$/.exec(path) ?? [];
  if (first === "") return { view: "overview", subject: "" };
  if (ABOUT_ONE.has(first) && rest !== undefined) {
    return { view: first as View, subject: decoded(rest) };
  }
  if (WITHOUT_SUBJECT.has(first) && rest === undefined) return { view: first as View, subject: "" };
  return { view: "unknown", subject: "" };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that somebody typed
  }
}

/** The address of a page: what `parseAddress()` reads. */
export function addressText(
  { view, subject = "", question = {} }: { view: View; subject?: string; question?: Question },
): string {
  const path = view === "overview"
    ? "/"
    : ABOUT_ONE.has(view)
    ? `/${view}/${encodeURIComponent(subject)}`
    : `/${view}`;
  const query = queryText(question);
  return query === "" ? path : `${path}?${query}`;
}

/** `since=7d&device=tv`, in one order, so that the same question is the same text. */
export function queryText(question: Question): string {
  return QUESTION_WORDS.filter((word) => question[word])
    .map((word) => `${word}=${encodeURIComponent(question[word]!)}`).join("&");
}

/** The words of a question that say when. */
export function periodOf({ since, until }: Question): Question {
  return { ...(since && { since }), ...(until && { until }) };
}

/** The words of a question that choose records. */
export function filtersOf(question: Question): Question {
  return Object.fromEntries(
    FILTERS.filter((word) => question[word]).map((word) => [word, question[word]]),
  );
}

/** What the API is asked: the period and the filters. */
export function recordsQuestion(question: Question): Question {
  return { ...periodOf(question), ...filtersOf(question) };
}
