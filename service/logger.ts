/**
 * The running logger: opens everything, wires it together, and takes it down in order.
 *
 *     interfaces -> LiveCapture -> Observer -> delta -> record (+ place, PTR) -> LogWriter -> RAM log -> archive
 *
 * One loop, that of `LiveCapture`, drives it all: what is due by time is looked at once a second there.
 */

import { formatAddress } from "../capture/address.ts";
import { clockIsSynced } from "../capture/kernel_clock.ts";
import { LocalNetworks } from "../capture/local_networks.ts";
import { NetworkSet } from "../capture/network_set.ts";
import { Observer } from "../capture/observer.ts";
import type { Packet } from "../capture/packet.ts";
import { MAX_PLACES, Places, type PlacesOptions } from "../enrich/places.ts";
import { ReverseDns } from "../enrich/reverse_dns.ts";
import { localDay } from "../storage/calendar_day.ts";
import type { FlushReport } from "../storage/flush_report.ts";
import { LogStore } from "../storage/log_store.ts";
import { isTmpfs } from "../storage/tmpfs.ts";
import { serveControls } from "./control_server.ts";
import { countText } from "./count_text.ts";
import type { Say } from "./diagnostics.ts";
import { LiveCapture } from "./live_capture.ts";
import { addressPlaces } from "./address_places.ts";
import { LocalPlaces } from "./local_places.ts";
import type { LogRecord } from "./log_record.ts";
import { LogWriter } from "./log_writer.ts";
import type { LoggerStatus } from "./logger_status.ts";
import { defaultInterface, interfaceNetworks, ownAddresses } from "./network_interfaces.ts";
import { loadPlaceCache, savePlaceCache } from "./place_cache_file.ts";
import { prepareRamFolder } from "./ram_folder.ts";
import { flowRecord, type Gap, gapRecord, type RecordSources } from "./record_builder.ts";
import { PtrQuestions } from "./ptr_questions.ts";
import type { Settings } from "./settings.ts";
import { VERSION } from "./version.ts";
import { dirname } from "@std/path";

/** Whom a logger tells what. */
export interface LoggerOptions {
  readonly settings: Settings;
  readonly say: Say;
  /** Is given each record as it is written. */
  readonly onRecord?: (record: LogRecord) => void;
  /** What to do about a network on which nothing passes; said once. */
  readonly quietAdvice?: string;
}

/** How often the interfaces are asked for their networks: addresses, and IPv6 prefixes above all, change. */
const NETWORKS_REFRESH_MS = 30_000;
/** How often damaged packets are told of. */
const BAD_PACKETS_REPORT_MS = 60_000;
/** How often the user's databases of places are looked at: whether there are newer ones. */
const DATABASES_REFRESH_MS = 10_000;
/** Addresses that ipinfo.io may have been asked for without any file knowing it, should the logger be killed. */
const MAX_UNSAVED_SPENDING = 500;
/** Without a record for so long after the start, that is said. */
const QUIET_MS = 10_000;
const DNS_PORT = 53;

/**
 * Captures until `stop` is aborted, then writes what is left and flushes it.
 *
 * @throws {CaptureError} when an interface cannot be listened on
 * @throws {RamLogInUseError} when another logger is running
 * @throws {FlushError} when the last flush failed: the records stay in RAM
 */
export async function runLogger(options: LoggerOptions, stop: AbortSignal): Promise<void> {
  const { settings, say } = options;
  const interfaces = settings.interfaces.length > 0 ? settings.interfaces : [defaultInterface()];
  // First what most often fails, so that a logger that cannot listen leaves no trace.
  using logger = new Logger(options, interfaces, await LocalPlaces.open(settings.geoDbPaths));
  await prepareRamFolder(settings, say);
  await using store = await LogStore.open({
    ramLogPath: settings.ramLogPath,
    archiveDir: settings.archiveDir,
    warn: (message) => say("warning", "log", message),
  });
  await logger.run(store, stop);
}

class Logger implements Disposable {
  readonly #settings: Settings;
  readonly #say: Say;
  readonly #options: LoggerOptions;
  readonly #interfaces: readonly string[];
  readonly #networks: LocalNetworks;
  readonly #onLink: NetworkSet;
  readonly #ownAddresses = new NetworkSet(ownAddresses());
  readonly #observer: Observer;
  readonly #capture: LiveCapture;
  readonly #localPlaces: LocalPlaces;
  readonly #places: Places;
  readonly #questions = new PtrQuestions();
  readonly #reverseDns = new ReverseDns((address, signal) => this.#questions.ask(address, signal));
  readonly #sources: RecordSources;
  readonly #startedMs = Date.now();
  readonly #startedAt = performance.now();
  #store!: LogStore;
  #writer!: LogWriter;

  #records = 0;
  #isSynced = clockIsSynced();
  #nextFlushAt: number;
  #nextNetworksAt = 0;
  #nextBadPacketsAt = 0;
  #nextDatabasesAt = 0;
  #badPacketsTold = 0;
  #badPacketsToldUs = this.#startedMs * 1e3;
  #today = localDay(this.#startedMs);
  #isQuietSaid = false;
  #savingPlaces: Promise<void> | undefined;

