/**
 * Live capture: from the interfaces, batch by batch, into an observer.
 *
 * One loop reads whatever the kernel has gathered, then sleeps in poll(2) until there is more or the next second has
 * come. An interface that goes away is waited for and taken up again; the time in between, and every packet that the
 * kernel had to drop, is reported as a gap.
 */

import { CaptureError } from "../../system/capture_error.ts";
import { type CaptureStatistics, LIVE_RING_BYTES } from "../../capture/source/libpcap.ts";
import {
  isOfMonitorMode,
  LINK_TYPES_READ,
  type LinkDecoder,
  linkDecoder,
} from "../../capture/decode/link_layer.ts";
import type { Observer } from "../../capture/observer.ts";
import type { Say } from "../program/diagnostics.ts";
import { interfaceAdvice } from "../../system/network_interfaces.ts";
import type { Gap } from "../../record/record_builder.ts";
import type { Clock } from "../../system/clock.ts";
import type { LiveHandle, LiveSource } from "./live_source.ts";

/** What a live capture needs and whom it tells. */
export interface LiveCaptureOptions {
  /** At least one name. */
  readonly interfaces: readonly string[];
  /**
   * Gives the interface that is to be listened on instead of the one, when that is another: asked every few seconds, and
   * followed when it says so twice.
   */
  readonly follow?: () => string | undefined;
  /** Told of the interface that is listened on from now on. */
  readonly onFollow?: (name: string) => void;
  /** An interface that is not there is waited for, rather than an error. @default false */
  readonly waitForInterfaces?: boolean;
  readonly source: LiveSource;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly say: Say;
  readonly onGap: (gap: Gap) => void;
  /** Called when a batch, or one from each interface, has been observed. */
  readonly onBatch: () => void;
  /** Called about once a second; every two while nothing is there to be logged. */
  readonly onSecond: () => void;
}

/** The state of one interface. */
export interface InterfaceStatus {
  readonly name: string;
  readonly linkType: string | undefined;
  readonly isUp: boolean;
  readonly statistics: CaptureStatistics;
}

/** One interface that is listened on; its place in the list is its index. */
interface Listener {
  name: string;
  /** Of the interface when it was opened. */
  identity: string | undefined;
  /** When it was last looked whether it is still that one. */
  identifiedUs: number;
  /** Why it could not be opened again, as was said last. */
  complaint: string | undefined;
  handle: LiveHandle | undefined;
  decodeLink: LinkDecoder | undefined;
  /** When it was last read without a fault, microseconds since 1970. */
  readUs: number;
  /** Since when nothing comes from it, microseconds since 1970; `undefined` while it is up. */
  downSinceUs: number | undefined;
  nextRetryMs: number;
  /** Counted by earlier handles of the same interface. */
  readonly before: { received: number; droppedByKernel: number; droppedByInterface: number };
  /** Drops that no gap has reported yet, and since when. */
  reportedDrops: number;
  dropsCheckedUs: number;
}

const SECOND_MS = 1000;
/** How often is enough while no packet comes and no flow lives: a look wakes three threads. */
const IDLE_LOOK_MS = 2000;
const RETRY_MS = 2000;
/** How often it is asked whether another interface is to be followed; twice, before it is. */
const FOLLOW_MS = 1900;
/** Drops that go on are reported this often. */
const DROP_REPORT_US = 10e6;
/** Batches between two looks at what else is to be done, while packets keep coming. */
const BATCHES_PER_TURN = 8;

/** Listens on interfaces until it is stopped. */
export class LiveCapture implements Disposable {
  readonly #options: LiveCaptureOptions;
  readonly #listeners: Listener[];
  #stopping = false;
  #followLookMs = 0;
  /** What was to be followed at the last look, and when it was still the interface that is listened on. */
  #wanted: string | undefined;
  #unmovedUs: number;
  /** Whether a packet has come since the last look at what is due by time. */
  #hasPackets = true;

