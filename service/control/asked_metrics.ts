/** The running logger's metrics, asked for over its control socket. */

import type { MetricFamily } from "../metrics/metric_family.ts";
import { askStatus, NoLoggerError, WaitingLoggerError } from "./control_client.ts";
import { loggerMetrics, noLoggerMetrics, waitingMetrics } from "./logger_metrics.ts";

/** What can be told of a logger. */
export interface AskedMetrics {
  readonly families: readonly MetricFamily[];
  /** Why no logger logs; the families say that none does. */
  readonly absence?: NoLoggerError;
}

/** @throws {Error} when it may not be asked whether a logger logs */
export async function askMetrics(socketPath: string): Promise<AskedMetrics> {
  try {
    return { families: loggerMetrics(await askStatus(socketPath)) };
  } catch (error) {
    if (error instanceof WaitingLoggerError) {
      return { families: waitingMetrics(error.waiting), absence: error };
    }
    if (error instanceof NoLoggerError) return { families: noLoggerMetrics(), absence: error };
    throw error;
  }
}
