/**
 * Sums of what the log says, for who shows them as they grow: bytes of today, of each device and of all, and gaps. It
 * counts what it is given, whatever the outputs have sent.
 */

import { LRUCache } from "lru-cache";
import { type FlowRecord, type GapRecord, isGap, type LogRecord } from "../../record/log_record.ts";
import { localDay } from "../../storage/day/calendar_day.ts";

/** Bytes of IP length: up is what the device sent. */
export interface WayBytes {
  up: number;
  down: number;
}

/** A device of the household, as far as its traffic is logged. */
export interface TalliedDevice {
  /** Its MAC address, or its IP address where that is all there is. */
  readonly key: string;
  readonly mac: string | undefined;
  /** What it was called last. */
  name: string | undefined;
  /** Who made it, by its MAC address. */
  manufacturer: string | undefined;
  readonly today: WayBytes;
  /** Since counting began. */
  readonly counted: WayBytes;
  /** The time of its last record, milliseconds since 1970. */
  lastMs: number;
}

/** Devices that are told apart. */
export const MAX_DEVICES = 64;
/** One that was silent for so long makes room for another. */
const SILENT_MS = 24 * 3600e3;
/** Addresses whose device is remembered. */
const MAX_ADDRESSES = 1024;

/** Counts records. */
export class TrafficTally {
  readonly today: WayBytes = { up: 0, down: 0 };
  /** Gap records of today. */
  gapsToday = 0;
  /** What devices beyond `MAX_DEVICES` sent and received. */
  readonly others: { readonly today: WayBytes; readonly counted: WayBytes } = {
    today: { up: 0, down: 0 },
    counted: { up: 0, down: 0 },
  };
  readonly #devices = new Map<string, TalliedDevice>();
  /** Flows from outside have no MAC address: the device is known by the address that it had last. */
  readonly #keys = new LRUCache<string, string>({ max: MAX_ADDRESSES });
  #day: string;

  /** `day`: the local calendar day that it is. */
  constructor(day: string) {
    this.#day = day;
  }

  get devices(): Iterable<TalliedDevice> {
    return this.#devices.values();
  }

  /** Devices that had a record since then. */
  activeSince(ms: number): number {
    return [...this.#devices.values()].filter(({ lastMs }) => lastMs >= ms).length;
  }

  /** Begins another day, when it is one. */
  setDay(day: string): void {
    if (day === this.#day) return;
    this.#day = day;
    this.gapsToday = 0;
    const all = [this.today, this.others.today, ...[...this.devices].map(({ today }) => today)];
    for (const sum of all) sum.up = sum.down = 0;
  }

  /** Counts a record; one of before counting began counts only for its day. */
  add(record: LogRecord, { isCounted = true } = {}): void {
    const timeMs = Date.parse(record["@timestamp"]);
    const isToday = localDay(timeMs) === this.#day;
    if (isGap(record)) {
      if (isToday) this.gapsToday++;
      return;
    }
    const bytes = bytesOf(record);
    const sums = this.#deviceOf(record, timeMs) ?? this.others;
    if (isToday) { for (const sum of [this.today, sums.today]) addTo(sum, bytes); }
    if (isCounted) addTo(sums.counted, bytes);
  }

  #deviceOf(
    record: Exclude<LogRecord, GapRecord>,
    timeMs: number,
  ): TalliedDevice | undefined {
    const { source, destination, network } = record;
    const isInbound = network.direction === "inbound";
    const { mac, ip, domain }: Partial<FlowRecord["source"]> = isInbound
      ? { ip: destination.ip }
      : source;
    if (mac !== undefined && ip !== undefined) this.#keys.set(ip, mac);
    const key = mac ?? (ip === undefined ? undefined : this.#keys.get(ip) ?? ip);
    if (key === undefined) return undefined;
    const found = this.#devices.get(key) ?? this.#newDevice(key, mac, timeMs);
    if (found === undefined) return undefined;
    found.lastMs = Math.max(found.lastMs, timeMs);
    if (!isInbound) {
      found.name = domain ?? found.name;
      if ("device" in record) found.manufacturer = record.device?.manufacturer;
    }
    return found;
  }

  #newDevice(key: string, mac: string | undefined, timeMs: number): TalliedDevice | undefined {
    if (this.#devices.size >= MAX_DEVICES) {
      const all = [...this.#devices.values()];
      const silent = all.reduce((a, b) => b.lastMs < a.lastMs ? b : a);
      if (silent.lastMs > timeMs - SILENT_MS) return undefined;
      this.#devices.delete(silent.key);
    }
    const device: TalliedDevice = {
      key,
      mac,
      name: undefined,
      manufacturer: undefined,
      today: { up: 0, down: 0 },
      counted: { up: 0, down: 0 },
      lastMs: timeMs,
    };
    this.#devices.set(key, device);
    return device;
  }
}

function bytesOf({ network, source, destination }: Exclude<LogRecord, GapRecord>): WayBytes {
  return network.direction === "inbound"
    ? { up: destination.bytes, down: source.bytes }
    : { up: source.bytes, down: destination.bytes };
}

function addTo(sum: WayBytes, { up, down }: WayBytes): void {
  sum.up += up;
  sum.down += down;
}
