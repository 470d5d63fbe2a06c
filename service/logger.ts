/**
 * The running logger: opens everything, wires it together, and takes it down in order.
 *
 *     interfaces -> LiveCapture -> Observer -> delta -> record (+ place, PTR) -> LogWriter -> RAM log -> archive
 *
 * One loop, that of `LiveCapture`, drives it all: what is due by time is looked at once a second there.
 */

import { destinationOf, formatAddress, sourceOf } from "../capture/address.ts";
import { LocalNetworks } from "../capture/local_networks.ts";
import { NetworkSet } from "../capture/network_set.ts";
import { Observer } from "../capture/observer.ts";
import type { Packet } from "../capture/packet.ts";
import { MAX_PLACES, Places, type PlacesOptions } from "../enrich/places.ts";
import { ReverseDns } from "../enrich/reverse_dns.ts";
import { openVendorTable, type VendorTable } from "../enrich/vendor.ts";
import { localDay, msUntilNextLocalMidnight } from "../storage/calendar_day.ts";
import { WearLedger } from "../storage/wear_ledger.ts";
import type { FlushReport } from "../storage/flush_report.ts";
import { LogStore } from "../storage/log_store.ts";
import { ramFiles } from "../storage/ram_files.ts";
import { isTmpfs } from "../storage/tmpfs.ts";
import { budgetInterval, yearlyShare } from "./card_wear.ts";
import { correctedLine } from "./clock_correction.ts";
import { clockSync } from "./clock_sync.ts";
import { ClockWatch } from "./clock_watch.ts";
import { serveControls } from "./control_server.ts";
import { countText } from "./count_text.ts";
import type { Say } from "./diagnostics.ts";
import { LiveCapture } from "./live_capture.ts";
import { addressPlaces } from "./address_places.ts";
import { LocalPlaces } from "./local_places.ts";
import type { LogRecord } from "./log_record.ts";
import { LogWriter } from "./log_writer.ts";
import type { LoggerStatus } from "./logger_status.ts";
import { chooseInterfaces } from "./chosen_interfaces.ts";
import { interfaceNetworks, ownAddresses } from "./network_interfaces.ts";
import { loadPlaceCache, savePlaceCache } from "./place_cache_file.ts";
import { prepareRamFolder } from "./ram_folder.ts";
import {
  flowRecord,
  type Gap,
  gapRecord,
  mergedRecord,
  type RecordSources,
} from "./record_builder.ts";
import { PtrQuestions } from "./ptr_questions.ts";
import type { Settings } from "./settings.ts";
import type { ServiceManager } from "./service_manager.ts";
import { onSignals } from "./signals.ts";
import { VERSION } from "./version.ts";
import { dirname, join } from "@std/path";

/** Whom a logger tells what. */
export interface LoggerOptions {
  readonly settings: Settings;
  readonly say: Say;
  /** Is given each record as it is written. */
  readonly onRecord?: (record: LogRecord) => void;
  /** Set when a service manager runs the logger: interfaces are then waited for. */
  readonly manager?: ServiceManager;
  /** What to do about a network on which nothing passes; said once. */
  readonly quietAdvice?: string;
}

/** How often the interfaces are asked for their networks: addresses, and IPv6 prefixes above all, change. */
const NETWORKS_REFRESH_MS = 30_000;
/** How often the cache of places is saved; a power loss costs what was learnt since, which can be asked for again. */
const CACHE_SAVE_MS = 6 * 3600e3;
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
  const interfaces = await chooseInterfaces(options, stop);
  if (interfaces === undefined) return;
  // First what most often fails, so that a logger that cannot listen leaves no trace.
  const [localPlaces, vendors] = await Promise.all([
    LocalPlaces.open(settings.geoDbPaths),
    openVendorTable(),
  ]);
  using logger = new Logger(options, interfaces, { localPlaces, vendors });
  await prepareRamFolder(settings, say);
  const card = await WearLedger.open({
    ramPath: ramFiles(settings.ramLogPath).wear,
    cardPath: join(settings.archiveDir, "wear.json"),
  });
  await using store = await LogStore.open({
    card,
    ramLogPath: settings.ramLogPath,
    archiveDir: settings.archiveDir,
    ramLimitBytes: settings.ramLimitBytes,
    warn: (message) => say("warning", "log", message),
  });
  await logger.run({ store, card }, stop);
}

/** What addresses are looked up in. */
interface Tables {
  readonly localPlaces: LocalPlaces;
  readonly vendors: VendorTable;
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
  #card!: WearLedger;
  #writer!: LogWriter;

