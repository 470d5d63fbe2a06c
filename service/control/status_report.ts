/** Gathering what the running logger tells about itself. */

import { dirname } from "@std/path";
import type { Observer } from "../../capture/observer.ts";
import { MAX_PLACES } from "../../enrich/places.ts";
import type { ReverseDns } from "../../enrich/reverse_dns.ts";
import type { LogStore } from "../../storage/log_store.ts";
import { isTmpfs } from "../../system/tmpfs.ts";
import type { WearLedger } from "../../storage/card/wear_ledger.ts";
import type { Archiver } from "../log/archiver.ts";
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
    interfaces: capture.status(),
    packets: counters,
    flows: {
      live: flows.size,
      limit: flows.maxFlows,
      seen: flows.flowsSeen,
      evicted: flows.evicted,
      merged: observer.mergedFlows,
    },
    dnsNames: { remembered: dns.size, answers: dns.answers, unreadable: dns.unreadable },
    devices: { remembered: observer.devices.size, ...observer.devices.counters },
    inspections: { heldBytes: inspections.heldBytes, refused: inspections.refused },
    reverseDns: {
      enabled: settings.reverseDns,
      remembered: reverseDns.size,
      ...reverseDns.counters,
    },
    places: placesStatus(parts),
    log: logStatus(parts),
    card: cardStatus(parts),
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

function logStatus({ settings, store, writer, archiver }: LoggerParts): LoggerStatus["log"] {
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
    archiveDir,
    lastFlush: lastFlush === undefined ? undefined : {
      at: new Date(lastFlush.atMs).toISOString(),
      report: lastFlush.report,
    },
    nextFlushInMs: archiver.nextFlushInMs,
  };
}

function cardStatus({ settings, card }: LoggerParts): LoggerStatus["card"] {
  const { wearBudgetBytes, cardEnduranceBytes } = settings;
  const { today, perDay } = card;
  return {
    today: { ...today },
    perDay,
    budgetBytes: wearBudgetBytes,
    enduranceBytes: cardEnduranceBytes,
    yearlyShare: perDay && yearlyShare(perDay, cardEnduranceBytes),
  };
}
