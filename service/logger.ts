/**
 * The running logger: opens everything, wires it together, and takes it down in order.
 *
 *     interfaces -> LiveCapture -> Observer -> delta -> record (+ place, PTR) -> LogWriter -> RAM log -> archive
 *
 * One loop, that of `LiveCapture`, drives it all: what is due by time is looked at once a second there.
 */

import { formatAddress } from "../capture/address/address.ts";
import type { FlowEnd } from "../capture/flow/flow_delta.ts";
import { MAX_FLOWS } from "../capture/flow/flow_table.ts";
import { keepMallocSmall } from "../system/malloc.ts";
import { type ObservedDelta, Observer } from "../capture/observer.ts";
import { ReverseDns } from "../enrich/reverse_dns.ts";
import { openVendorTable, type VendorTable } from "../enrich/vendor.ts";
import { LogStore } from "../storage/log_store.ts";
import { ramFiles } from "../storage/ram/ram_files.ts";
import type { WearLedger } from "../storage/card/wear_ledger.ts";
import { addressPlaces } from "./places/address_places.ts";
import { Archiver } from "./log/archiver.ts";
import { BadPackets } from "../record/bad_packets.ts";
import { chooseInterfaces, interfaceOfRoute } from "./live/chosen_interfaces.ts";
import { correctedLine } from "../record/clock_correction.ts";
import { bootMs } from "../system/boot_time.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { clockSync } from "../system/clock_sync.ts";
import { ClockWatch } from "../system/clock_watch.ts";
import { type ControlServer, serveControls, serveWaiting } from "./control/control_server.ts";
import { liveFlowsText } from "./control/live_flows.ts";
import { countText } from "./program/count_text.ts";
import type { Discretion } from "./log/discretion.ts";
import { EvidenceCounts } from "./log/evidence_counts.ts";
import { openWearLedger } from "./log/counted_wear.ts";
import { TrafficCounts } from "./log/traffic_counts.ts";
import type { Say } from "./program/diagnostics.ts";
import { flowLine } from "../record/flow_line.ts";
import { KeptPlaces } from "./places/kept_places.ts";
import { LinkNetworks } from "./live/link_networks.ts";
import { LiveCapture } from "./live/live_capture.ts";
import { PcapInterfaces } from "./live/live_source.ts";
import { databasePaths, LocalPlaces } from "./places/local_places.ts";
import { LifeMark } from "./log/last_life.ts";
import { LogWriter } from "./log/log_writer.ts";
import type { LoggerStatus } from "./control/logger_status.ts";
import { programTable } from "./program/program_tables.ts";
import { PtrQueries } from "./live/ptr_queries.ts";
import { prepareRamFolder } from "./log/ram_folder.ts";
import { type Gap, gapRecord, mergedRecord, recordLine } from "../record/record_builder.ts";
import type { RecordSources } from "../record/record_sources.ts";
import type { ServiceManager } from "../system/service_manager.ts";
import type { Settings } from "./settings/settings.ts";
import { onSignals } from "../system/signals.ts";
import { SpareMemory } from "../system/spare_memory.ts";
import { loggerStatus } from "./control/status_report.ts";
import { VERSION } from "./program/version.ts";
import { Timetable } from "../system/timetable.ts";

/** What a logger works with, and whom it tells what. */
export interface LoggerOptions {
  readonly settings: Settings;
  /** @default systemClock */
  readonly clock?: Clock;
  readonly say: Say;
  /** Is given each record as it is written: a line of the log, its end included. */
  readonly onLine?: (line: string) => void;
  /** Is called every second with a way to ask for flows under way: the text of `LiveFlows`, slice by slice. */
  readonly onSecond?: (flows: (limit: number) => AsyncGenerator<string, void>) => void;
  /** Set when a service manager runs the logger: interfaces are then waited for. */
  readonly manager?: ServiceManager;
  /** What to do about a network on which nothing passes; said once. */
  readonly quietAdvice?: string;
}

/**
 * How often the interfaces are asked for their networks: addresses, and IPv6 prefixes above all, change, and an interface
 * that comes up gets its own after that. Until it is known whose MAC address a device has is not.
 */
