/** The period of a page: by name, by the calendar, or the one before or after. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Period } from "../../api/answers.ts";
import type { Question } from "../question/address.ts";
import { daysPeriod, type Preset, presetOf, PRESETS, shifted } from "../question/period.ts";
import { nowMs } from "../reach/clock.ts";
import { go } from "../reach/navigation.ts";
import { useTimes } from "../reach/times.ts";
import { Calendar } from "./calendar.tsx";

/** A period that ends less than this ago ends now. */
const NOW_MS = 10 * 60_000;

export interface PeriodPickerProps {
  readonly question: Question;
  /** Of the answer that is shown. */
  readonly period?: Period;
  readonly addressOf: (question: Question) => string;
  /** @default those of figures */
  readonly presets?: readonly Preset[];
}

export function PeriodPicker(
  { question, period, addressOf, presets = PRESETS }: PeriodPickerProps,
) {
  const times = useTimes();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const preset = presetOf(question, presets);
  const [sinceMs, untilMs] = period === undefined
    ? [undefined, undefined]
    : [Date.parse(period.since), Date.parse(period.until)];
  const range = sinceMs === undefined || !Number.isFinite(sinceMs)
    ? ""
    : times.range(sinceMs, untilMs!);
  const exact = range === "" ? undefined : `${times.moment(sinceMs!)} to ${times.moment(untilMs!)}`;
  const withPeriod = (chosen: Question) =>
    addressOf({ ...question, since: undefined, until: undefined, ...chosen });
  const choose = (chosen: Question) => {
    dialog.current?.close();
    go(withPeriod(chosen));
  };
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const hasNext = untilMs !== undefined && untilMs < nowMs() - NOW_MS;
  return (
    <div class="period">
      <Step
        label="The period before"
        sign="‹"
        to={sinceMs && withPeriod(shifted(sinceMs, untilMs!, -1))}
      />
      <button
        type="button"
        class="period-button"
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        <span class="unseen">Period:</span>
        <span class="period-name">{preset?.label ?? "Chosen period"}</span>
        <span class="period-range" title={exact}>{range}</span>
      </button>
      <Step
        label="The period after"
        sign="›"
        to={hasNext ? withPeriod(shifted(sinceMs!, untilMs!, 1)) : undefined}
      />
      {isOpen && (
        <dialog
          ref={dialog}
          class="picker"
          aria-label="Choose a period"
          onClose={() => setIsOpen(false)}
          onClick={({ target }) => target === dialog.current && dialog.current?.close()}
        >
          <div class="picker-inner">
            <ul class="presets">
              {presets.map(({ label, since, until }) => (
                <li key={label}>
                  <button
                    type="button"
                    aria-pressed={preset?.label === label}
                    onClick={() => choose({ since, until })}
                  >
                    {label}
                  </button>
                </li>
              ))}
            </ul>
            <Calendar
              today={times.calendarDay(nowMs())}
              chosen={sinceMs === undefined || !Number.isFinite(sinceMs) ? undefined : [
                times.calendarDay(sinceMs),
                times.calendarDay(untilMs! - 1),
              ]}
              onChoose={(first, last) => choose(daysPeriod(first, last))}
            />
            <button type="button" class="quiet close" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
        </dialog>
      )}
    </div>
  );
}

function Step({ label, sign, to }: { label: string; sign: string; to?: string | 0 | false }) {
  return to
    ? <a class="period-step" href={to} aria-label={label} title={label}>{sign}</a>
    : <span class="period-step off" aria-hidden="true">{sign}</span>;
}
