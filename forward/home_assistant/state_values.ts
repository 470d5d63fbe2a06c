/** The figures that Home Assistant shows: a field for each entity of `discovery.ts`; `null` is what is not known. */

import type { GapRecord } from "../../record/log_record.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import type { TalliedDevice, TrafficTally } from "../tally/traffic_tally.ts";

/** A device that had a record in so long is active: flows under way have one a minute. */
const ACTIVE_MS = 10 * 60e3;

/** What the logger's state is made of. */
export interface StateParts {
  /** `undefined`: no logger runs that logs. */
  readonly status: LoggerStatus | undefined;
  readonly tally: TrafficTally;
  /** Whether an output's last attempt failed. */
  readonly isOutputFailing: boolean;
  /** The time of day. */
  readonly nowMs: number;
}

/** The state of the logger. */
export function loggerState(parts: StateParts): Record<string, number | string | null> {
  const { status, tally, isOutputFailing, nowMs } = parts;
  const dropped = status?.interfaces.map(({ statistics }) => statistics.droppedByKernel);
  const share = status?.card.yearlyShare;
  return {
    up_today: tally.today.up,
    down_today: tally.today.down,
    active_devices: tally.activeSince(nowMs - ACTIVE_MS),
    dropped_packets: dropped?.reduce((sum, count) => sum + count, 0) ?? null,
    gaps_today: tally.gapsToday,
    next_flush: status === undefined
      ? null
      : new Date(nowMs + status.log.nextFlushInMs).toISOString(),
    card_wear: share === undefined ? null : share * 100,
    not_logging: onOff(status === undefined || !status.interfaces.some(({ isUp }) => isUp)),
    records_lost: onOff(status && status.log.droppedRecords > 0),
    flush_failed: onOff(status && status.log.failedFlushes > 0),
    clock_not_set: onOff(status && status.clock === "unsynced"),
    output_behind: onOff(isOutputFailing),
  };
}

function onOff(isOn: boolean | undefined): string | null {
  if (isOn === undefined) return null;
  return isOn ? "ON" : "OFF";
}

/** The state of a device of the household. */
export function deviceState({ today }: Pick<TalliedDevice, "today">): Record<string, number> {
  return { up_today: today.up, down_today: today.down };
}

/** A gap, as an event. */
export function gapEvent({ event, wifilogger: { gap }, observer }: GapRecord) {
  return {
    event_type: gap.reason,
    count: gap.count,
    start: event.start,
    end: event.end,
    interface: observer?.ingress.interface.name,
  };
}
