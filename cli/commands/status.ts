/** `wifilogger status`: what the running logger says about itself. */

import { outputText } from "../../forward/progress/output_text.ts";
import { isForwarderRunning } from "../../forward/progress/forwarder_lock.ts";
import { readOutputStates } from "../../forward/progress/progress.ts";
import { readTellStates, receiverText } from "../../forward/telling/tell_state.ts";
import { askStatus, WaitingLoggerError } from "../../service/control/control_client.ts";
import { countText } from "../../service/program/count_text.ts";
import type { LoggerStatus, WaitingStatus } from "../../service/control/logger_status.ts";
import { privacyText } from "../../service/control/privacy_text.ts";
import { vantageText } from "../../service/control/vantage.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { escapeText } from "../../record/escape_text.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/** Prints the status. @returns the exit code */
export async function status(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.status, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", ["text", "json"]);
  const { controlSocketPath, forwardDir } = logSettingsFrom(args);
  const answer = await statusOrWaiting(controlSocketPath);
  const outputs = await readOutputStates(forwardDir);
  const receivers = await readTellStates(forwardDir);
  if (format === "json") {
    const shown = {
      ...answer,
      ...(outputs.length > 0 && { outputs }),
      ...(receivers.length > 0 && { receivers }),
    };
    console.log(JSON.stringify(shown, null, 2));
  } else {
    const lines = "state" in answer ? waitingLines(answer) : statusLines(answer);
    const now = { isRunning: await isForwarderRunning(forwardDir), nowMs: Date.now() };
    console.log(table([
      ...lines,
      ...outputs.map((state): Line => ["forward", outputText(state, now)]),
      ...receivers.map((state): Line => ["tell", receiverText(state, now)]),
    ]));
  }
  return EXIT_DONE;
}

/** A line of the answer. */
type Line = readonly [what: string, value: string];

async function statusOrWaiting(socketPath: string): Promise<LoggerStatus | WaitingStatus> {
  try {
    return await askStatus(socketPath);
  } catch (error) {
    if (error instanceof WaitingLoggerError) return error.waiting;
    throw error;
  }
}

function waitingLines({ version, pid, since, state }: WaitingStatus): Line[] {
  const waitedMs = Date.now() - Date.parse(since);
  return [
    ["running", `version ${version}, process ${pid}`],
    ["capture", `${state} since ${formatElapsed(waitedMs)}; nothing is logged`],
    ["advice", "to listen on another interface, set WIFILOGGER_INTERFACE and restart"],
  ];
}

/** The status for a person: a line for each thing that may interest the owner. */
function statusLines(status: LoggerStatus): Line[] {
  const { packets, flows, dnsNames, reverseDns, places, log } = status;
  const uptimeMs = Math.round((Date.now() - Date.parse(status.started)) / 1e3) * 1e3;
  return [
    ["running", `version ${status.version}, process ${status.pid}, for ${formatElapsed(uptimeMs)}`],
    ["memory", formatBytes(status.residentBytes)],
    ["privacy", privacyText(status.privacy)],
    ["clock", status.clock === "synced" ? "set by the network" : "not set by the network yet"],
    ...status.interfaces.map(interfaceLine),
    ["sees", vantageText(status)],
    [
      "packets",
      `${packets.ipPackets} IP (${
        formatBytes(packets.ipBytes)
      }), ${packets.internalPackets} of them ` +
      `between local addresses; ${packets.notIp} other, ${packets.badIp} damaged`,
    ],
    [
      "flows",
      `${flows.live} of at most ${flows.limit}; ${flows.seen} seen, ${flows.evicted} evicted, ` +
      `${flows.merged} merged`,
    ],
    ["named by", evidenceText(status.evidence)],
    ["DNS names", `${dnsNames.remembered} from ${dnsNames.answers} answers`],
    [
      "reverse DNS",
      reverseDns.enabled
        ? `${reverseDns.asked} asked, ${reverseDns.named} named, ${reverseDns.failed} without a name`
        : "off",
    ],
    [
      "places",
      `${places.remembered} of at most ${places.limit} remembered; ${places.evicted} evicted`,
    ],
    ...places.databases.map(({ name, built }): [string, string] => [
      "database",
      `${name}, as of ${built.slice(0, 10)}`,
    ]),
    ["ipinfo.io", ipinfoText(places.ipinfo)],
    [
      "RAM log",
      `${log.ramLogPath}: ${countText(log.ramRecords, "record")} (${formatBytes(log.ramBytes)})` +
      (log.isInRam ? "" : ", NOT in RAM"),
    ],
    ...(log.droppedRecords > 0
      ? [[
        "lost",
        `${countText(log.droppedRecords, "record")} DROPPED: neither RAM nor card had room`,
      ] as [string, string]]
      : []),
    ["unsaved", unsavedText(status)],
    [
      "archive",
      `${log.archiveDir}: ${countText(log.flushedRecords, "record")} moved in ` +
      (log.flushes === 1 ? "1 flush" : `${log.flushes} flushes`),
    ],
    ["last flush", lastFlushText(log)],
    ["card", cardText(status.card)],
  ];
}