const NETWORKS_REFRESH_MS = 1_000;
/** How often damaged packets are reported. */
const BAD_PACKETS_REPORT_MS = 60_000;
/** When the start is over; how often then spare memory is let go of; and how often it is looked whether there is much. */
const STARTED_MS = 10_000;
const RELEASE_MS = 60_000;
const RELEASE_LOOK_MS = 1_000;
/** Lines a second for flows that go on, of what a full table has due on average: they keep up with it. */
const ACTIVE_LINES_SHARE = 1.25;
/** By so much of its interval a line of a flow that goes on comes later, at most, because of that. */
const SPREAD_SHARE = 0.8;
const SECOND_MS = 1_000;
/** How often flows of which only sums are kept get a line. */
const SUMS_MS = 60_000;
/** How often the user's databases of places are looked at: whether there are newer ones. */
const DATABASES_REFRESH_MS = 5_000;
/** Without a flow for so long after the start, that is said. */
const QUIET_MS = 10_000;

/**
 * Captures until `stop` is aborted, then writes what is left and flushes it.
 *
 * @throws {CaptureError} when an interface cannot be listened on
 * @throws {RamLogInUseError} when another logger is running
 * @throws {FlushError} when the last flush failed: the records stay in RAM
 */
export async function runLogger(options: LoggerOptions, stop: AbortSignal): Promise<void> {
  keepMallocSmall();
  const { settings, say, clock = systemClock } = options;
  const interfaces = await interfacesWaitedFor({ ...options, clock }, stop);
  if (interfaces === undefined) return;
  // First what most often fails, so that a logger that cannot listen leaves no trace.
  const [localPlaces, vendors, discretion] = await Promise.all([
    LocalPlaces.open({ ...databasePaths(settings), say }),
    programTable("vendors").then(openVendorTable),
    discretionOf(settings),
  ]);
  const opened = { localPlaces, vendors, discretion };
  using logger = new Logger({ ...options, clock }, interfaces, opened);
  await prepareRamFolder(settings, { clock, say });
  const card = await openWearLedger(settings, clock);
  await using store = await LogStore.open({
    card,
    clock,
    ramLogPath: settings.ramLogPath,
    archiveDir: settings.archiveDir,
    ramLimitBytes: settings.ramLimitBytes,
    warn: (message) => say("warning", "log", message),
  });
  using life = LifeMark.open(ramFiles(settings.ramLogPath).life, unwrittenMs(settings));
  await logger.run({ store, card, life }, stop);
}

/** How old what was seen may be at most until its line is written. */
function unwrittenMs({ activeTimeoutMs, privacy, leaveOut }: Settings): number {
  const isSummed = privacy !== "full" || leaveOut.length > 0;
  return activeTimeoutMs * (1 + SPREAD_SHARE) + (isSummed ? SUMS_MS : 0);
}

/** Undefined where everything is kept: an idle logger has no memory for it. */
async function discretionOf(settings: Settings): Promise<Discretion | undefined> {
  if (settings.privacy === "full" && settings.leaveOut.length === 0) return undefined;
  const { openDiscretion } = await import("./log/discretion.ts");
  return await openDiscretion(settings);
}

/** The interfaces to listen on. Who asks this logger while it waits for one is told so. */
async function interfacesWaitedFor(
  options: LoggerOptions & { readonly clock: Clock },
  stop: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { settings: { controlSocketPath }, clock, say } = options;
  let server: ControlServer | undefined;
  const onWait = async (what: string) => {
    const since = new Date(clock.wallMs()).toISOString();
    const waiting = { version: VERSION, pid: Deno.pid, since, state: `waiting for ${what}` };
    server = await serveWaiting(controlSocketPath, waiting, say);
  };
  try {
    return await chooseInterfaces({ ...options, onWait }, stop);
  } finally {
    await server?.shutdown();
  }
}

/** What is opened before it is listened: what addresses are looked up in, and what is kept of flows. */
interface Opened {
  readonly localPlaces: LocalPlaces;
  readonly vendors: VendorTable;
  readonly discretion: Discretion | undefined;
}

/** Where the records go; opened when the logger is known to be able to listen. */
interface Log {
  readonly store: LogStore;
  readonly card: WearLedger;
  readonly writer: LogWriter;
  readonly archiver: Archiver;
  readonly life: LifeMark;
}