  constructor(options: LoggerOptions, interfaces: readonly string[], localPlaces: LocalPlaces) {
    const { settings, say } = options;
    this.#options = options;
    this.#settings = settings;
    this.#say = say;
    this.#interfaces = interfaces;
    this.#localPlaces = localPlaces;
    this.#places = new Places({
      databases: () => localPlaces.databases,
      ipinfo: ipinfoOptions(settings, say),
    });
    this.#networks = new LocalNetworks(this.#localNetworkTexts());
    this.#onLink = new NetworkSet(interfaceNetworks(interfaces));
    this.#nextFlushAt = this.#startedAt + settings.flushIntervalMs;
    this.#sources = {
      place: (address) => this.#places.lookUp(address),
      ptr: (address) => this.#reverseDns.name(address),
      isOnLink: (address) => this.#onLink.has(...address),
      interfaceName: interfaces.length > 1 ? (index) => interfaces[index] : undefined,
      clockIsSynced: () => this.#isSynced,
    };
    this.#observer = new Observer(
      (delta) => this.#write(flowRecord(delta, this.#sources)),
      {
        localNetworks: this.#networks,
        activeTimeoutUs: settings.activeTimeoutMs * 1e3,
        ...(settings.idleTimeoutMs === undefined ? {} : {
          idleTimeoutUs: settings.idleTimeoutMs * 1e3,
          tcpIdleTimeoutUs: settings.idleTimeoutMs * 1e3,
        }),
        onNameless: settings.reverseDns
          ? (responder) => this.#reverseDns.request(formatAddress(responder))
          : undefined,
        isOwnQuestion: (packet) => this.#isOwnQuestion(packet),
      },
    );
    this.#capture = new LiveCapture({
      interfaces,
      observer: this.#observer,
      say,
      onGap: (gap) => this.#writeGap(gap),
      onBatch: () => this.#writer.drain(),
      onSecond: () => this.#everySecond(),
    });
  }

  async run(store: LogStore, stop: AbortSignal): Promise<void> {
    this.#store = store;
    this.#writer = new LogWriter({
      store,
      say: this.#say,
      ramLimitBytes: this.#settings.ramLimitBytes,
    });
    await loadPlaceCache(this.#places, this.#settings.placeCachePath, this.#say);
    const server = await serveControls(
      this.#settings.controlSocketPath,
      {
        status: () => this.#status(),
        places: (address) => addressPlaces(address, this.#places),
        flush: () => this.#flush(),
      },
      this.#say,
    );
    try {
      this.#sayWhere();
      this.#writeGap({
        reason: "restart",
        startUs: this.#startedMs * 1e3,
        endUs: this.#startedMs * 1e3,
      });
      const stopCapture = () => this.#capture.stop();
      stop.addEventListener("abort", stopCapture);
      if (stop.aborted) stopCapture();
      await this.#capture.run();
      this.#reportBadPackets();
      this.#observer.endAll();
      const report = await this.#flush();
      this.#say(
        "info",
        "log",
        `stopped; ${countText(report.records, "record")} moved to the archive`,
      );
    } finally {
      await server?.shutdown();
    }
  }

  [Symbol.dispose](): void {
    this.#capture[Symbol.dispose]();
    this.#reverseDns[Symbol.dispose]();
    this.#places[Symbol.dispose]();
  }

  #sayWhere(): void {
    const { ramLogPath, archiveDir } = this.#settings;
    this.#say("info", "capture", `listening on ${this.#interfaces.join(", ")}`);
    this.#say("info", "log", `writing ${ramLogPath}, archive in ${archiveDir}`);
  }

  #write(record: LogRecord): void {
    this.#records++;
    this.#writer.add(record);
    this.#options.onRecord?.(record);
  }

  #writeGap(gap: Gap): void {
    const record = gapRecord(gap, this.#sources);
    this.#writer.add(record);
    this.#options.onRecord?.(record);
  }

  /** From one of our ports and addresses to a name server, or back. */
  #isOwnQuestion(packet: Packet): boolean {
    if (packet.destinationPort === DNS_PORT && this.#questions.isOwnPort(packet.sourcePort)) {
      const { source0, source1, source2, source3 } = packet;
      return this.#ownAddresses.has(source0, source1, source2, source3);
    }
    if (packet.sourcePort === DNS_PORT && this.#questions.isOwnPort(packet.destinationPort)) {
      const { destination0, destination1, destination2, destination3 } = packet;
      return this.#ownAddresses.has(destination0, destination1, destination2, destination3);
    }
    return false;
  }

  /** What is due by time. Durations run on the monotonic clock: a wall clock that leaps moves none of them. */
  #everySecond(): void {
    const now = performance.now();
    this.#isSynced = clockIsSynced();
    this.#observer.sweep(Date.now() * 1e3);
    if (now >= this.#nextNetworksAt) {
      this.#nextNetworksAt = now + NETWORKS_REFRESH_MS;
      this.#networks.replaceExtra(this.#localNetworkTexts());
      this.#onLink.replace(interfaceNetworks(this.#interfaces));
      this.#ownAddresses.replace(ownAddresses());
    }
    if (now >= this.#nextBadPacketsAt) {
      this.#nextBadPacketsAt = now + BAD_PACKETS_REPORT_MS;
      this.#reportBadPackets();
    }
    if (now >= this.#nextDatabasesAt) {
      this.#nextDatabasesAt = now + DATABASES_REFRESH_MS;
      void this.#refreshDatabases();
    }
    if (this.#places.unsavedSpending >= MAX_UNSAVED_SPENDING) void this.#savePlaces();
    const today = localDay(Date.now());
    if (now >= this.#nextFlushAt || today !== this.#today) {
      this.#today = today;
      this.#nextFlushAt = now + this.#settings.flushIntervalMs;
      void this.#flush().catch((error) => this.#say("error", "log", error.message));
    }
    if (!this.#isQuietSaid && this.#records === 0 && now - this.#startedAt >= QUIET_MS) {
      this.#sayQuiet();
    }
  }

  #sayQuiet(): void {
    this.#isQuietSaid = true;
    const { frames, internalPackets } = this.#observer.counters;
    const what = frames === 0
      ? "no packet has been seen yet"
      : `nothing to log has been seen yet (${frames} packets, ${internalPackets} of them between local addresses)`;
    const advice = this.#options.quietAdvice;
    this.#say(
      "info",
      "capture",
      `${what} on ${this.#interfaces.join(", ")}${advice === undefined ? "" : `. ${advice}`}`,
    );
  }

  #reportBadPackets(): void {
    const count = this.#observer.counters.badIp - this.#badPacketsTold;
    const endUs = Math.max(Date.now() * 1e3, this.#badPacketsToldUs);
    if (count > 0) {
      this.#writeGap({ reason: "undecodable", startUs: this.#badPacketsToldUs, endUs, count });
    }
    this.#badPacketsTold += count;
    this.#badPacketsToldUs = endUs;
  }

  /** The records and the cache of places go to the disk together. */
  async #flush(): Promise<FlushReport> {
    const report = await this.#writer.flush();
    await this.#savePlaces();
    return report;
  }

  /** One at a time: they write the same file. */
  async #savePlaces(): Promise<void> {
    this.#savingPlaces ??= savePlaceCache(this.#places, this.#settings.placeCachePath, this.#say)
      .finally(() => this.#savingPlaces = undefined);
    await this.#savingPlaces;
  }

  async #refreshDatabases(): Promise<void> {
    if (await this.#localPlaces.refresh(this.#say)) this.#places.databasesChanged();
  }

  #localNetworkTexts(): string[] {
    return [...this.#settings.localNetworks, ...interfaceNetworks(this.#interfaces)];
  }

  #status(): LoggerStatus {
    const { flows, names: { dns, inspections }, counters } = this.#observer;
    const { ramLogPath, archiveDir, reverseDns } = this.#settings;
    const { lastFlush } = this.#store;
    return {
      version: VERSION,
      pid: Deno.pid,
      started: new Date(this.#startedMs).toISOString(),
      clock: this.#isSynced ? "synced" : "unsynced",
      residentBytes: Deno.memoryUsage().rss,
      interfaces: this.#capture.status(),
      packets: counters,
      flows: {
        live: flows.size,
        limit: flows.maxFlows,
        seen: flows.flowsSeen,
        evicted: flows.evicted,
      },
      dnsNames: { remembered: dns.size, answers: dns.answers, unreadable: dns.unreadable },
      inspections: { heldBytes: inspections.heldBytes, refused: inspections.refused },
      reverseDns: {
        enabled: reverseDns,
        remembered: this.#reverseDns.size,
        ...this.#reverseDns.counters,
      },
      places: {
        remembered: this.#places.size,
        limit: MAX_PLACES,
        databases: this.#localPlaces.databases.map(({ name, builtAt }) => ({
          name,
          built: builtAt.toISOString(),
        })),
        ipinfo: this.#places.ipinfoStatus,
      },
      log: {
        ...this.#store.counters,
        ramLogPath,
        isInRam: isTmpfs(dirname(ramLogPath)),
        ramRecords: this.#store.ramRecords,
        ramBytes: this.#store.ramBytes,
        archiveDir,
        lastFlush: lastFlush === undefined ? undefined : {
          at: new Date(lastFlush.atMs).toISOString(),
          report: lastFlush.report,
        },
        nextFlushInMs: Math.max(0, Math.round(this.#nextFlushAt - performance.now())),
      },
    };
  }
}

function ipinfoOptions(
  { ipinfoToken, ipinfoBudget, ipinfoUrl }: Settings,
  say: Say,
): PlacesOptions["ipinfo"] {
  if (ipinfoToken === undefined) return undefined;
  return {
    token: ipinfoToken.reveal(),
    monthlyBudget: ipinfoBudget,
    hosts: ipinfoUrl === undefined ? undefined : { api: ipinfoUrl, www: ipinfoUrl },
    onRefused: () =>
      say(
        "warning",
        "places",
        "ipinfo.io refuses the token, and is not asked any more. Set the right IPINFO_TOKEN and restart",
      ),
  };
}
