/** The answer to `GET /metrics`. Loaded when it is first asked for: an idle logger has no memory for it. */

import { acceptedFormat } from "../metrics/accepted_format.ts";
import { METRICS_CONTENT_TYPES, renderMetrics } from "../metrics/metrics_text.ts";
import { loggerMetrics, waitingMetrics } from "./logger_metrics.ts";
import type { LoggerStatus, WaitingStatus } from "./logger_status.ts";

/** Of a logger that logs, or of one that waits; in the format that the request accepts. */
export function metricsAnswer(request: Request, status: LoggerStatus | WaitingStatus): Response {
  const format = acceptedFormat(request.headers.get("accept"));
  const families = "state" in status ? waitingMetrics(status) : loggerMetrics(status);
  return new Response(renderMetrics(families, format), {
    headers: { "content-type": METRICS_CONTENT_TYPES[format], vary: "accept" },
  });
}