function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([what]) => what.length));
  return lines.map(([what, value]) => `${what.padEnd(width)}  ${escapeText(value)}`).join("\n");
}

function interfaceLine(
  { name, linkType, isUp, statistics }: LoggerStatus["interfaces"][number],
): [string, string] {
  if (!isUp && linkType === undefined && statistics.received === 0) {
    return ["interface", `WAITING for ${name}: it is not there, or down`];
  }
  const state = isUp ? linkType ?? "opening" : "DOWN";
  return [
    "interface",
    `${name} (${state}): ${statistics.received} packets received, ` +
    `${statistics.droppedByKernel} dropped by the kernel, ${statistics.droppedByInterface} by the interface`,
  ];
}

const EVIDENCE_TEXTS: Readonly<Record<keyof LoggerStatus["evidence"], string>> = {
  tls_sni: "TLS",
  quic_sni: "QUIC",
  http_host: "HTTP",
  dns: "DNS",
  ptr: "reverse DNS",
  none: "unknown",
};

/** `TLS 61 %, QUIC 22 %, unknown 17 % of 1.2 GB` */
function evidenceText(evidence: LoggerStatus["evidence"]): string {
  const counts = Object.entries(EVIDENCE_TEXTS).map(([source, text]) => ({
    text,
    bytes: evidence[source as keyof typeof evidence].bytes,
  }));
  const total = counts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return "nothing yet";
  const shares = counts.filter(({ bytes }) => bytes > 0)
    .map(({ text, bytes }) => `${text} ${percent(bytes / total)}`);
  return `${shares.join(", ")} of ${formatBytes(total)}`;
}

/** `61 %`, `<1 %` */
function percent(share: number): string {
  return share < 0.01 ? "<1 %" : `${Math.round(share * 100)} %`;
}

/** What the power would take with it if it went now. */
function unsavedText({ flows, log: { unsaved } }: LoggerStatus): string {
  const since = new Date(unsaved.since).toTimeString().slice(0, 8);
  const records = unsaved.records === 0
    ? "no record"
    : `${countText(unsaved.records, "record")} since ${since}`;
  const live = flows.live === 0
    ? ""
    : `, and what ${countText(flows.live, "live flow")} had since the last line`;
  return `${records}${live}: lost if the power went now`;
}

function ipinfoText(ipinfo: LoggerStatus["places"]["ipinfo"]): string {
  if (ipinfo === undefined) {
    return "not asked for addresses: see WIFILOGGER_IPINFO in `wifilogger config`";
  }
  if (ipinfo.budget.limit === 0) return "not asked: WIFILOGGER_IPINFO_BUDGET is 0";
  const { plan, state, pause, answered, failed, waiting, skipped, requests, budget } = ipinfo;
  const states = {
    "asking": plan === undefined ? "the plan is not known yet" : `${plan} plan`,
    "paused": pause && `paused for ${formatElapsed(pause.forMs)}: ${pause.why}`,
    "token refused": "STOPPED: it refuses the token. Set the right IPINFO_TOKEN and restart",
    "waiting for the file": "waiting until the cache of places is saved",
    "budget spent": "not asked until next month: the budget is spent",
  };
  return `${states[state]}; ${answered} answers in ${requests} requests, ${failed} without one, ` +
    `${waiting} waiting, ${skipped} skipped; ${budget.spent} of ${budget.limit} spent in ${budget.month}`;
}

function lastFlushText({ lastFlush, failedFlushes, nextFlushInMs }: LoggerStatus["log"]): string {
  const last = lastFlush === undefined
    ? "none yet"
    : `${lastFlush.at}, ${countText(lastFlush.report.records, "record")}`;
  const failed = failedFlushes > 0 ? `; ${failedFlushes} FAILED` : "";
  return `${last}${failed}; the next in ${formatElapsed(nextFlushInMs)}`;
}

function cardText({ today, perDay, enduranceBytes, yearlyShare }: LoggerStatus["card"]): string {
  const written = ({ bytes, syncs }: { bytes: number; syncs: number }) =>
    `${formatBytes(bytes)} in ${syncs} syncs`;
  if (perDay === undefined || yearlyShare === undefined) return `${written(today)} written today`;
  const share = (yearlyShare * 100).toPrecision(2);
  return `${written(today)} written today, ${written(perDay)} a day on average: ` +
    `about ${share} % of ${formatBytes(enduranceBytes)} in a year`;
}

/** `3d 4h`, `4h 5m`, `5m 6s`, `6s`: the two largest units. */
function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1e3));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first < 0 ? parts.slice(3) : parts.slice(first, first + 2);
  return shown.map(([value, unit]) => `${value}${unit}`).join(" ");
}
