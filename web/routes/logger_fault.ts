/** Why the logger cannot be asked. */

import { NoLoggerError, WaitingLoggerError } from "../../service/control/control_client.ts";
import type { LoggerState } from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";

/** What the logger is like, by what came of asking it. */
export function stateOf(error: unknown): LoggerState {
  if (error instanceof WaitingLoggerError) return "waiting";
  return error instanceof NoLoggerError ? "nobody" : "refused";
}

/** The same as an answer of HTTP. */
export function loggerFault(error: unknown): HttpFault {
  const state = stateOf(error);
  const { message } = error as Error;
  const advice = state === "nobody" ? "Start it: sudo systemctl start wifilogger" : "Ask again";
  return new HttpFault(503, `the logger cannot be asked: ${message}. ${advice}`, {
    "retry-after": "10",
  });
}
