/** Moments and periods as people read them, in the logger's time zone. */

/** Texts of moments in one time zone. Arguments are milliseconds since 1970. */
export interface TimeTexts {
  /** IANA's name of the zone. */
  readonly zone: string;
  /** `18:04` */
  time(epochMs: number): string;
  /** `18:04:09` */
  seconds(epochMs: number): string;
  /** `28 Nov`, and the year where it is not this one. */
  day(epochMs: number): string;
  /** `Sat 28 Nov` */
  weekday(epochMs: number): string;
  /** `Nov 2026` */
  month(epochMs: number): string;
  /** `28 Nov, 18:04` */
  moment(epochMs: number): string;
  /** `22–28 Nov 2026`; with times where it is short and does not begin and end with a day. */
  range(sinceMs: number, untilMs: number): string;
  /** The day of the calendar: `2026-11-28`. */
  calendarDay(epochMs: number): string;
  /** The hour of the day, 0 to 23. */
  hour(epochMs: number): number;
}

const LOCALE = "en-GB";
/** From here on nobody counts a period's hours. */
const LONG_MS = 6 * 24 * 3600e3;

/** @param nowMs what "this year" is */
export function timeTexts(zone: string, nowMs: number): TimeTexts {
  const form = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options });
    return (epochMs: number) => format.format(epochMs);
  };
  const time = form({ hour: "2-digit", minute: "2-digit" });
  const seconds = form({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const year = form({ year: "numeric" });
  const shortDay = form({ day: "numeric", month: "short" });
  const longDay = form({ day: "numeric", month: "short", year: "numeric" });
  const weekday = form({ weekday: "short", day: "numeric", month: "short" });
  const month = form({ month: "short", year: "numeric" });
  const isoDay = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const calendarDay = (epochMs: number) => isoDay.format(epochMs);
  const isThisYear = (epochMs: number) => year(epochMs) === year(nowMs);
  const day = (epochMs: number) => (isThisYear(epochMs) ? shortDay : longDay)(epochMs);
  const isMidnight = (epochMs: number) => calendarDay(epochMs) !== calendarDay(epochMs - 1);
  const days = (sinceMs: number, untilMs: number) => {
    const lastMs = untilMs - 1;
    if (calendarDay(sinceMs) === calendarDay(lastMs)) return longDay(sinceMs);
    if (month(sinceMs) === month(lastMs)) {
      return `${shortDay(sinceMs).replace(/\D+/g, "")}–${longDay(lastMs)}`;
    }
    const isOneYear = year(sinceMs) === year(lastMs);
    return `${(isOneYear ? shortDay : longDay)(sinceMs)} – ${longDay(lastMs)}`;
  };
  const range = (sinceMs: number, untilMs: number) => {
    if (isMidnight(sinceMs) && isMidnight(untilMs)) return days(sinceMs, untilMs);
    if (untilMs - sinceMs > LONG_MS) return days(sinceMs, untilMs);
    if (calendarDay(sinceMs) === calendarDay(untilMs)) {
      return `${longDay(sinceMs)}, ${time(sinceMs)} – ${time(untilMs)}`;
    }
    return `${day(sinceMs)}, ${time(sinceMs)} – ${day(untilMs)}, ${time(untilMs)}`;
  };
  return {
    zone,
    time,
    seconds,
    day,
    weekday,
    month,
    moment: (epochMs) => `${day(epochMs)}, ${time(epochMs)}`,
    range,
    calendarDay,
    hour: (epochMs) => Number(time(epochMs).slice(0, 2)) % 24,
  };
}

/** `4 min`, `2 h 5 min`, `3 d` */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 60 / 24)} d`;
}

/** `just now`, `4 min ago`, `2 h ago`, `3 d ago` */
export function agoText(ms: number): string {
  if (ms < 45_000) return "just now";
  const hours = Math.round(ms / 3600e3);
  return `${hours < 1 || hours >= 24 ? durationText(ms) : `${hours} h`} ago`;
}
