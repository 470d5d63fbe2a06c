import {
  deviceMetrics,
  outputMetrics,
  processMetrics,
} from "../../../forward/metrics/forwarder_metrics.ts";
import { TrafficTally } from "../../../forward/tally/traffic_tally.ts";
import {
  loggerMetrics,
  noLoggerMetrics,
  waitingMetrics,
} from "../../../service/control/logger_metrics.ts";
import type { LoggerStatus } from "../../../service/control/logger_status.ts";
import { sampleName } from "../../../service/metrics/metric_family.ts";
import { renderMetrics } from "../../../service/metrics/metrics_text.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { MADE_UP_STATUS } from "./made_up_status.ts";

const PROJECT = new URL("../../../", import.meta.url);

Deno.test("`loggerMetrics()` tells the figures of a status, in seconds and bytes", () => {
  const lines = renderMetrics(loggerMetrics(MADE_UP_STATUS), "prometheus").split("\n");
  for (
    const line of [
      "wifilogger_up 1",
      'wifilogger_build_info{version="1.2.3"} 1',
      "wifilogger_process_start_time_seconds 1795348800",
      'wifilogger_packets_total{kind="logged"} 870',
      'wifilogger_packet_bytes_total{kind="logged"} 459100',
      'wifilogger_interface_up{interface="eth1"} 0',
      'wifilogger_interface_dropped_packets_total{interface="wlan0",by="kernel"} 3',
      'wifilogger_logged_bytes_total{direction="outbound",way="down"} 400000',
      'wifilogger_gaps_total{reason="ram_full"} 3',
      'wifilogger_named_bytes_total{evidence="tls_sni"} 300000',
      'wifilogger_place_database_built_time_seconds{database="my \\"cities\\""} 1793491200',
      'wifilogger_ipinfo_state{state="budget_spent"} 1',
      'wifilogger_ipinfo_state{state="asking"} 0',
      "wifilogger_last_flush_time_seconds 1795351500.25",
      "wifilogger_last_flush_duration_seconds 0.25",
      "wifilogger_next_flush_in_seconds 600",
      "wifilogger_archive_filesystem_free_bytes 20000000000",
      "wifilogger_card_written_bytes_total 900000",
    ]
  ) assert(lines.includes(line), line);
});

Deno.test("each family of `loggerMetrics()` is there once, and each of its samples", () => {
  const families = loggerMetrics(MADE_UP_STATUS);
  const names = families.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
  for (const { name, help, samples } of families) {
    assertMatch(name, /^wifilogger_[a-z]+(_[a-z]+)*$/);
    assertMatch(help, /^[A-Z].*\.$/);
    const labels = samples.map(({ labels }) => JSON.stringify(labels));
    assertEquals(labels.length, new Set(labels).size, name);
    assert(samples.length > 0, name);
  }
});

Deno.test("what a young logger does not know yet is left out", () => {
  const { log, card, places } = MADE_UP_STATUS;
  const young: LoggerStatus = {
    ...MADE_UP_STATUS,
    log: { ...log, lastFlush: undefined, archiveBytes: undefined, archiveRoom: undefined },
    card: { ...card, yearlyShare: undefined, budgetBytes: undefined },
    places: { ...places, ipinfo: undefined },
  };
  // As it comes over the socket.
  const text = renderMetrics(loggerMetrics(JSON.parse(JSON.stringify(young))), "prometheus");
  assertStringIncludes(text, "wifilogger_unsaved_records 6");
  for (const name of ["last_flush", "archive_", "card_yearly", "card_budget", "ipinfo"]) {
    assert(!text.includes(`wifilogger_${name}`), name);
  }
  assert(!/undefined|NaN/.test(text), text);
});

Deno.test("a logger that waits is there but not up, and no logger is not up", () => {
  const waiting = { version: "1.2.3", pid: 7, since: "2026-11-22T12:00:00Z", state: "waiting" };
  const values = (families: ReturnType<typeof waitingMetrics>) =>
    families.map((family) => [sampleName(family), family.samples[0].value]);
  assertEquals(values(waitingMetrics(waiting)), [["wifilogger_up", 0], [
    "wifilogger_build_info",
    1,
  ]]);
  assertEquals(values(noLoggerMetrics()), [["wifilogger_up", 0]]);
});

/** Every metric that the logger and the forwarder have. */
const NAMES = [
  ...loggerMetrics(MADE_UP_STATUS),
  ...processMetrics({ residentBytes: 1, cpuSeconds: 1 }),
  ...outputMetrics([], 0),
  ...deviceMetrics(new TrafficTally("2026-11-27")),
].map(sampleName);

for (
  const file of [
    "contrib/grafana/wifilogger.json",
    "contrib/prometheus/wifilogger.rules.yml",
    "docs/metrics.md",
  ]
) {
  Deno.test(`${file} names only metrics that there are`, async () => {
    const known = new Set(NAMES);
    const text = await Deno.readTextFile(new URL(file, PROJECT));
    const named = new Set(text.match(/\bwifilogger_[a-z_]*[a-z]\b/g));
    assert(named.size > 10, `${named.size}`);
    assertEquals([...named].filter((name) => !known.has(name)), []);
  });
}

Deno.test("docs/metrics.md names every metric that there is", async () => {
  const text = await Deno.readTextFile(new URL("docs/metrics.md", PROJECT));
  const missing = NAMES.filter((name) => !text.includes(`\`${name}\``));
  assertEquals(missing, []);
});
