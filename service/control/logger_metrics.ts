/** A logger's status as metrics. Times are seconds, sizes bytes; every label has few values. */

import type { MetricFamily, MetricSample, MetricType } from "../metrics/metric_family.ts";
import type { LoggerStatus, WaitingStatus } from "./logger_status.ts";

type Labels = MetricSample["labels"];
/** A value with its labels; `undefined`: it is not known, and left out. */
type Value = readonly [labels: Labels, value: number | undefined];

const PREFIX = "wifilogger_";
const UNITS = ["bytes", "seconds", "ratio"];

/** What a running logger tells of itself. */
export function loggerMetrics(status: LoggerStatus): MetricFamily[] {
  return [
    up(1),
    ...processMetrics(status),
    ...captureMetrics(status),
    ...flowMetrics(status),
    ...nameMetrics(status),
    ...placeMetrics(status.places),
    ...logMetrics(status),
    ...cardMetrics(status.card),
  ];
}

/** A logger that waits for an interface logs nothing: it is not up, but it is there. */
export function waitingMetrics({ version }: WaitingStatus): MetricFamily[] {
  return [up(0), buildInfo(version)];
}

/** Of no logger nothing else is known. */
export function noLoggerMetrics(): MetricFamily[] {
  return [up(0)];
}

function up(value: number): MetricFamily {
  return gauge("up", "Whether a logger is running that logs.", value);
}

function buildInfo(version: string): MetricFamily {
  return family("build", "info", "The version of the logger.", [[{ version }, 1]]);
}

function processMetrics(status: LoggerStatus): MetricFamily[] {
  return [
    buildInfo(status.version),
    gauge(
      "process_start_time_seconds",
      "When the logger started, since 1970.",
      unixSeconds(status.started),
    ),
    gauge("process_resident_memory_bytes", "Memory that the logger holds.", status.residentBytes),
    counter("process_cpu_seconds", "Processor time, of user and system.", status.cpuSeconds),
    gauge(
      "clock_synced",
      "Whether the machine's clock has been set by the network.",
      Number(status.clock === "synced"),
    ),
  ];
}

function captureMetrics({ interfaces, packets, seen, logged, gaps }: LoggerStatus): MetricFamily[] {
  const perInterface = (value: (status: LoggerStatus["interfaces"][number]) => number): Value[] =>
    interfaces.map((status) => [{ interface: status.name }, value(status)]);
  return [
    gauges(
      "interface_up",
      "Whether the interface is listened on.",
      perInterface(({ isUp }) => Number(isUp)),
    ),
    counters(
      "interface_received_packets",
      "Packets that the kernel received for the logger.",
      perInterface(({ statistics }) => statistics.received),
    ),
    counters(
      "interface_dropped_packets",
      "Packets that nobody has seen: by=kernel, the ring was full; by=interface, the interface or its driver.",
      interfaces.flatMap(({ name, statistics }): Value[] => [
        [{ interface: name, by: "kernel" }, statistics.droppedByKernel],
        [{ interface: name, by: "interface" }, statistics.droppedByInterface],
      ]),
    ),
    ...packetMetrics(packets),
    counters(
      "logged_bytes",
      "IP bytes that records tell of; up is what the local end sent, of two alike the initiator.",
      Object.entries(logged).flatMap(([direction, { up, down }]): Value[] => [
        [{ direction, way: "up" }, up],
        [{ direction, way: "down" }, down],
      ]),
    ),
    counters(
      "gaps",
      "Gaps in the log by reason; of ram_full, how often dropping records began.",
      byLabel("reason", gaps),
    ),
    gauges("devices", "Local devices but this one: heard, or their traffic logged; 1024 at most.", [
      [{ seen: "heard" }, seen.heardDevices],
      [{ seen: "passing" }, seen.passingDevices],
    ]),
    counter("tcp_lines", "Lines of TCP with ten packets or more.", seen.tcpLines),
    counter(
      "one_sided_tcp_lines",
      "Of those, with packets of one end alone.",
      seen.oneSidedLines,
    ),
  ];
}

function packetMetrics(packets: LoggerStatus["packets"]): MetricFamily[] {
  const { ipPackets, ipBytes, internalPackets, internalBytes, ownPackets, ownBytes } = packets;
  return [
    counters("packets", "Frames by what they were; only those of kind=logged are in records.", [
      [{ kind: "logged" }, ipPackets - internalPackets - ownPackets],
      [{ kind: "internal" }, internalPackets],
      [{ kind: "own_query" }, ownPackets],
      [{ kind: "not_ip" }, packets.notIp],
      [{ kind: "damaged" }, packets.badIp],
    ]),
    counters("packet_bytes", "IP bytes of the packets, by what those were.", [
      [{ kind: "logged" }, ipBytes - internalBytes - ownBytes],
      [{ kind: "internal" }, internalBytes],
      [{ kind: "own_query" }, ownBytes],
    ]),
  ];
}

