/** From where a logger looks at the network: what `status`, `doctor` and the head of a report say of it. */

import type { LoggerStatus } from "./logger_status.ts";

/**
 * - `network`: traffic of other devices passes here
 * - `one-sided`: it does, but of most connections one direction only
 * - `self`: only this machine's own
 * - `nothing`: no traffic yet
 */
export type Vantage = "network" | "one-sided" | "self" | "nothing";

/** Lines of TCP that a judgement needs, and the share of them with one end alone that is too much. */
const ONE_SIDED_MIN_LINES = 20;
const ONE_SIDED_SHARE = 0.5;

/** Judges what was seen since the logger started. */
export function vantageOf({ seen }: Pick<LoggerStatus, "seen">): Vantage {
  const { passingDevices, ownTrafficPasses, tcpLines, oneSidedLines } = seen;
  if (tcpLines >= ONE_SIDED_MIN_LINES && oneSidedLines > ONE_SIDED_SHARE * tcpLines) {
    return "one-sided";
  }
  if (passingDevices > 0) return "network";
  return ownTrafficPasses ? "self" : "nothing";
}

/** It in one sentence, and what to do where that is not good. */
export function vantageText(status: Pick<LoggerStatus, "seen">): string {
  const { heardDevices, passingDevices, oneSidedLines, tcpLines } = status.seen;
  const devices = (count: number) => count === 1 ? "1 device" : `${count} devices`;
  const heard = heardDevices === 0 ? "no other was heard" : `${devices(heardDevices)} heard`;
  switch (vantageOf(status)) {
    case "network":
      return `traffic of ${devices(passingDevices)} passes here; ${heard}`;
    case "one-sided":
      return `ONE DIRECTION ONLY in ${oneSidedLines} of ${tcpLines} lines of TCP: ` +
        `mirror both directions of the port`;
    case "self":
      return `ONLY THIS MACHINE: no traffic of another device passes here (${heard}). ` +
        VANTAGE_ADVICE;
    case "nothing":
      return `no traffic that is logged yet (${heard})`;
  }
}

/** What to do about a machine that sees itself alone. */
export const VANTAGE_ADVICE =
  "Make it the access point, router or bridge of the network, or give it a switch's mirror port: " +
  "docs/where_to_listen.md has the commands";