  #records = 0;
  readonly #clock = new ClockWatch({
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    isSynced: clockSync(),
  });
  #nextFlushAt: number;
  #nextCacheSaveAt: number;
  #nextNetworksAt = 0;
  #nextBadPacketsAt = 0;
  #nextDatabasesAt = 0;
  #badPacketsTold = 0;
  #badPacketsToldUs = this.#startedMs * 1e3;
  #today = localDay(this.#startedMs);
  #isQuietSaid = false;
  #savingPlaces: Promise<void> | undefined;

  constructor(options: LoggerOptions, interfaces: readonly string[], tables: Tables) {
    const { settings, say } = options;
    const { localPlaces, vendors } = tables;
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
    this.#nextCacheSaveAt = this.#startedAt + CACHE_SAVE_MS;
    this.#sources = {
      place: (address) => this.#places.lookUp(address),
      ptr: (address) => this.#reverseDns.name(address),
      vendor: (mac) => vendors.vendor(mac),
      isOnLink: (address) => this.#onLink.has(...address),
      interfaceName: interfaces.length > 1 ? (index) => interfaces[index] : undefined,
      clockIsSynced: () => this.#clock.isSynced,
    };
    this.#observer = new Observer(
      (delta) => this.#write(flowRecord(this.#atPresent(delta), this.#sources)),
      {
        localNetworks: this.#networks,
        isOnLink: (address) => this.#onLink.has(...address),
        activeTimeoutUs: settings.activeTimeoutMs * 1e3,
        ...(settings.idleTimeoutMs === undefined ? {} : {
          idleTimeoutUs: settings.idleTimeoutMs * 1e3,
          tcpIdleTimeoutUs: settings.idleTimeoutMs * 1e3,
        }),
        onNameless: settings.reverseDns
          ? (responder) => this.#reverseDns.request(formatAddress(responder))
          : undefined,
        onMerged: (merged) => this.#write(mergedRecord(merged, this.#sources)),
        isOwnQuestion: (packet) => this.#isOwnQuestion(packet),
      },
    );
    this.#capture = new LiveCapture({
      interfaces,
      observer: this.#observer,
      waitForInterfaces: options.manager !== undefined,
      say,
      onGap: (gap) => this.#writeGap(gap),
      onBatch: () => this.#writer.drain(),
      onSecond: () => this.#everySecond(),
    });
  }

  async run(
    { store, card }: { store: LogStore; card: WearLedger },
    stop: AbortSignal,
  ): Promise<void> {
    this.#store = store;
    this.#card = card;
    this.#writer = new LogWriter({ store, say: this.#say });
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
    // From here on: a signal that comes earlier would end the process.
    using _signals = onSignals({
      SIGHUP: () => this.#reopen(),
      SIGUSR1: () => void this.#flushAndKeep(),
    });
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
      this.#options.manager?.ready(this.#state());
      await this.#capture.run();
      this.#options.manager?.stopping();
      this.#reportBadPackets();
      this.#observer.endAll();
      const report = await this.#flush({ isLast: true });
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
    if (this.#isCapturing()) {
      this.#say("info", "capture", `listening on ${this.#interfaces.join(", ")}`);
    }
    this.#say("info", "log", `writing ${ramLogPath}, archive in ${archiveDir}`);
  }

  #write(record: LogRecord): void {
    this.#records++;
    this.#writer.add(record);
    this.#options.onRecord?.(record);
  }

  /** What was seen before the clock leapt and is written now is told by the clock as it is now. */
  #atPresent<T extends { readonly startUs: number; readonly endUs: number }>(span: T): T {
    const startUs = this.#clock.present(span.startUs);
    const endUs = Math.max(startUs, this.#clock.present(span.endUs));
    return startUs === span.startUs && endUs === span.endUs ? span : { ...span, startUs, endUs };
  }

  #writeGap(gap: Gap): void {
    const record = gapRecord(this.#atPresent(gap), this.#sources);
    this.#writer.add(record);
    this.#options.onRecord?.(record);
  }

  /** From one of our ports and addresses to a name server, or back. */
  #isOwnQuestion(packet: Packet): boolean {
    if (packet.destinationPort === DNS_PORT && this.#questions.isOwnPort(packet.sourcePort)) {
      return this.#ownAddresses.has(...sourceOf(packet));
    }
    if (packet.sourcePort === DNS_PORT && this.#questions.isOwnPort(packet.destinationPort)) {
      return this.#ownAddresses.has(...destinationOf(packet));
    }
    return false;
  }

  #isCapturing(): boolean {
    return this.#capture.status().some(({ isUp }) => isUp);
  }

  /** For the service manager; `install.sh` waits for the word "capturing". */
  #state(): string {
    return `${this.#isCapturing() ? "capturing" : "waiting"} on ${this.#interfaces.join(", ")}`;
  }

  /** What is due by time. Durations run on the monotonic clock: a wall clock that leaps moves none of them. */
  #everySecond(): void {
    const now = performance.now();
    this.#options.manager?.beat(
      this.#state(),
      `${
        countText(this.#store.ramRecords, "record")
      } in RAM, ${this.#observer.flows.size} live flows`,
    );
    this.#lookAtClock();
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
      this.#nextFlushAt = now + this.#flushIntervalMs();
      void this.#flushAndKeep();
    }
    if (!this.#isQuietSaid && this.#records === 0 && now - this.#startedAt >= QUIET_MS) {
      this.#sayQuiet();
    }
  }

  /** A Pi wakes up in the past; what it has logged by then and still has in RAM gets its right time. */
  #lookAtClock(): void {
    const { leapMs, wasUnsynced } = this.#clock.look();
    if (leapMs !== 0) {
      this.#say("info", "clock", `the clock leapt by ${(leapMs / 1e3).toFixed(1)} s`);
    }
    if (!wasUnsynced || (leapMs === 0 && !this.#clock.isSynced)) return;
    const count = this.#store.correctClock((line) => correctedLine(line, this.#clock));
    if (count > 0) {
      this.#say("info", "clock", `corrected the time of ${countText(count, "record")}`);
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

  /** The cache of places goes to the disk with the records, but less often: it is written whole. */
  async #flush({ isLast = false } = {}): Promise<FlushReport> {
    const report = await this.#writer.flush();
    if (isLast || performance.now() >= this.#nextCacheSaveAt) {
      this.#nextCacheSaveAt = performance.now() + CACHE_SAVE_MS;
      await this.#savePlaces();
    }
    await this.#card.save({ toCard: isLast });
    return report;
  }

  /** As it is set or, to keep to the wear budget, longer. */
  #flushIntervalMs(): number {
    const { flushIntervalMs: intervalMs, wearBudgetBytes } = this.#settings;
    if (wearBudgetBytes === undefined) return intervalMs;
    const recordBytesPerMs = this.#store.counters.appendedBytes /
      (performance.now() - this.#startedAt);
    return budgetInterval({
      intervalMs,
      budgetBytes: wearBudgetBytes,
      today: this.#card.today,
      dayLeftMs: msUntilNextLocalMidnight(Date.now()),
      recordBytesPerMs,
    });
  }

  /** The flush that nobody asked for; after it is the time to keep the archive in order. */
  async #flushAndKeep(): Promise<void> {
    try {
      await this.#flush();
      const clockIsTrusted = this.#clock.isTrusted;
      const { compressed, dropped } = await this.#store.keepArchive(this.#settings, {
        clockIsTrusted,
      });
      if (compressed !== undefined) this.#say("info", "log", `compressed ${compressed}`);
      if (dropped !== undefined) {
        this.#say("info", "log", `dropped ${dropped}, as WIFILOGGER_RETENTION says`);
      }
    } catch (error) {
      this.#say("error", "log", (error as Error).message);
    }
  }

  /** For whoever has moved the RAM log away, as logrotate does. */
  #reopen(): void {
    try {
      const moved = this.#store.reopen();
      const what = moved === 0 ? "it is in its place" : `${countText(moved, "record")} moved away`;
      this.#say("info", "log", `reopened ${this.#settings.ramLogPath}: ${what}`);
    } catch (error) {
      this.#say("error", "log", (error as Error).message);
    }
  }

  /** One at a time: they write the same file. */
  async #savePlaces(): Promise<void> {
    this.#savingPlaces ??= savePlaceCache(
      this.#places,
      this.#settings.placeCachePath,
      this.#say,
      this.#card,
    )
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
    const { today, perDay } = this.#card;
    const { wearBudgetBytes, cardEnduranceBytes } = this.#settings;
    return {
      version: VERSION,
      pid: Deno.pid,
      started: new Date(this.#startedMs).toISOString(),
      clock: this.#clock.isSynced ? "synced" : "unsynced",
      residentBytes: Deno.memoryUsage().rss,
      interfaces: this.#capture.status(),
      packets: counters,
      flows: {
        live: flows.size,
        limit: flows.maxFlows,
        seen: flows.flowsSeen,
        evicted: flows.evicted,
        merged: this.#observer.mergedFlows,
      },
      dnsNames: { remembered: dns.size, answers: dns.answers, unreadable: dns.unreadable },
      devices: { remembered: this.#observer.devices.size, ...this.#observer.devices.counters },
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
        ramLimitBytes: this.#store.ramLimitBytes,
        droppedRecords: this.#writer.droppedRecords,
        archiveDir,
        lastFlush: lastFlush === undefined ? undefined : {
          at: new Date(lastFlush.atMs).toISOString(),
          report: lastFlush.report,
        },
        nextFlushInMs: Math.max(0, Math.round(this.#nextFlushAt - performance.now())),
      },
      card: {
        today: { ...today },
        perDay,
        budgetBytes: wearBudgetBytes,
        enduranceBytes: cardEnduranceBytes,
        yearlyShare: perDay && yearlyShare(perDay, cardEnduranceBytes),
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
