/** What all inspections of payloads together may hold and cost. */

import { Allowance } from "../pressure/allowance.ts";

/** Room for 2,700 inspections under way that each keep part of a hello; a household has a few at once. */
const MAX_BYTES = 8 << 20;

/** QUIC packets that are opened a second, 90 us each with their keys, where there is a limit: 5 % of a core, of a Pi 20. */
const OPENINGS = { perSecond: 512, burst: 2_048 } as const;

/** What can be ended before it is over. */
export interface Inspection {
  close(): void;
}

/** The bytes that inspections under way hold, all of one capture together. */
export class InspectorBudget {
  readonly maxBytes: number;
  readonly #openings: Allowance | undefined;
  /** Those under way, the one that began first at the front. */
  readonly #inspections = new Set<Inspection>();
  /** The one that is being fed, and so cannot be ended from outside. */
  current: Inspection | undefined;
  #heldBytes = 0;
  #refused = 0;

  /** `limitsOpenings`: QUIC packets are opened only so often a second. */
  constructor(maxBytes = MAX_BYTES, limitsOpenings = false) {
    this.maxBytes = maxBytes;
    this.#openings = limitsOpenings ? new Allowance(OPENINGS) : undefined;
  }

  /** Bytes that are held now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Inspections that ended without a result because the budget was used up. */
  get refused(): number {
    return this.#refused;
  }

  /** An inspection has begun, or is over. */
  begin(inspection: Inspection): void {
    this.#inspections.add(inspection);
  }
  end(inspection: Inspection): void {
    this.#inspections.delete(inspection);
  }

  /** Whether a QUIC packet may be opened; counted when it may not. */
  mayOpen(): boolean {
    if (this.#openings?.take() !== false) return true;
    this.#refused++;
    return false;
  }

  /** So many seconds have passed. */
  fill(seconds: number): void {
    this.#openings?.fill(seconds);
  }

  /**
   * Takes `bytes` out of the budget; `false`, and counted, when so many are not left. What began first gives way: a hello
   * that is whole is read within a moment, and what waits for long is half of one.
   */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.maxBytes) this.#makeRoom(bytes);
    if (this.#heldBytes + bytes > this.maxBytes) {
      this.#refused++;
      return false;
    }
    this.#heldBytes += bytes;
    return true;
  }

  #makeRoom(bytes: number): void {
    for (const inspection of this.#inspections) {
      if (this.#heldBytes + bytes <= this.maxBytes) return;
      if (inspection === this.current) continue;
      inspection.close();
      this.#refused++;
    }
  }

  /** Gives back what `take()` took. */
  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
