/** A month of the calendar, on days written `2026-11-28`. */

const DAY_MS = 24 * 3600e3;

/** A month's name and its days in weeks from Monday; days of the months beside it are absent. */
export interface Month {
  /** `2026-11` */
  readonly key: string;
  readonly label: string;
  readonly weeks: readonly (readonly (string | undefined)[])[];
}

const LABEL = new Intl.DateTimeFormat("en-GB", {
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** @param key `2026-11` */
export function monthOf(key: string): Month {
  const [year, month] = key.split("-").map(Number);
  const firstMs = Date.UTC(year, month - 1, 1);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const lead = (new Date(firstMs).getUTCDay() + 6) % 7; // Monday is the first
  const cells = [
    ...Array<undefined>(lead).fill(undefined),
    ...Array.from({ length: days }, (_, i) => `${key}-${String(i + 1).padStart(2, "0")}`),
  ];
  const weeks = Array.from({ length: 6 }, (_, i) => {
    const week: (string | undefined)[] = cells.slice(i * 7, i * 7 + 7);
    return [...week, ...Array<undefined>(7 - week.length).fill(undefined)];
  });
  return { key, label: LABEL.format(firstMs), weeks };
}

/** The month so many months on. */
export function monthAfter(key: string, months: number): string {
  const [year, month] = key.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 7);
}

/** The day so many days on. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
