/**
 * Telling systemd how the service is: sd_notify(3). It is spoken to on the socket that `$NOTIFY_SOCKET` names; where
 * there is none, nobody listens and there is no `ServiceManager`.
 */

import type { Clock } from "./clock.ts";
import { sendUnixDatagram } from "./unix_datagram.ts";

/** Without a watchdog the status is still brought up to date. */
const STATUS_INTERVAL_MS = 30_000;

/** The manager of a `Type=notify` service. */
export class ServiceManager {
  readonly #socketPath: string;
  readonly #beatIntervalMs: number;
  readonly #clock: Clock;
  #state = "";
  #nextBeatAt = 0;

  /** The manager that started this process, told by its environment; `undefined` when none did. */
  static of(
    environment: Readonly<Record<string, string | undefined>>,
    clock: Clock,
  ): ServiceManager | undefined {
    const { NOTIFY_SOCKET, WATCHDOG_USEC } = environment;
    if (!NOTIFY_SOCKET) return undefined;
    const watchdogMs = Number(WATCHDOG_USEC) / 1000;
    const beatIntervalMs = watchdogMs > 0 ? watchdogMs / 3 : STATUS_INTERVAL_MS;
    return new ServiceManager(NOTIFY_SOCKET, { beatIntervalMs, clock });
  }

  /** `beatIntervalMs`: how often it wants to hear that the service lives. */
  constructor(
    socketPath: string,
    { beatIntervalMs, clock }: { beatIntervalMs: number; clock: Clock },
  ) {
    this.#socketPath = socketPath;
    this.#beatIntervalMs = beatIntervalMs;
    this.#clock = clock;
  }

  /** The start is over. Twice is harmless. */
  ready(state: string): void {
    this.#state = state;
    this.#send("READY=1", `STATUS=${state}`);
  }

  /**
   * To be called about once a second by the loop that does the work, and by nothing else, so that the watchdog bites
   * when that loop hangs. Sends a change of `state` at once, and otherwise only as often as the manager wants it.
   */
  beat(state: string, detail: string): void {
    const now = this.#clock.monotonicMs();
    if (now < this.#nextBeatAt && state === this.#state) return;
    this.#nextBeatAt = now + this.#beatIntervalMs;
    this.#state = state;
    this.#send("WATCHDOG=1", `STATUS=${state}; ${detail}`);
  }

  /** The service ends of itself or was told to. */
  stopping(): void {
    this.#send("STOPPING=1", "STATUS=moving what is left to the archive");
  }

  #send(...assignments: string[]): void {
    sendUnixDatagram(this.#socketPath, assignments.join("\n"));
  }
}