  /**
   * Opens the interfaces. One that is down is waited for; one that is not there, only where that is wanted.
   *
   * @throws {CaptureError}
   */
  constructor(options: LiveCaptureOptions) {
    this.#options = options;
    this.#unmovedUs = this.#nowUs();
    this.#listeners = options.interfaces.map((name) => newListener(name, this.#nowUs()));
    try {
      for (const listener of this.#listeners) this.#openFirst(listener);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #openFirst(listener: Listener): void {
    try {
      this.#open(listener);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      if (error.kind === "no_such_interface" && !this.#options.waitForInterfaces) {
        throw new CaptureError(error.kind, `${error.message}. ${interfaceAdvice()}`);
      }
      if (error.kind !== "interface_down" && error.kind !== "no_such_interface") throw error;
      this.#lose(listener, error.message);
    }
  }

  /** @throws {CaptureError} */
  #open(listener: Listener): void {
    listener.identity = this.#options.source.identity(listener.name);
    const handle = this.#options.source.open(listener.name);
    const decodeLink = linkDecoder(handle.linkType);
    if (decodeLink === undefined) {
      const { linkType, linkTypeName } = handle;
      handle.close();
      const why = isOfMonitorMode(linkType)
        ? "it is in monitor mode, where each device's frames are encrypted for itself. " +
          "Listen on the interface of an access point, see docs/where_to_listen.md"
        : `its link type ${linkTypeName} is not read. ` +
          `Choose an interface with one of: ${LINK_TYPES_READ}`;
      throw new CaptureError("unsupported", `cannot capture on ${listener.name}: ${why}`);
    }
    listener.handle = handle;
    listener.readUs = this.#nowUs();
    listener.decodeLink = decodeLink;
    const { ringBytes } = handle;
    if (ringBytes === 0 || ringBytes >= LIVE_RING_BYTES) return;
    const [got, wanted] = [ringBytes, LIVE_RING_BYTES].map((bytes) => `${bytes >> 10} KB`);
    const what = `the kernel lacks memory: its ring for ${listener.name} has ${got} of ${wanted}`;
    this.#options.say("warning", "capture", `${what}, and bears shorter bursts`);
  }

  /** Captures until `stop()`; then takes what the kernel still holds. */
  async run(): Promise<void> {
    const { source, clock } = this.#options;
    let lookedMs = -Infinity;
    for (let turn = 1; !this.#stopping; turn++) {
      const hasMore = this.#readAll();
      const nowMs = clock.monotonicMs();
      if (nowMs >= lookedMs + this.#lookIntervalMs()) {
        lookedMs = nowMs;
        this.#everySecond();
      }
      if (!hasMore) {
        const dueInMs = lookedMs + this.#lookIntervalMs() - nowMs;
        await source.wait(this.#openHandles(), Math.ceil(dueInMs));
      } else if (turn % BATCHES_PER_TURN === 0) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
    await source.settled();
    // What keeps coming must not keep it from stopping.
    for (let batch = 0; this.#readAll() && batch < 1000; batch++);
    for (const [index, listener] of this.#listeners.entries()) {
      this.#reportDrops(index, listener, true);
      if (listener.downSinceUs !== undefined) this.#reportDown(index, listener.downSinceUs);
    }
  }

  /** Ends `run()`. */
  stop(): void {
    this.#stopping = true;
    this.#options.source.wake();
  }

  /** The state of each interface. */
  status(): InterfaceStatus[] {
    return this.#listeners.map((listener) => ({
      name: listener.name,
      linkType: listener.handle?.linkTypeName,
      isUp: listener.downSinceUs === undefined,
      statistics: totalStatistics(listener),
    }));
  }

  /** Not while `run()` is pending. */
  [Symbol.dispose](): void {
    for (const { handle } of this.#listeners) handle?.close();
    this.#options.source[Symbol.dispose]();
  }

  #openHandles(): LiveHandle[] {
    return this.#listeners.flatMap(({ handle }) => handle ?? []);
  }

