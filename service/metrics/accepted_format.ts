/** Which format of metrics somebody wants who asks over HTTP. */

import type { MetricsFormat } from "./metrics_text.ts";

const OPEN_METRICS = "application/openmetrics-text";
const PLAIN = "text/plain";

/**
 * OpenMetrics for who names it and does not like plain text better, in the request's `Accept` header (RFC 9110, section
 * 12.5.1); Prometheus' own format for everybody else.
 */
export function acceptedFormat(accept: string | null): MetricsFormat {
  const ranges = (accept ?? "").split(",").map(mediaRange);
  const qualityOf = (type: string) =>
    Math.max(0, ...ranges.filter((range) => range.type === type).map(({ quality }) => quality));
  const wanted = qualityOf(OPEN_METRICS);
  return wanted > 0 && wanted >= qualityOf(PLAIN) ? "openmetrics" : "prometheus";
}

function mediaRange(text: string): { type: string; quality: number } {
  const [type, ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: quality >= 0 ? quality : 0 };
}
