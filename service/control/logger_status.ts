/** What a running logger tells about itself: the answer to `GET /v1/status`. Times are RFC 3339, sizes in bytes. */

import type { DeviceNameCounters } from "../../capture/devices/device_names.ts";
import type { ObserverCounters } from "../../capture/observer.ts";
import type { GapReason, NameSource } from "../../record/log_record.ts";
import type { PrivacyLevel } from "../../record/privacy_level.ts";
import type { IpinfoStatus } from "../../enrich/ipinfo.ts";
import type { ReverseDnsCounters } from "../../enrich/reverse_dns.ts";
import type { Written } from "../../storage/card/card_writes.ts";
import type { LogStoreCounters } from "../../storage/log_store.ts";
import type { FlushReport } from "../../storage/flush/flush_report.ts";
import type { InterfaceStatus } from "../live/live_capture.ts";
import type { TrafficCounts } from "../log/traffic_counts.ts";

/** What a logger tells that is not listening yet. */
export interface WaitingStatus {
  readonly version: string;
  readonly pid: number;
  /** Since when it waits. */
  readonly since: string;
  /** `waiting for a default route` */
  readonly state: string;
}

/** The state of the logger and its counters since it started. */
export interface LoggerStatus {
  readonly version: string;
  readonly pid: number;
  readonly started: string;
  readonly clock: "synced" | "unsynced";
  readonly residentBytes: number;
  /** Processor time of the process, user and system. */
  readonly cpuSeconds: number;
  /** How much of each flow is kept, and how many devices and sites are left out. */
  readonly privacy: { readonly level: PrivacyLevel; readonly leftOut: number };
  readonly interfaces: readonly InterfaceStatus[];
  readonly packets: ObserverCounters;
  readonly flows: {
    readonly live: number;
    readonly limit: number;
    readonly seen: number;
    readonly evicted: number;
    readonly merged: number;
    /** Flows that wait for an entry in the table, while more begin than it can bear. */
    readonly waiting: number;
  };
  /** Lines and their bytes, by what gave them their names. */
  readonly evidence: Readonly<Record<NameSource, { lines: number; bytes: number }>>;
  /** What the lines tell: bytes of IP length, up being what the local end sent; of others, the initiator. */
  readonly logged: TrafficCounts["bytes"];
  /** How many gaps were told of; of `ram_full`, how often dropping records began. */
  readonly gaps: Readonly<Record<GapReason, number>>;
  /** Local devices, this machine left out; at most 1024 of each kind are told apart. */
  readonly seen: {
    /** That spoke by ARP, DHCP, mDNS and their like. */
    readonly heardDevices: number;
    /** Whose traffic is in the log. */
    readonly passingDevices: number;
    /** Whether this machine's own traffic is. */
    readonly ownTrafficPasses: boolean;
    /** Lines of TCP with ten packets or more. */
    readonly tcpLines: number;
    /** Those of them in which one end's packets alone were seen. */
    readonly oneSidedLines: number;
  };
  readonly dnsNames: {
    readonly remembered: number;
    readonly answers: number;
    readonly unreadable: number;
    /** Not read because there were too many. */
    readonly leftOut: number;
  };
  readonly devices: DeviceNameCounters & { readonly remembered: number };
  readonly inspections: { readonly heldBytes: number; readonly refused: number };
  readonly reverseDns: ReverseDnsCounters & {
    readonly enabled: boolean;
    readonly remembered: number;
  };
  readonly places: {
    readonly remembered: number;
    readonly limit: number;
    /** Those that had to make room for others. */
    readonly evicted: number;
    /** The most trusted first. */
    readonly databases: readonly { readonly name: string; readonly built: string }[];
    /** Without a token, ipinfo.io is not asked. */
    readonly ipinfo: IpinfoStatus | undefined;
  };
  readonly log: LogStoreCounters & {
    readonly ramLogPath: string;
    readonly isInRam: boolean;
    readonly ramRecords: number;
    readonly ramBytes: number;
    readonly ramLimitBytes: number;
    /** Dropped because neither RAM nor card had room. */
    readonly droppedRecords: number;
    /** What would be lost if the power went now: records in RAM, all since that time. */
    readonly unsaved: { readonly records: number; readonly since: string };
    readonly archiveDir: string;
    /** As of the last flush by the interval; absent before that. */
    readonly archiveBytes?: number;
    /** Of the file system that the archive is on; absent while there is no such folder. */
    readonly archiveRoom?: { readonly totalBytes: number; readonly freeBytes: number };
    readonly lastFlush: { readonly at: string; readonly report: FlushReport } | undefined;
    readonly nextFlushInMs: number;
  };
  /** What is written to the card. */
  readonly card: {
    readonly today: Written;
    /** Since counting began, by earlier loggers too. */
    readonly total: Written;
    /** On average; absent before a first hour has been counted. */
    readonly perDay?: Written;
    readonly budgetBytes?: number;
    readonly enduranceBytes: number;
    /** The share of its life that a year costs, 0 to 1. */
    readonly yearlyShare?: number;
  };
}
