/** The weightiest news in short. */

import type { NewsAnswer, NewsRow } from "../../api/answers.ts";
import { addressText, type Question } from "../question/address.ts";
import { useTimes } from "../reach/times.ts";
import { countText } from "../text/figures.ts";
import { kindText } from "../text/words.ts";

export function NewsList({ items, counts }: Partial<Pick<NewsAnswer, "items" | "counts">>) {
  const times = useTimes();
  if (items === undefined) return <div class="list-room" />;
  if (items.length === 0) return <p class="empty">Nothing new.</p>;
  return (
    <>
      <ul class="news-list">
        {items.map((item, i) => (
          <li key={i}>
            <a href={hrefOfNews(item)}>
              <span class={`weight ${item.weight}`}>
                {item.weight === "weighty" ? "!" : "·"}
                <span class="unseen">
                  {item.weight === "weighty" ? "worth a look" : "new"}
                </span>
              </span>
              <span class="news-what">
                <strong>{item.label}</strong>
                <span class="dim">
                  {kindText(item.kind)}
                  {item.device !== undefined && item.kind !== "device" && ` of ${item.device}`}
                </span>
              </span>
              <span class="dim">{times.moment(Date.parse(item.first))}</span>
            </a>
          </li>
        ))}
      </ul>
      {counts !== undefined && (
        <p class="rest">
          {countText(counts.weighty)} worth a look, {countText(counts.plain)} new,{" "}
          {countText(counts.small)} small
        </p>
      )}
    </>
  );
}

/** What shows the lines behind a piece of news. */
export function hrefOfNews({ behind, device, kind }: NewsRow): string {
  const { since, until, by: _, ...filters } = behind.query as Record<string, string>;
  const question = { since, until, ...filters } as Question;
  if (behind.view === "records") return addressText({ view: "log", question });
  if (kind === "device" && device !== undefined) {
    return addressText({ view: "device", subject: filters.device ?? device, question: { since } });
  }
  return addressText({ view: "overview", question });
}