  /** One batch from each interface; whether any has more at once. */
  #readAll(): boolean {
    let hasMore = false;
    const nowUs = this.#nowUs();
    for (const [index, listener] of this.#listeners.entries()) {
      const { handle, decodeLink } = listener;
      if (handle === undefined || decodeLink === undefined) continue;
      const batch = handle.readBatch();
      if (batch.byteLength > 0) {
        this.#hasPackets = true;
        this.#options.observer.process(batch, decodeLink, index);
      }
      if (batch.then instanceof CaptureError) this.#lose(listener, batch.then.message);
      else {
        listener.readUs = nowUs;
        if (batch.then === "more") hasMore = true;
      }
    }
    this.#options.onBatch();
    return hasMore;
  }

  #lookIntervalMs(): number {
    const isIdle = !this.#hasPackets && this.#options.observer.flows.size === 0;
    return isIdle ? IDLE_LOOK_MS : SECOND_MS;
  }

  #everySecond(): void {
    this.#hasPackets = false;
    this.#lookForOther();
    for (const [index, listener] of this.#listeners.entries()) {
      this.#reportDrops(index, listener, false);
      this.#watchLink(index, listener);
    }
    this.#options.onSecond();
  }

  /** Notices that an interface went down or came back, and takes one up again that had gone away. */
  #watchLink(index: number, listener: Listener): void {
    const { source } = this.#options;
    const identity = source.identity(listener.name);
    const isUp = source.isUp(listener.name);
    // Packets come as before, and what is not known is no gap.
    if ((identity === undefined || !isUp) && source.isBlind()) return;
    const lookedUs = listener.identifiedUs;
    if (listener.handle !== undefined && identity !== listener.identity) {
      // The handle would go on with the one that has another name now, or give frames of another link type than it said.
      const what = identity === undefined ? "is gone" : "is another one now";
      this.#lose(listener, `the interface ${listener.name} ${what}`);
      listener.downSinceUs = Math.min(listener.downSinceUs!, lookedUs);
    }
    listener.identifiedUs = this.#nowUs();
    if (!isUp) {
      if (listener.downSinceUs === undefined) {
        // It may have gone down right after the last look, and with it went what had not been handed over.
        const sinceUs = lookedUs - source.heldBackMs * 1e3;
        this.#markDown(listener, `the interface ${listener.name} is down`, sinceUs);
      }
      return;
    }
    if (listener.handle === undefined && !this.#retry(listener)) return;
    if (listener.downSinceUs === undefined) return;
    this.#reportDown(index, listener.downSinceUs);
    listener.downSinceUs = undefined;
    this.#options.say("info", "capture", `the interface ${listener.name} is up again`);
  }

  #retry(listener: Listener): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < listener.nextRetryMs) return false;
    listener.nextRetryMs = nowMs + RETRY_MS;
    try {
      this.#open(listener);
      listener.complaint = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      const isAbsent = error.kind === "interface_down" || error.kind === "no_such_interface";
      if (!isAbsent && listener.complaint !== error.message) {
        listener.complaint = error.message;
        this.#options.say("warning", "capture", error.message);
      }
      return false;
    }
  }

  /** Changes over to another interface when the one that is to be followed has been another for two looks. */
  #lookForOther(): void {
    const { follow, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (follow === undefined || nowMs < this.#followLookMs) return;
    this.#followLookMs = nowMs + FOLLOW_MS;
    const [listener] = this.#listeners;
    const wanted = follow();
    const isSettled = wanted === this.#wanted;
    this.#wanted = wanted;
    if (wanted === undefined || wanted === listener.name) {
      this.#unmovedUs = this.#nowUs();
      return;
    }
    if (isSettled) this.#moveTo(wanted, listener);
  }

  /** What has passed on the other since the last look at which it was not the one yet is a gap too. */
  #moveTo(name: string, listener: Listener): void {
    this.#lose(listener, `the default route goes through ${name}, no longer ${listener.name}`);
    listener.downSinceUs = Math.min(listener.downSinceUs!, this.#unmovedUs);
    listener.name = name;
    listener.nextRetryMs = 0;
    this.#options.onFollow?.(name);
  }

  /** Lets a handle go that gives no more packets; with it goes what the kernel has not handed over yet. */
  #lose(listener: Listener, why: string): void {
    Object.assign(listener.before, totalStatistics(listener));
    const heldSinceUs = listener.handle === undefined
      ? this.#nowUs()
      : listener.readUs - this.#options.source.heldBackMs * 1e3;
    listener.handle?.close();
    listener.handle = undefined;
    this.#markDown(listener, why, heldSinceUs);
  }

  #markDown(listener: Listener, why: string, sinceUs = this.#nowUs()): void {
    listener.downSinceUs ??= sinceUs;
    this.#options.say("warning", "capture", `${why}; waiting for it`);
  }

  #reportDown(index: number, downSinceUs: number): void {
    this.#options.onGap({
      reason: "interface_down",
      startUs: downSinceUs,
      endUs: Math.max(this.#nowUs(), downSinceUs),
      interfaceIndex: index,
    });
  }

  #reportDrops(index: number, listener: Listener, atOnce: boolean): void {
    const drops = totalStatistics(listener).droppedByKernel;
    const count = drops - listener.reportedDrops;
    const now = this.#nowUs();
    if (count === 0) {
      listener.dropsCheckedUs = now;
      return;
    }
    if (!atOnce && now - listener.dropsCheckedUs < DROP_REPORT_US) return;
    const startUs = Math.min(listener.dropsCheckedUs, now);
    this.#options.onGap({
      reason: "kernel_drop",
      startUs,
      endUs: now,
      count,
      interfaceIndex: index,
    });
    listener.reportedDrops = drops;
    listener.dropsCheckedUs = now;
  }

  #nowUs(): number {
    return this.#options.clock.wallMs() * 1e3;
  }
}

function newListener(name: string, nowUs: number): Listener {
  return {
    name,
    identity: undefined,
    identifiedUs: nowUs,
    complaint: undefined,
    handle: undefined,
    decodeLink: undefined,
    readUs: nowUs,
    downSinceUs: undefined,
    nextRetryMs: 0,
    before: { received: 0, droppedByKernel: 0, droppedByInterface: 0 },
    reportedDrops: 0,
    dropsCheckedUs: nowUs,
  };
}

function totalStatistics({ handle, before }: Listener): CaptureStatistics {
  const now = handle?.statistics();
  return {
    received: before.received + (now?.received ?? 0),
    droppedByKernel: before.droppedByKernel + (now?.droppedByKernel ?? 0),
    droppedByInterface: before.droppedByInterface + (now?.droppedByInterface ?? 0),
  };
}
