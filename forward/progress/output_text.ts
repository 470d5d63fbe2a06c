/** How far an output has come, in words. */

import { countText } from "../../service/program/count_text.ts";
import type { OutputState } from "./progress.ts";

/** Whether the forwarder of this state still runs, and what time it is. */
export interface Now {
  readonly isRunning: boolean;
  readonly nowMs: number;
}

/** `mqtts://broker:8883: everything is sent; 1204 records since it was started`, or how far behind it is, and why. */
export function outputText(state: OutputState, { isRunning, nowMs }: Now): string {
  const { output, sent, refused, failure } = state;
  const counts = `${countText(sent, "record")} since it was started` +
    (refused > 0 ? `, ${refused} REFUSED` : "");
  const behind = behindText(state, nowMs);
  if (!isRunning) return `${output}: the forwarder DOES NOT RUN; when it last did: ${behind}`;
  const why = failure === undefined ? "" : `: ${failure.message}; next try ${failure.next}`;
  return `${output}: ${behind}${why}; ${counts}`;
}

/** `everything is sent`, or how far behind an output is and since when. */
export function behindText(
  { oldestUnsent }: Pick<OutputState, "oldestUnsent">,
  nowMs: number,
): string {
  if (oldestUnsent === undefined) return "everything is sent";
  return `BEHIND by ${hours(nowMs - Date.parse(oldestUnsent))}, since ${oldestUnsent}`;
}

/** `3h 12m`, `12m`, `less than a minute` */
function hours(ms: number): string {
  const minutes = Math.floor(ms / 60e3);
  if (minutes < 1) return "less than a minute";
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