class Logger implements Disposable {
  readonly #settings: Settings;
  readonly #say: Say;
  readonly #options: LoggerOptions;
  readonly #discretion: Discretion | undefined;
  #interfaces: readonly string[];
  readonly #networks: LinkNetworks;
  readonly #observer: Observer;
  readonly #capture: LiveCapture;
  readonly #places: KeptPlaces;
  readonly #queries = new PtrQueries();
  readonly #reverseDns: ReverseDns;
  readonly #sources: RecordSources;
  readonly #clock: Clock;
  readonly #clockWatch: ClockWatch;
  /** Milliseconds since 1970. */
  readonly #startedMs: number;
  /** When the interfaces had been opened. */
  readonly #listeningMs: number;
  readonly #evidence = new EvidenceCounts();
  readonly #traffic = new TrafficCounts();
  readonly #badPackets: BadPackets;
  readonly #timetable = new Timetable();
  readonly #spareMemory = new SpareMemory();
  #log!: Log;
  #records = 0;

  constructor(
    options: LoggerOptions & { readonly clock: Clock },
    interfaces: readonly string[],
    opened: Opened,
  ) {
    const { settings, say, clock } = options;
    const { localPlaces, vendors, discretion } = opened;
    this.#options = options;
    this.#settings = settings;
    this.#discretion = discretion;
    this.#say = say;
    this.#interfaces = interfaces;
    this.#clock = clock;
    this.#clockWatch = new ClockWatch(clock, clockSync(clock), bootMs);
    this.#startedMs = clock.wallMs();
    this.#badPackets = new BadPackets(this.#startedMs * 1e3);
    this.#reverseDns = new ReverseDns({
      resolve: (address, signal) => this.#queries.ask(address, signal),
      clock,
    });
    this.#places = new KeptPlaces({
      settings,
      clock,
      clockIsSynced: () => this.#clockWatch.isSynced,
      databases: localPlaces,
      say,
    });
    this.#networks = new LinkNetworks(interfaces, settings.localNetworks);
    this.#sources = {
      place: (address) => this.#places.places.lookUp(address),
      ptr: (address) => this.#reverseDns.name(address),
      vendor: (mac) => vendors.vendor(mac),
      isOnLink: (address) => this.#networks.isOnLink(address),
      interfaceName: interfaces.length > 1 ? (index) => interfaces[index] : undefined,
      clockIsSynced: () => this.#clockWatch.isSynced,
      onNamed: (source, bytes) => this.#evidence.add(source, bytes),
    };
    this.#observer = new Observer(
      (delta) => {
        this.#traffic.add(delta, delta.initiator.bytes, delta.responder.bytes);
        const present = this.#atPresent(delta);
        const line = flowLine(present, this.#sources);
        this.#write(discretion === undefined ? line : discretion.flowLine(present, line));
      },
      {
        localNetworks: this.#networks.local,
        looksIntoTunnels: settings.tunnels === "inner",
        isOnLink: (address) => this.#networks.isOnLink(address),
        activeTimeoutUs: settings.activeTimeoutMs * 1e3,
        // Else flows that began together have their lines together: 10,000 a second of a full table, 0.1 s of work, and
        // 20 MB more held.
        maxActiveLines: Math.ceil(
          ACTIVE_LINES_SHARE * MAX_FLOWS * SECOND_MS / settings.activeTimeoutMs,
        ),
        ...(settings.idleTimeoutMs === undefined ? {} : {
          idleTimeoutUs: settings.idleTimeoutMs * 1e3,
          tcpIdleTimeoutUs: settings.idleTimeoutMs * 1e3,
        }),
        // Names of which nothing is kept are not asked for.
        onNameless: settings.reverseDns && settings.privacy !== "totals"
          ? (responder) => this.#reverseDns.request(formatAddress(responder))
          : undefined,
        onMerged: (merged) => {
          this.#traffic.add(merged, merged.up.bytes, merged.down.bytes);
          this.#evidence.add("none", merged.up.bytes + merged.down.bytes);
          const record = mergedRecord(merged, this.#sources);
          this.#write(
            discretion === undefined ? recordLine(record) : discretion.mergedLine(merged, record),
          );
        },
        leftOut: discretion?.leftOutFlows({
          isOnLink: (address) => this.#networks.isOnLink(address),
          ptr: (address) => this.#reverseDns.name(address),
          onLeftOut: (delta) => this.#leaveOut(delta, discretion),
        }),
        isOwnQuery: (packet) =>
          this.#queries.isOwn(packet, (address) => this.#networks.isOwn(address)),
      },
    );
    this.#capture = new LiveCapture({
      source: new PcapInterfaces(),
      clock,
      interfaces,
      observer: this.#observer,
      waitForInterfaces: options.manager !== undefined,
      ...(settings.interfaces.length > 0 ? {} : {
        follow: interfaceOfRoute,
        onFollow: (name: string) => this.#follow(name),
      }),
      say,
      onGap: (gap) => this.#writeGap(gap),
      onBatch: () => this.#log.writer.drain(),
      onSecond: () => this.#everySecond(),
    });
    this.#listeningMs = clock.wallMs();
    this.#timetable.every(NETWORKS_REFRESH_MS, () => this.#networks.refresh());
    this.#timetable.every(BAD_PACKETS_REPORT_MS, () => this.#reportBadPackets());
    this.#timetable.every(DATABASES_REFRESH_MS, () => this.#places.refreshDatabases());
    const startMs = clock.monotonicMs();
    const startedMs = startMs + STARTED_MS;
    this.#timetable.every(RELEASE_MS, () => this.#spareMemory.release(), startedMs);
    this.#timetable.every(RELEASE_LOOK_MS, () => this.#spareMemory.releaseIfGrown(), startedMs);
    this.#timetable.once(startMs + QUIET_MS, () => this.#sayIfQuiet());
    if (discretion !== undefined) this.#timetable.every(SUMS_MS, () => this.#writeSums());
  }

  async run(
    { store, card, life }: { store: LogStore; card: WearLedger; life: LifeMark },
    stop: AbortSignal,
  ): Promise<void> {
    this.#log = { ...this.#openLog(store, card), life };
    const { archiver } = this.#log;
    await this.#places.load();
    const server = await serveControls(
      this.#settings.controlSocketPath,
      {
        status: () => this.#status(),
        places: (address) => addressPlaces(address, this.#places.places),
        flush: () => archiver.flush(),
        forgetPlaces: async () => {
          this.#reverseDns.forget();
          await this.#places.forget(card);
        },
        flows: (limit) => this.#liveFlows(limit),
      },
      this.#say,
    );
    // From here on: a signal that comes earlier would end the process.
    using _signals = onSignals({
      SIGHUP: () => archiver.reopen(),
      SIGUSR1: () => void archiver.flushAndKeep(),
    });
    try {
      this.#sayWhere();
      const sinceMs = Math.min(life.missingSinceMs ?? Infinity, this.#listeningMs);
      this.#writeGap({
        reason: "restart",
        startUs: Math.round(sinceMs * 1e3),
        endUs: this.#listeningMs * 1e3,
      });
      let stoppedMs = this.#startedMs;
      const stopCapture = () => {
        stoppedMs = this.#clock.wallMs();
        this.#capture.stop();
      };
      stop.addEventListener("abort", stopCapture);
      if (stop.aborted) stopCapture();
      this.#options.manager?.ready(this.#state());
      await this.#capture.run();
      this.#options.manager?.stopping();
      this.#reportBadPackets();
      this.#observer.endAll();
      this.#writeSums({ isLast: true });
      const report = await archiver.flush({ isLast: true }).finally(() => life.end(stoppedMs));
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

  #openLog(store: LogStore, card: WearLedger): Omit<Log, "life"> {
    const settings = this.#settings;
    const say = this.#say;
    const writer = new LogWriter({
      store,
      clock: this.#clock,
      say,
      clockIsSynced: () => this.#clockWatch.isSynced,
    });
    const archiver = new Archiver({
      settings,
      clock: this.#clock,
      say,
      store,
      writer,
      card,
      places: this.#places,
      clockIsTrusted: () => this.#clockWatch.isTrusted,
    });
    return { store, card, writer, archiver };
  }

  #sayWhere(): void {
    const { ramLogPath, archiveDir, ipinfoToken, ipinfoUse } = this.#settings;
    if (this.#isCapturing()) {
      this.#say("info", "capture", `listening on ${this.#interfaces.join(", ")}`);
    }
    if (ipinfoToken !== undefined && ipinfoUse === "database") {
      this.#say(
        "info",
        "places",
        "IPINFO_TOKEN is set: IPinfo's database is fetched weekly, and no address is asked for. " +
          "For cities, ask for addresses too: WIFILOGGER_IPINFO=both",
      );
    }
    this.#say("info", "log", `writing ${ramLogPath}, archive in ${archiveDir}`);
  }

  /** Nothing of a flow that is summed. */
  #write(line: string | undefined): void {
    if (line === undefined) return;
    this.#records++;
    this.#log.writer.add(line);
    this.#options.onLine?.(line);
  }

  #leaveOut(delta: ObservedDelta, discretion: Discretion): void {
    const { initiator, responder } = delta;
    this.#traffic.add(delta, initiator.bytes, responder.bytes);
    this.#evidence.add("none", initiator.bytes + responder.bytes);
    discretion.sumLeftOut(this.#atPresent(delta));
  }

  #writeSums({ isLast = false } = {}): void {
    const moment = { isLast, clockIsSynced: this.#clockWatch.isSynced };
    for (const line of this.#discretion?.minuteLines(moment) ?? []) this.#write(line);
  }

  /** What was seen before the clock leapt and is written now is told by the clock as it is now. */
  #atPresent<T extends { readonly startUs: number; readonly endUs: number }>(span: T): T {
    const startUs = this.#clockWatch.present(span.startUs);
    const endUs = Math.max(startUs, this.#clockWatch.present(span.endUs));
    return startUs === span.startUs && endUs === span.endUs ? span : { ...span, startUs, endUs };
  }

  #writeGap(gap: Gap): void {
    this.#traffic.addGap(gap.reason);
    const line = recordLine(gapRecord(this.#atPresent(gap), this.#sources));
    this.#log.writer.add(line);
    this.#options.onLine?.(line);
  }

  /** The default route has moved. */
  #follow(name: string): void {
    this.#interfaces = [name];
    this.#networks.follow(this.#interfaces);
    this.#say("info", "capture", `listening on ${name} from now on`);
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
    const { store, card, archiver, life } = this.#log;
    life.beat(this.#clock.wallMs());
    this.#options.manager?.beat(
      this.#state(),
      `${countText(store.ramRecords, "record")} in RAM, ${this.#observer.flows.size} live flows`,
    );
    const wallMs = this.#lookAtClock();
    this.#observer.sweep(wallMs * 1e3);
    this.#timetable.run(this.#clock.monotonicMs());
    void this.#places.saveSpending(card);
    void archiver.everySecond(wallMs);
    this.#options.onSecond?.((limit) => this.#liveFlows(limit));
  }

  /** A Pi wakes up in the past; what it has logged by then and still has in RAM gets its right time. @returns what it tells, milliseconds since 1970 */
  #lookAtClock(): number {
    const { wallMs, leapMs, sleptMs, wasUnsynced } = this.#clockWatch.look();
    if (sleptMs > 0) {
      this.#say("info", "clock", `the machine was suspended for ${(sleptMs / 1e3).toFixed(0)} s`);
      const [startUs, endUs] = [(wallMs - sleptMs) * 1e3, wallMs * 1e3];
      this.#writeGap({ reason: "interface_down", startUs, endUs });
    }
    if (leapMs !== 0) {
      this.#say("info", "clock", `the clock leapt by ${(leapMs / 1e3).toFixed(1)} s`);
    }
    if (!wasUnsynced || (leapMs === 0 && !this.#clockWatch.isSynced)) return wallMs;
    const count = this.#log.writer.correctClock((line) => correctedLine(line, this.#clockWatch));
    if (count > 0) {
      this.#say("info", "clock", `corrected the time of ${countText(count, "record")}`);
    }
    return wallMs;
  }

  #sayIfQuiet(): void {
    // A download may go on for a minute before its first record.
    if (this.#records > 0 || this.#observer.flows.flowsSeen > 0) return;
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
    const gap = this.#badPackets.gap(this.#observer.counters.badIp, this.#clock.wallMs() * 1e3);
    if (gap !== undefined) this.#writeGap(gap);
  }

  #liveFlows(limit: number): AsyncGenerator<string, void> {
    const sources = {
      ...this.#sources,
      place: (address: string) => this.#places.places.known(address),
    };
    return liveFlowsText(this.#observer.busiestFlows(limit), {
      nowMs: this.#clock.wallMs(),
      lineOf: (flow) => {
        const present = this.#atPresent(flow);
        const line = flowLine(present, sources);
        if (this.#discretion === undefined) return line;
        const nameOf = (end: FlowEnd) => this.#observer.deviceName(end, present.endUs);
        return this.#discretion.liveLine(present, line, nameOf);
      },
    });
  }

  #status(): LoggerStatus {
    return loggerStatus({
      ...this.#log,
      settings: this.#settings,
      startedMs: this.#startedMs,
      clockIsSynced: this.#clockWatch.isSynced,
      capture: this.#capture,
      observer: this.#observer,
      evidence: this.#evidence,
      traffic: this.#traffic,
      reverseDns: this.#reverseDns,
      places: this.#places,
    });
  }
}
