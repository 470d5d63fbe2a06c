import { acceptedFormat } from "../../../service/metrics/accepted_format.ts";
import type { MetricFamily } from "../../../service/metrics/metric_family.ts";
import { renderMetrics } from "../../../service/metrics/metrics_text.ts";
import { assertEquals } from "../../assert.ts";

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "a_build",
    type: "info",
    help: "One.",
    samples: [{ labels: { version: "1" }, value: 1 }],
  },
  {
    name: "a_read_bytes",
    type: "counter",
    help: 'A "\\" and\na line.',
    unit: "bytes",
    samples: [
      { labels: { b: 'x"\\\n', c: "" }, value: 1e21 },
      { labels: { b: "y", c: "z" }, value: 0.5 },
    ],
  },
  { name: "a_none", type: "gauge", help: "Nothing.", samples: [] },
  { name: "a_room", type: "gauge", help: "Room.", samples: [{ labels: {}, value: Infinity }] },
];

Deno.test("`renderMetrics()` writes Prometheus' text format, escaped", () => {
  assertEquals(
    renderMetrics(FAMILIES, "prometheus"),
    String.raw`# HELP a_build_info One.
# TYPE a_build_info gauge
a_build_info{version="1"} 1
# HELP a_read_bytes_total A "\\" and\na line.
# TYPE a_read_bytes_total counter
a_read_bytes_total{b="x\"\\\n",c=""} 1e+21
a_read_bytes_total{b="y",c="z"} 0.5
# HELP a_room Room.
# TYPE a_room gauge
a_room +Inf
`,
  );
});

Deno.test("`renderMetrics()` writes OpenMetrics: families without suffix, units, an end", () => {
  assertEquals(
    renderMetrics(FAMILIES, "openmetrics"),
    String.raw`# TYPE a_build info
# HELP a_build One.
a_build_info{version="1"} 1
# TYPE a_read_bytes counter
# UNIT a_read_bytes bytes
# HELP a_read_bytes A \"\\\" and\na line.
a_read_bytes_total{b="x\"\\\n",c=""} 1e+21
a_read_bytes_total{b="y",c="z"} 0.5
# TYPE a_room gauge
# HELP a_room Room.
a_room +Inf
# EOF
`,
  );
});

Deno.test("`acceptedFormat()` gives OpenMetrics to who wants it, and the older format to all others", () => {
  const cases: readonly (readonly [accept: string | null, format: string])[] = [
    [null, "prometheus"],
    ["*/*", "prometheus"],
    ["text/plain", "prometheus"],
    ["application/openmetrics-text", "openmetrics"],
    ["Application/OpenMetrics-Text; Version=1.0.0", "openmetrics"],
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "openmetrics",
    ],
    ["application/openmetrics-text;q=0.3, text/plain;q=0.5", "prometheus"],
    ["application/openmetrics-text;q=0", "prometheus"],
    ["application/openmetrics-text;q=much", "prometheus"],
    [";;,,q=", "prometheus"],
  ];
  for (const [accept, format] of cases) assertEquals(acceptedFormat(accept), format, `${accept}`);
});
