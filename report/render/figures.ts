/** Figures of an answer as people read them. */

import { localDay, localDayAt } from "../../storage/day/calendar_day.ts";
import { bytesOf, type GapFact } from "../facts/fact.ts";
import type { Answer } from "../question/answer.ts";
import type { Sums } from "../question/tally.ts";
import { formatBytes } from "./bytes_text.ts";

/** A share of the whole, from 0 to 1. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** `49 %`, `0.3 %`, `<0.1 %` */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return percent < 9.95 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** `+12 %`, `-3 %`, `x 14`, `new` where there was nothing before, `=` where nothing has changed. */
export function changeText(now: Sums, before: Sums): string {
  const [bytes, bytesBefore] = [bytesOf(now), bytesOf(before)];
  if (bytesBefore === 0) return bytes === 0 ? "=" : "new";
  const ratio = bytes / bytesBefore;
  if (ratio >= 10) return `x ${Math.round(ratio)}`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return "=";
  return percent > 0 ? `+${percent} %` : `-${-percent} %`;
}

/** Whole numbers in groups: `12,345`. */
export function numberText(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `2026-11-21 to 2026-11-27`, or with times where it does not begin and end with a day. */
export function spanText(sinceMs: number, untilMs: number): string {
  const isDays = [sinceMs, untilMs].every((ms) => localDayAt(ms).startMs === ms);
  if (!isDays) return `${minuteText(sinceMs)} to ${minuteText(untilMs)}`;
  const [first, last] = [localDay(sinceMs), localDay(untilMs - 1)];
  return first === last ? first : `${first} to ${last}`;
}

/** Local: `2026-11-21 18:30`. */
function minuteText(epochMs: number): string {
  return `${localDay(epochMs)} ${new Date(epochMs).toTimeString().slice(0, 5)}`;
}

const GAP_TEXTS: Record<string, string> = {
  kernel_drop: "packets dropped by the kernel",
  interface_down: "interface down",
  ram_full: "records lost, RAM log full",
  restart: "logger not running",
  undecodable: "damaged packets",
};

/** One text for each reason: `interface down, 3 times`. */
function gapTexts(gaps: readonly GapFact[]): string[] {
  const sums = new Map<string, { records: number; count: number }>();
  for (const { reason, records, count } of gaps) {
    const sum = sums.get(reason) ?? { records: 0, count: 0 };
    sums.set(reason, { records: sum.records + records, count: sum.count + count });
  }
  return [...sums].map(([reason, { records, count }]) =>
    `${GAP_TEXTS[reason] ?? reason}, ${records === 1 ? "once" : `${numberText(records)} times`}` +
    (count > 0 ? ` (${numberText(count)} in all)` : "")
  );
}

const EVIDENCE_TEXTS: Record<string, string> = {
  tls_sni: "TLS",
  quic_sni: "QUIC",
  http_host: "HTTP",
  dns: "DNS answers",
  ptr: "reverse DNS",
  none: "not at all",
};

/** How names were known, in shares of bytes: `TLS 61 %, DNS answers 10 %, not at all 3.2 %`. */
export function evidenceText({ evidence, total }: Answer): string {
  return evidence.map(({ groups: [{ label }], sums }) =>
    `${EVIDENCE_TEXTS[label] ?? label} ${percentText(shareOf(bytesOf(sums), bytesOf(total)))}`
  ).join(", ");
}

/** What an owner has to know beside the sums, a sentence each. */
export function noteTexts({ gaps, foreign, notes, question }: Answer): string[] {
  const texts: string[] = [];
  if (gaps.length > 0) texts.push(`not seen, or lost: ${gapTexts(gaps).join("; ")}`);
  if (notes.foldedBytes > 0) {
    texts.push(
      `${
        formatBytes(notes.foldedBytes)
      } of days with very many small conversations are summed as "other"`,
    );
  }
  if (notes.roundedDays.length > 0) {
    texts.push(
      `of ${daysText(notes.roundedDays)} only sums by the hour are kept: ` +
        "the hours at both ends are counted whole",
    );
  }
  if (notes.silentDays.length > 0) {
    texts.push(
      `of ${daysText(notes.silentDays)} only sums are kept, which have no addresses: not counted`,
    );
  }
  if (foreign > 0) texts.push(`${numberText(foreign)} lines of other programs are left out`);
  const { before } = question;
  if (before !== undefined && notes.firstDay !== undefined) {
    const beginsMs = new Date(`${notes.firstDay}T00:00:00`).getTime();
    if (beginsMs > before.sinceMs) {
      texts.push(`the log begins on ${notes.firstDay}: the period before is not whole`);
    }
  }
  return texts;
}

function daysText(days: readonly string[]): string {
  if (days.length <= 2) return days.join(" and ");
  return `${days.length} days, ${days[0]} to ${days.at(-1)},`;
}
