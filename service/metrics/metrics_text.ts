/**
 * Metrics as text, in the two formats that Prometheus reads: its own, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), and OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/).
 */

import { type MetricFamily, type MetricSample, sampleName } from "./metric_family.ts";

/** The formats, the older first. */
export const METRICS_FORMATS = ["prometheus", "openmetrics"] as const;
export type MetricsFormat = (typeof METRICS_FORMATS)[number];

/** What each is called in HTTP. */
export const METRICS_CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The families in the order given, as text. */
export function renderMetrics(families: readonly MetricFamily[], format: MetricsFormat): string {
  const text = families.filter(({ samples }) => samples.length > 0)
    .map((family) => format === "openmetrics" ? openMetricsText(family) : prometheusText(family))
    .join("");
  return format === "openmetrics" ? `${text}# EOF\n` : text;
}

/** What the format before OpenMetrics calls a counter or an info is its samples' name. */
function prometheusText(family: MetricFamily): string {
  const name = sampleName(family);
  const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const type = family.type === "info" ? "gauge" : family.type;
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samplesText(family)}`;
}

function openMetricsText(family: MetricFamily): string {
  const { name, type, unit } = family;
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${quotable(family.help)}\n` +
    samplesText(family);
}

function samplesText(family: MetricFamily): string {
  const name = sampleName(family);
  return family.samples.map(({ labels, value }) =>
    `${name}${labelsText(labels)} ${valueText(value)}\n`
  ).join("");
}

function labelsText(labels: MetricSample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quotable(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function quotable(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
