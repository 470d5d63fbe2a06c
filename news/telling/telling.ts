/** What is told: a title, a text for people, and the same for programs. */

import { localDay } from "../../storage/day/calendar_day.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import { commandOf, type NewsItem, serviceName, whatText } from "../rules/news_item.ts";
import { newsFields } from "../render/news_text.ts";

/** Something to tell. */
export interface Telling {
  /** Tells it from all others, whenever it is sent again. */
  readonly id: string;
  readonly kind: "news" | "letter";
  /** RFC 3339: when it was found out. */
  readonly time: string;
  readonly title: string;
  readonly text: string;
  readonly news: readonly ReturnType<typeof newsFields>[];
}

/** Lines of one telling; more are counted. */
const MAX_LINES = 12;
const MAX_OWNERS = 3;

/** The telling of some news, of one device or of several. */
export function tellingOf(items: readonly NewsItem[], nowMs: number): Telling {
  const { shown, left } = firstOf(items);
  const lines = shown.map((item) => `${sentence(item)}\n  ${commandOf(item)}`);
  return {
    id: crypto.randomUUID(),
    kind: "news",
    time: new Date(nowMs).toISOString(),
    title: titleOf(items),
    text: escapeLines([...lines, ...(left > 0 ? [`and ${left} more: wifilogger news`] : [])]),
    news: shown.map(newsFields),
  };
}

/** The first items; of networks without names not more than a few, since a scan meets hundreds. */
export function firstOf(
  items: readonly NewsItem[],
): { readonly shown: readonly NewsItem[]; readonly left: number } {
  let owners = 0;
  const shown = items.filter(({ kind }) => kind !== "owner" || owners++ < MAX_OWNERS)
    .slice(0, MAX_LINES);
  return { shown, left: items.length - shown.length };
}

function titleOf(items: readonly NewsItem[]): string {
  const devices = new Set(items.map(({ device }) => device?.label));
  const [first] = items;
  if (devices.size > 1) return `${items.length} new things on ${devices.size} devices`;
  const more = items.length === 1 ? "" : `, and ${items.length - 1} more`;
  const name = first.device?.label ?? "The household";
  if (first.kind === "device") return escapeText(`New device: ${name}${more}`);
  if (first.kind === "limit") return escapeText(`${name}: ${first.what}, ${first.note}${more}`);
  return escapeText(`${name}: first time ${whatWords(first)}${more}`);
}

function whatWords(item: NewsItem): string {
  switch (item.kind) {
    case "country":
      return `to ${whatText(item)}`;
    case "service":
      return `with ${serviceName(item.what)}`;
    default:
      return `at ${whatText(item)}`;
  }
}

/** One piece of news in one line. */
export function sentence(item: NewsItem): string {
  const { kind, device, firstMs, upBytes, downBytes, evidence, note } = item;
  const name = device?.label ?? "the household";
  const when = `${localDay(firstMs)} from ${new Date(firstMs).toTimeString().slice(0, 5)} on`;
  const much = `${formatBytes(upBytes)} sent, ${formatBytes(downBytes)} received`;
  if (kind === "limit") return `${name}: ${item.what}: ${note}`;
  if (kind === "device") {
    const { macs = [], ips = [] } = device ?? {};
    return `new device ${name} (${
      [macs.at(-1), ips[0]].filter(Boolean).join(", ")
    }), ${when}: ${much}`;
  }
  const known = evidence === "none" ? "" : `, known by ${evidence}`;
  return `${name} for the first time ${whatWords(item)}, ${when}: ${much}${known}`;
}

/** Lines whose texts nobody's terminal obeys. */
export function escapeLines(lines: readonly string[]): string {
  return lines.flatMap((line) => line.split("\n")).map(escapeText).join("\n");
}
