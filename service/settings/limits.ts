/** What `WIFILOGGER_LIMITS` holds: how much data a device or the household may use, and where a device may speak to. */

import { parseByteSize } from "./byte_size.ts";
import { list, type ReadValue, UnusableValue } from "./setting_types.ts";

/** One limit. */
export interface Limit {
  /** As it was written. */
  readonly text: string;
  /** A name or an address of the device; absent: the household. */
  readonly device?: string;
  readonly data?: { readonly period: "day" | "week" | "month"; readonly bytes: number };
  /** Two letters of each country that the device may speak to. */
  readonly countries?: readonly string[];
}

const DATA = /^(?:(.+)\.)?(day|week|month)=(.+)$/;
const COUNTRIES = /^(?:(.+):)?countries=([a-z]{2}(?:\|[a-z]{2})*)$/i;

/** Limits, with commas between them: `month=500GB, tv.day=20GB, camera:countries=DE|NL`. */
export const limits: ReadValue<readonly Limit[]> = (text) => list(text).map(limit);

function limit(text: string): Limit {
  const countries = COUNTRIES.exec(text);
  if (countries !== null) {
    const [, device, codes] = countries;
    return { text, device, countries: codes.toUpperCase().split("|") };
  }
  const [, device, period, size] = DATA.exec(text) ?? [];
  const bytes = size === undefined ? undefined : parseByteSize(size);
  if (bytes === undefined || bytes < 1e6) {
    throw new UnusableValue(
      `${JSON.stringify(text)} is no limit. Write it as month=500GB, tv.day=20GB (at least 1MB) ` +
        "or camera:countries=DE|NL",
    );
  }
  return { text, device, data: { period: period as "day", bytes } };
}
