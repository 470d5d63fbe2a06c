/** What the forwarder tells of itself and of what it counts, as metrics. */

import type { MetricFamily, MetricSample } from "../../service/metrics/metric_family.ts";
import type { OutputState } from "../progress/progress.ts";
import type { TrafficTally } from "../tally/traffic_tally.ts";

/** The forwarder's process. */
export interface ProcessFigures {
  readonly residentBytes: number;
  /** Processor time, user and system. */
  readonly cpuSeconds: number;
}

type Labels = MetricSample["labels"];

/** Of the forwarder's process. */
export function processMetrics({ residentBytes, cpuSeconds }: ProcessFigures): MetricFamily[] {
  return [
    {
      name: "wifilogger_forwarder_resident_memory_bytes",
      type: "gauge",
      help: "Memory that the forwarder holds.",
      unit: "bytes",
      samples: [{ labels: {}, value: residentBytes }],
    },
    {
      name: "wifilogger_forwarder_cpu_seconds",
      type: "counter",
      help: "Processor time of the forwarder, of user and system.",
      unit: "seconds",
      samples: [{ labels: {}, value: cpuSeconds }],
    },
  ];
}

/** Of each output. `nowMs`: the time of day. */
export function outputMetrics(states: readonly OutputState[], nowMs: number): MetricFamily[] {
  const labels = distinctLabels(states);
  const family = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    valueOf: (state: OutputState) => number | undefined,
    unit?: string,
  ): MetricFamily => ({
    name: `wifilogger_output_${name}`,
    type,
    help,
    unit,
    samples: states.flatMap((state, i) => {
      const value = valueOf(state);
      return value === undefined ? [] : [{ labels: labels[i], value }];
    }),
  });
  const seconds = (at: string | undefined) => at === undefined ? undefined : Date.parse(at) / 1e3;
  return [
    family(
      "up",
      "gauge",
      "Whether the output's last attempt to send succeeded.",
      ({ failure }) => Number(failure === undefined),
    ),
    family(
      "sent_records",
      "counter",
      "Records that the receiver has answered for.",
      ({ sent }) => sent,
    ),
    family(
      "refused_records",
      "counter",
      "Records that the receiver does not take, and that are left out.",
      ({ refused }) => refused,
    ),
    family("failures", "counter", "Attempts to send that failed.", ({ failures }) => failures),
    family(
      "behind_seconds",
      "gauge",
      "Age of the oldest record that is read and not sent; 0 when all are.",
      ({ oldestUnsent }) =>
        oldestUnsent === undefined ? 0 : Math.max(0, nowMs - Date.parse(oldestUnsent)) / 1e3,
      "seconds",
    ),
    family(
      "last_success_time_seconds",
      "gauge",
      "When the receiver last took records, since 1970.",
      ({ lastSent }) => seconds(lastSent),
      "seconds",
    ),
  ];
}

/** Two outputs may differ in what is not shown of them. */
function distinctLabels(states: readonly OutputState[]): Labels[] {
  const counts = new Map<string, number>();
  return states.map(({ output }) => {
    const count = (counts.get(output) ?? 0) + 1;
    counts.set(output, count);
    return { output: count === 1 ? output : `${output} (${count})` };
  });
}

/** Of each device, as long as there are not too many of them. */
export function deviceMetrics(tally: TrafficTally): MetricFamily[] {
  const devices = [...tally.devices];
  const sums = [
    ...devices.map(({ key, counted }) => [key, counted] as const),
    ["other", tally.others.counted] as const,
  ];
  return [
    {
      name: "wifilogger_device_bytes",
      type: "counter",
      help: "IP bytes of a device since the forwarder started; up is what it sent.",
      unit: "bytes",
      samples: sums.flatMap(([device, { up, down }]) => [
        { labels: { device, way: "up" }, value: up },
        { labels: { device, way: "down" }, value: down },
      ]),
    },
    {
      name: "wifilogger_device",
      type: "info",
      help: "What a device is called.",
      samples: devices.flatMap(({ key, name }) =>
        name === undefined ? [] : [{ labels: { device: key, name }, value: 1 }]
      ),
    },
  ];
}