function flowMetrics({ flows }: LoggerStatus): MetricFamily[] {
  return [
    gauge("flows", "Flows under way.", flows.live),
    gauge("flows_limit", "Flows that may be under way.", flows.limit),
    counter("flows_seen", "Flows that were seen.", flows.seen),
    counter("flows_evicted", "Flows that had to make room for others.", flows.evicted),
    gauge("flows_waiting", "Flows that wait for an entry, for too many begin.", flows.waiting),
    counter("flows_merged", "Flows that have no record of their own.", flows.merged),
  ];
}

function nameMetrics(status: LoggerStatus): MetricFamily[] {
  const { evidence, dnsNames, devices, inspections, reverseDns } = status;
  const perEvidence = (value: (counts: { lines: number; bytes: number }) => number): Value[] =>
    Object.entries(evidence).map(([evidence, counts]) => [{ evidence }, value(counts)]);
  return [
    counters(
      "named_lines",
      "Lines by what gave them their name.",
      perEvidence(({ lines }) => lines),
    ),
    counters(
      "named_bytes",
      "IP bytes by what gave their line its name.",
      perEvidence(({ bytes }) => bytes),
    ),
    gauge("dns_names", "Names remembered from DNS answers.", dnsNames.remembered),
    counter("dns_answers", "DNS answers that were read.", dnsNames.answers),
    counter(
      "dns_unreadable_answers",
      "DNS answers that could not be read.",
      dnsNames.unreadable,
    ),
    counter(
      "dns_left_out_answers",
      "DNS answers not read, for there were too many.",
      dnsNames.leftOut,
    ),
    gauge("device_names", "Names of devices remembered.", devices.remembered),
    counter("device_messages", "Packets in which devices say their names.", devices.messages),
    counter(
      "device_left_out_messages",
      "Packets in which devices say their names, not read, for there were too many.",
      devices.leftOut,
    ),
    gauge("inspection_held_bytes", "First payloads held to be read.", inspections.heldBytes),
    counter(
      "inspections_refused",
      "First payloads not read for want of room or time.",
      inspections.refused,
    ),
    counter("reverse_dns_asked", "Addresses that reverse DNS was asked about.", reverseDns.asked),
    counters("reverse_dns_answers", "What came of asking reverse DNS.", [
      [{ outcome: "named" }, reverseDns.named],
      [{ outcome: "failed" }, reverseDns.failed],
    ]),
  ];
}

function placeMetrics({ remembered, limit, evicted, databases, ipinfo }: LoggerStatus["places"]) {
  return [
    gauge("places", "Addresses whose place is remembered.", remembered),
    gauge("places_limit", "Addresses whose place may be remembered.", limit),
    counter("places_evicted", "Places that had to make room for others.", evicted),
    gauges(
      "place_database_built_time_seconds",
      "When the database of places was made, since 1970.",
      databases.map(({ name, built }) => [{ database: name }, unixSeconds(built)]),
    ),
    ...(ipinfo === undefined ? [] : ipinfoMetrics(ipinfo)),
  ];
}

const IPINFO_STATES: readonly NonNullable<LoggerStatus["places"]["ipinfo"]>["state"][] = [
  "asking",
  "paused",
  "token refused",
  "budget spent",
  "waiting for the file",
];

function ipinfoMetrics(ipinfo: NonNullable<LoggerStatus["places"]["ipinfo"]>): MetricFamily[] {
  return [
    gauges(
      "ipinfo_state",
      "What the client of ipinfo.io is doing: 1 of its state, 0 of the others.",
      IPINFO_STATES.map((state) => [
        { state: state.replaceAll(" ", "_") },
        Number(state === ipinfo.state),
      ]),
    ),
    counters("ipinfo_requests", "Requests to ipinfo.io, and those that came to nothing.", [
      [{ outcome: "answered" }, ipinfo.requests - ipinfo.failedRequests],
      [{ outcome: "failed" }, ipinfo.failedRequests],
    ]),
    gauge("ipinfo_waiting", "Addresses that wait for an answer of ipinfo.io.", ipinfo.waiting),
    gauge("ipinfo_budget_spent", "Addresses asked for this month.", ipinfo.budget.spent),
    gauge(
      "ipinfo_budget_limit",
      "Addresses that may be asked for in a month.",
      ipinfo.budget.limit,
    ),
  ];
}

