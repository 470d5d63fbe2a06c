/** Gathering what the running logger tells about itself. */

import { dirname } from "@std/path";
import type { Observer } from "../../capture/observer.ts";
import { MAX_PLACES } from "../../enrich/places.ts";
import type { ReverseDns } from "../../enrich/reverse_dns.ts";
import type { LogStore } from "../../storage/log_store.ts";
import { cpuSeconds } from "../../system/process_cpu.ts";
import { fileSystemRoom, isTmpfs } from "../../system/files/tmpfs.ts";
import type { WearLedger } from "../../storage/card/wear_ledger.ts";
import {
  type DeviceKey,
  deviceKeyOf,
  type SeenDevices,
} from "../../capture/devices/seen_devices.ts";
import type { Archiver } from "../log/archiver.ts";
import type { EvidenceCounts } from "../log/evidence_counts.ts";
import type { TrafficCounts } from "../log/traffic_counts.ts";
import { yearlyShare } from "../log/card_wear.ts";
import type { KeptPlaces } from "../places/kept_places.ts";
import type { LiveCapture } from "../live/live_capture.ts";
import type { LogWriter } from "../log/log_writer.ts";
import type { LoggerStatus } from "./logger_status.ts";
import type { Settings } from "../settings/settings.ts";
import { VERSION } from "../program/version.ts";

/** The parts of a running logger that have something to tell. */
export interface LoggerParts {
  readonly settings: Settings;
  /** When the logger started, milliseconds since 1970. */
  readonly startedMs: number;
  readonly clockIsSynced: boolean;
  readonly capture: LiveCapture;
  readonly observer: Observer;
  readonly evidence: EvidenceCounts;
  readonly traffic: TrafficCounts;
  readonly reverseDns: ReverseDns;
  readonly places: KeptPlaces;
  readonly store: LogStore;
  readonly writer: LogWriter;
  readonly archiver: Archiver;
  readonly card: WearLedger;
}

/** The state of a logger at this moment. */
export function loggerStatus(parts: LoggerParts): LoggerStatus {
  const { settings, capture, observer, reverseDns } = parts;
  const { flows, names: { dns, inspections }, counters } = observer;
  return {
    version: VERSION,
    pid: Deno.pid,
    started: new Date(parts.startedMs).toISOString(),
    clock: parts.clockIsSynced ? "synced" : "unsynced",
    residentBytes: Deno.memoryUsage().rss,
    cpuSeconds: cpuSeconds(),
    privacy: { level: settings.privacy, leftOut: settings.leaveOut.length },
    interfaces: capture.status(),
    packets: counters,
    flows: {
      live: flows.size,
      limit: flows.maxFlows,
      seen: flows.flowsSeen,
      evicted: flows.evicted,
      merged: observer.mergedFlows,
      waiting: flows.waiting,
    },
    evidence: parts.evidence.counts,
    logged: parts.traffic.bytes,
    gaps: { ...parts.traffic.gaps, ram_full: parts.writer.timesFull },
    seen: seenStatus(observer.seen, Deno.networkInterfaces()),
    dnsNames: {
      remembered: dns.size,
      answers: dns.answers,
      unreadable: dns.unreadable,
      leftOut: dns.leftOut,
    },
    devices: { remembered: observer.devices.size, ...observer.devices.counters },
    inspections: { heldBytes: inspections.heldBytes, refused: inspections.refused },
    reverseDns: {
      enabled: settings.reverseDns && settings.privacy !== "totals",
      remembered: reverseDns.size,
      ...reverseDns.counters,
    },
    places: placesStatus(parts),
    log: logStatus(parts),
    card: cardStatus(parts),
  };
}

/** Other devices than this machine, whose addresses are given. */
export function seenStatus(
  { heard, passing, tcpLines, oneSidedLines }: SeenDevices,
  addresses: readonly Pick<Deno.NetworkInterfaceInfo, "address" | "mac">[],
): LoggerStatus["seen"] {
  const own = new Set(addresses.flatMap(({ address, mac }) => [address, deviceKeyOf(mac)]));
  const others = (devices: ReadonlySet<DeviceKey>) => devices.difference(own).size;
  return {
    heardDevices: others(heard),
    passingDevices: others(passing),
    ownTrafficPasses: !passing.isDisjointFrom(own),
    tcpLines,
    oneSidedLines,
  };
}

function placesStatus({ places: { places, databases } }: LoggerParts): LoggerStatus["places"] {
  return {
    remembered: places.size,
    limit: MAX_PLACES,
    evicted: places.evicted,
    databases: databases.map(({ name, builtAt }) => ({ name, built: builtAt.toISOString() })),
    ipinfo: places.ipinfoStatus,
  };
}

function logStatus(
  { settings, store, writer, archiver, startedMs }: LoggerParts,
): LoggerStatus["log"] {
  const { ramLogPath, archiveDir } = settings;
  const { lastFlush } = store;
  return {
    ...store.counters,
    ramLogPath,
    isInRam: isTmpfs(dirname(ramLogPath)),
    ramRecords: store.ramRecords,
    ramBytes: store.ramBytes,
    ramLimitBytes: store.ramLimitBytes,
    droppedRecords: writer.droppedRecords,
    unsaved: {
      records: store.ramRecords,
      since: new Date(savedUntilMs(lastFlush) ?? startedMs).toISOString(),
    },
    archiveDir,
    archiveBytes: archiver.archiveBytes,
    archiveRoom: archiveRoom(archiveDir),
    lastFlush: lastFlush === undefined ? undefined : {
      at: new Date(lastFlush.atMs).toISOString(),
      report: lastFlush.report,
    },
    nextFlushInMs: archiver.nextFlushInMs,
  };
}

/** `undefined` of a folder that is not there. */
function archiveRoom(archiveDir: string): LoggerStatus["log"]["archiveRoom"] {
  const room = fileSystemRoom(archiveDir);
  return Number.isFinite(room.totalBytes) ? room : undefined;
}

/** A flush moves what was written before it began. */
function savedUntilMs(lastFlush: LogStore["lastFlush"]): number | undefined {
  return lastFlush && lastFlush.atMs - lastFlush.report.durationMs;
}

function cardStatus({ settings, card }: LoggerParts): LoggerStatus["card"] {
  const { wearBudgetBytes, cardEnduranceBytes } = settings;
  const { today, total, perDay } = card;
  return {
    today: { ...today },
    total: { ...total },
    perDay,
    budgetBytes: wearBudgetBytes,
    enduranceBytes: cardEnduranceBytes,
    yearlyShare: perDay && yearlyShare(perDay, cardEnduranceBytes),
  };
}
