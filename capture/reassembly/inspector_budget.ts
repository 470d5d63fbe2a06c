/** What all inspections of payloads together may hold. */

/** Room for 2,700 inspections under way that each keep part of a hello; a household has a few at once. */
const MAX_BYTES = 8 << 20;

/** The bytes that inspections under way hold, all of one capture together. */
export class InspectorBudget {
  readonly maxBytes: number;
  #heldBytes = 0;
  #refused = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.maxBytes = maxBytes;
  }

  /** Bytes that are held now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Inspections that ended without a result because the budget was used up. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes `bytes` out of the budget; `false`, and counted, when so many are not left. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.maxBytes) {
      this.#refused++;
      return false;
    }
    this.#heldBytes += bytes;
    return true;
  }

  /** Gives back what `take()` took. */
  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
