/** A calendar on which a first and a last day are chosen, by pointer or arrow keys. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayAfter, monthAfter, monthOf } from "../question/calendar.ts";

export interface CalendarProps {
  /** `2026-11-28`; days after it cannot be chosen. */
  readonly today: string;
  readonly chosen?: readonly [first: string, last: string];
  readonly onChoose: (first: string, last: string) => void;
}

const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
/** Days that each arrow key goes on. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });

export function Calendar({ today, chosen, onChoose }: CalendarProps) {
  const [first, setFirst] = useState<string>();
  const [at, setAt] = useState(chosen === undefined || chosen[1] > today ? today : chosen[1]);
  const [month, setMonth] = useState(at.slice(0, 7));
  const grid = useRef<HTMLTableElement>(null);
  const isMoving = useRef(false);
  // Before the next key can come.
  useLayoutEffect(() => {
    if (isMoving.current) grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    isMoving.current = false;
  }, [at, month]);
  const move = (event: KeyboardEvent) => {
    const to = event.key in STEPS
      ? dayAfter(at, STEPS[event.key])
      : event.key === "PageUp" || event.key === "PageDown"
      ? `${monthAfter(at.slice(0, 7), event.key === "PageUp" ? -1 : 1)}-01`
      : undefined;
    if (to === undefined) return;
    event.preventDefault();
    if (to > today) return;
    isMoving.current = true;
    setAt(to);
    setMonth(to.slice(0, 7));
  };
  const pick = (day: string) => {
    setAt(day);
    if (first === undefined) return setFirst(day);
    onChoose(first, day);
  };
  const marked = first === undefined ? chosen : [first, at].sort() as [string, string];
  const { label, weeks } = monthOf(month);
  const tabDay = at.startsWith(month) ? at : `${month}-01`;
  return (
    <div class="calendar">
      <div class="calendar-head">
        <button
          type="button"
          aria-label="The month before"
          onClick={() => setMonth(monthAfter(month, -1))}
        >
          ‹
        </button>
        <strong aria-live="polite">{label}</strong>
        <button
          type="button"
          aria-label="The month after"
          disabled={month >= today.slice(0, 7)}
          onClick={() => setMonth(monthAfter(month, 1))}
        >
          ›
        </button>
      </div>
      <table ref={grid} role="grid" aria-label={label} onKeyDown={move}>
        <thead>
          <tr>{WEEKDAYS.map((day) => <th key={day} scope="col">{day}</th>)}</tr>
        </thead>
        <tbody>
          {weeks.map((week, i) => (
            <tr key={i}>
              {week.map((day, j) => (
                <td key={j} class={day && marked && isWithin(day, marked) ? "within" : undefined}>
                  {day !== undefined && (
                    <button
                      type="button"
                      disabled={day > today}
                      tabIndex={day === tabDay ? 0 : -1}
                      aria-label={DAY.format(Date.parse(day))}
                      aria-pressed={marked !== undefined && isWithin(day, marked)}
                      aria-current={day === today ? "date" : undefined}
                      onClick={() => pick(day)}
                      onPointerEnter={() =>
                        first !== undefined && setAt(day)}
                    >
                      {Number(day.slice(8))}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint" aria-live="polite">
        {first === undefined
          ? "Choose the first day, then the last"
          : "Choose the last day; the same one for one day"}
      </p>
    </div>
  );
}

function isWithin(day: string, [first, last]: readonly [string, string]): boolean {
  return first <= day && day <= last;
}
