/** The letter of a day or a week: what was new, totals beside the time before, gaps, and the state of the logger. */

import { bytesOf } from "../../report/facts/fact.ts";
import { ask } from "../../report/question/answer.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { changeText, evidenceText, noteTexts, spanText } from "../../report/render/figures.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerPlace } from "../ledger/kept_ledger.ts";
import { findNews } from "../rules/find_news.ts";
import { type NewsItem, type Weight, whatText } from "../rules/news_item.ts";
import { householdDevices, isCalled, type OwnNames } from "../rules/household_devices.ts";
import { newsFields } from "../render/news_text.ts";
import { escapeLines, firstOf, sentence, type Telling } from "./telling.ts";

/** What a letter is written from. */
export interface LetterOptions {
  readonly place: LedgerPlace;
  readonly ledger: Ledger;
  readonly span: { readonly sinceMs: number; readonly untilMs: number };
  readonly nowMs: number;
  readonly learningMs: number;
  readonly billingDay: number;
  readonly ownNames: OwnNames;
  readonly isKnown: (item: NewsItem) => boolean;
  /** Sentences about the logger: its state, the wear of its card. */
  readonly stateLines: () => Promise<readonly string[]>;
}

/** Lines of a part; more are counted. */
const MAX_LINES = 15;
/** Sites that are named of a device. */
const MAX_SITES = 5;

/** Asks the log, and writes. @throws {Error} when the log cannot be read */
export async function letterOf(options: LetterOptions): Promise<Telling> {
  const { place, ledger, span, nowMs, ownNames, billingDay } = options;
  const news = findNews(ledger, { ...options, ...span });
  const days = Math.round((span.untilMs - span.sinceMs) / (24 * 3600e3));
  const sinceMs = new Date(span.sinceMs).setDate(new Date(span.sinceMs).getDate() - days);
  const before = { sinceMs, untilMs: span.sinceMs };
  const answer = await ask(place, { span, before, by: ["device"], filter: {}, billingDay });
  const devices = householdDevices(ledger, ownNames);
  const nameOf = (label: string) =>
    devices.find((device) => isCalled(device, label))?.label ?? label;
  const ofWeight = (weight: Weight) => news.filter((item) => item.weight === weight);
  const change = changeText(answer.total, answer.before!);
  const rows = answer.rows.map(({ groups: [{ label }], sums, before: rowBefore }) =>
    `${nameOf(label)}: ${formatBytes(bytesOf(sums))} (${changeText(sums, rowBefore!)})`
  );
  const small = ofWeight("small").length;
  const parts: [heading: string, lines: readonly string[]][] = [
    ["Worth a look", weightyLines(ofWeight("weighty"))],
    ["New", plainLines(ofWeight("plain"))],
    ["", small === 0 ? [] : [`${small} small things more: wifilogger news`]],
    [
      `In all ${formatBytes(bytesOf(answer.total))} (${change} beside the time before)`,
      listed(rows),
    ],
    ["The log", [
      ...(answer.evidence.length === 0 ? [] : [`names known by: ${evidenceText(answer)}`]),
      ...noteTexts(answer),
      ...answer.notes.faults.map(({ message }) => message),
      ...await options.stateLines(),
    ]],
  ];
  const text = parts.filter(([, lines]) => lines.length > 0)
    .map((
      [heading, lines],
    ) => (heading === "" ? lines : [heading, ...lines.map((line) => `- ${line}`)]))
    .map(escapeLines).join("\n\n");
  const told = [...ofWeight("weighty"), ...ofWeight("plain")];
  return {
    id: crypto.randomUUID(),
    kind: "letter",
    time: new Date(nowMs).toISOString(),
    title: `${spanText(span.sinceMs, span.untilMs)}: ${told.length} new things, ${
      formatBytes(bytesOf(answer.total))
    }`,
    text: text === "" ? "Nothing was logged." : text,
    news: told.slice(0, 50).map(newsFields),
  };
}

function weightyLines(items: readonly NewsItem[]): string[] {
  const { shown, left } = firstOf(items);
  return [...shown.map(sentence), ...(left > 0 ? [`and ${left} more`] : [])];
}

/** Sites by device; everything else in a line of its own. */
function plainLines(items: readonly NewsItem[]): string[] {
  const sites = Map.groupBy(
    items.filter(({ kind }) => kind === "site"),
    ({ device }) => device?.label ?? "",
  );
  const others = items.filter(({ kind }) => kind !== "site").map(sentence);
  const bySites = [...sites].map(([device, news]) => {
    const names = news.slice(0, MAX_SITES).map(whatText).join(", ");
    const left = news.length - MAX_SITES;
    return `${device}: ${news.length} new ${news.length === 1 ? "site" : "sites"}: ${names}` +
      (left > 0 ? ` and ${left} more` : "");
  });
  return [...listed(others), ...listed(bySites)];
}

function listed(lines: readonly string[]): string[] {
  const left = lines.length - MAX_LINES;
  return left > 0 ? [...lines.slice(0, MAX_LINES), `and ${left} more`] : [...lines];
}
