/** How many addresses may still be asked for this month. */

/** What must be kept over restarts. */
export interface BudgetState {
  /** The month in UTC, `2026-11`. */
  readonly month: string;
  /** Addresses asked for in it. */
  readonly spent: number;
}

/** Counts what is spent by calendar month in UTC. */
export class MonthlyBudget {
  readonly limit: number;
  readonly #clock: { now(): number };
  #month: string;
  #spent = 0;

  /** `clock.now()` is in milliseconds since 1970. */
  constructor(limit: number, clock: { now(): number }) {
    this.limit = limit;
    this.#clock = clock;
    this.#month = this.#currentMonth();
  }

  get left(): number {
    this.#turnPage();
    return Math.max(0, this.limit - this.#spent);
  }

  get state(): BudgetState {
    this.#turnPage();
    return { month: this.#month, spent: this.#spent };
  }

  spend(count: number): void {
    this.#turnPage();
    this.#spent += count;
  }

  /** Goes on from where a former run was. */
  restore({ month, spent }: BudgetState): void {
    this.#month = month;
    this.#spent = spent;
  }

  /** Only forward: a clock that is not set yet, and shows 1970, must not give the month's budget a second time. */
  #turnPage(): void {
    const month = this.#currentMonth();
    if (month <= this.#month) return;
    this.#month = month;
    this.#spent = 0;
  }

  #currentMonth(): string {
    return new Date(this.#clock.now()).toISOString().slice(0, 7);
  }
}
