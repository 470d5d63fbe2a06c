/** The hours of the week: a table whose cells have a dot as large as their share. */

import type { Week } from "../../api/answers.ts";
import { bytesText } from "../text/figures.ts";
import { Card } from "./card.tsx";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function WeekCard({ week }: { readonly week?: Week }) {
  const bytes = (day: number, hour: number) =>
    week === undefined ? 0 : week.up_bytes[day][hour] + week.down_bytes[day][hour];
  const most = Math.max(1, ...DAYS.flatMap((_, day) => HOURS.map((hour) => bytes(day, hour))));
  return (
    <Card title="Hours of the week" class="week">
      <div class="scroll" tabIndex={0} role="region" aria-label="Hours of the week, a table">
        <table>
          <caption class="unseen">Bytes in each hour of the day, by the day of the week</caption>
          <thead>
            <tr>
              <td />
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  <span class={hour % 3 === 0 ? undefined : "unseen"}>{hour}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {DAYS.map((name, day) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {HOURS.map((hour) => {
                  const size = Math.sqrt(bytes(day, hour) / most);
                  const text = bytesText(bytes(day, hour));
                  return (
                    <td key={hour} title={`${name}, ${hour}:00: ${text}`}>
                      <span
                        class="dot"
                        aria-hidden="true"
                        style={{ transform: `scale(${size.toFixed(3)})` }}
                      />
                      <span class="unseen">{text}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">The larger the dot, the more bytes. The largest: {bytesText(most)}.</p>
    </Card>
  );
}
