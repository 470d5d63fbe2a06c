/** What one has to know beside the figures. */

import type { Gap, Notes } from "../../api/answers.ts";
import { bytesText, countOf, countText } from "../text/figures.ts";
import { gapText } from "../text/words.ts";

export function NotesList(
  { notes, gaps }: { readonly notes?: Notes; readonly gaps?: readonly Gap[] },
) {
  const texts = notes === undefined ? [] : noteTexts(notes, gaps ?? []);
  if (texts.length === 0) return null;
  return (
    <section class="notes" aria-label="What to know">
      <h2>What to know</h2>
      <ul>{texts.map((text) => <li key={text}>{text}</li>)}</ul>
    </section>
  );
}

/** A sentence each. */
export function noteTexts(notes: Notes, gaps: readonly Gap[]): string[] {
  const texts = gapTexts(gaps).map((text) => `Not seen, or lost: ${text}.`);
  if (notes.other_bytes > 0) {
    texts.push(
      `${
        bytesText(notes.other_bytes)
      } of days with very many small conversations are summed as “other”.`,
    );
  }
  if (notes.rounded_days.length > 0) {
    texts.push(
      `Of ${
        daysText(notes.rounded_days)
      } only sums by the hour are kept: the hours at both ends are counted whole.`,
    );
  }
  if (notes.silent_days.length > 0) {
    texts.push(
      `Of ${daysText(notes.silent_days)} only sums are kept, which have no addresses: not counted.`,
    );
  }
  if (notes.foreign_lines > 0) {
    texts.push(`${countOf(notes.foreign_lines, "line")} of other programs are left out.`);
  }
  return [...texts, ...notes.faults];
}

/** One text for each reason: `interface down, 3 times`. */
export function gapTexts(gaps: readonly Gap[]): string[] {
  return [...Map.groupBy(gaps, ({ reason }) => reason)].map(([reason, all]) => {
    const records = all.reduce((sum, gap) => sum + gap.records, 0);
    const count = all.reduce((sum, gap) => sum + gap.count, 0);
    return `${gapText(reason)}, ${records === 1 ? "once" : `${countText(records)} times`}` +
      (count > 0 ? ` (${countText(count)} in all)` : "");
  });
}

function daysText(days: readonly string[]): string {
  if (days.length <= 2) return days.join(" and ");
  return `${days.length} days, ${days[0]} to ${days.at(-1)},`;
}