function logMetrics({ log }: LoggerStatus): MetricFamily[] {
  const { lastFlush, archiveRoom } = log;
  return [
    counter("records", "Records written to the RAM log.", log.appendedRecords),
    counter("record_bytes", "Bytes of the records written to the RAM log.", log.appendedBytes),
    counter("failed_appends", "Writes to the RAM log that failed.", log.failedAppends),
    counter(
      "dropped_records",
      "Records dropped because neither RAM nor card had room.",
      log.droppedRecords,
    ),
    counter("flushed_records", "Records moved to the archive.", log.flushedRecords),
    counter("flushed_bytes", "Bytes moved to the archive.", log.flushedBytes),
    counters("flushes", "Flushes of the RAM log to the archive.", [
      [{ outcome: "done" }, log.flushes],
      [{ outcome: "failed" }, log.failedFlushes],
    ]),
    gauge(
      "last_flush_time_seconds",
      "When the last flush ended, since 1970.",
      lastFlush && unixSeconds(lastFlush.at),
    ),
    gauge(
      "last_flush_duration_seconds",
      "How long the last flush took.",
      lastFlush && lastFlush.report.durationMs / 1e3,
    ),
    gauge(
      "next_flush_in_seconds",
      "How long until the next flush by the interval.",
      log.nextFlushInMs / 1e3,
    ),
    gauge("ram_log_bytes", "Bytes in the RAM log.", log.ramBytes),
    gauge("ram_log_limit_bytes", "Bytes that the RAM log may take.", log.ramLimitBytes),
    gauge("ram_log_in_ram", "Whether the RAM log is on a tmpfs.", Number(log.isInRam)),
    gauge(
      "unsaved_records",
      "Records that would be lost if the power went now.",
      log.unsaved.records,
    ),
    gauge(
      "unsaved_since_time_seconds",
      "Since when everything would be lost if the power went now, since 1970.",
      unixSeconds(log.unsaved.since),
    ),
    gauge(
      "archive_bytes",
      "The archive's size as of the last flush by the interval.",
      log.archiveBytes,
    ),
    gauge(
      "archive_filesystem_size_bytes",
      "Room on the archive's file system in all.",
      archiveRoom?.totalBytes,
    ),
    gauge(
      "archive_filesystem_free_bytes",
      "Room that is free to the logger on the archive's file system.",
      archiveRoom?.freeBytes,
    ),
  ];
}

function cardMetrics(card: LoggerStatus["card"]): MetricFamily[] {
  return [
    counter(
      "card_written_bytes",
      "Bytes written to the card, since counting began, by earlier loggers too.",
      card.total.bytes,
    ),
    counter(
      "card_syncs",
      "Calls of fsync(2) to the card, counted as the bytes are.",
      card.total.syncs,
    ),
    gauge("card_budget_bytes", "Bytes that may be written to the card in a day.", card.budgetBytes),
    gauge("card_endurance_bytes", "Bytes that the card bears in its life.", card.enduranceBytes),
    gauge(
      "card_yearly_wear_ratio",
      "The share of the card's life that a year costs.",
      card.yearlyShare,
    ),
  ];
}

function counter(name: string, help: string, value: number | undefined): MetricFamily {
  return counters(name, help, [[{}, value]]);
}

function gauge(name: string, help: string, value: number | undefined): MetricFamily {
  return gauges(name, help, [[{}, value]]);
}

function counters(name: string, help: string, values: readonly Value[]): MetricFamily {
  return family(name, "counter", help, values);
}

function gauges(name: string, help: string, values: readonly Value[]): MetricFamily {
  return family(name, "gauge", help, values);
}

function family(
  name: string,
  type: MetricType,
  help: string,
  values: readonly Value[],
): MetricFamily {
  const samples = values.flatMap(([labels, value]) =>
    value === undefined ? [] : [{ labels, value }]
  );
  const unit = UNITS.find((unit) => name.endsWith(`_${unit}`));
  return { name: `${PREFIX}${name}`, type, help, unit, samples };
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): Value[] {
  return Object.entries(counts).map(([word, count]) => [{ [label]: word }, count]);
}

function unixSeconds(at: string): number {
  return Date.parse(at) / 1e3;
}
