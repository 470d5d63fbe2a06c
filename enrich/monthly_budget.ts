/**
 * How many addresses may still be asked for this month.
 *
 * The count must not be forgotten by a kill. So what a file is to remember runs ahead of what is spent, by a block: the
 * file says that the block is spent, and only then it may be. A kill costs what was left of the block, never more than
 * the budget.
 */

import type { Clock } from "../system/clock.ts";

/** What must be kept over restarts. */
export interface BudgetState {
  /** The month in UTC, `2026-11`. */
  readonly month: string;
  /** Addresses asked for in it. */
  readonly spent: number;
}

/** How a budget is counted. */
export interface MonthlyBudgetOptions {
  /** Addresses in a calendar month. */
  readonly limit: number;
  readonly clock: Clock;
  /** Whether the network has set the clock. @default never */
  readonly clockIsSynced?: () => boolean;
  /** By how much the file runs ahead; without it, nothing waits for a file. */
  readonly block?: number;
}

/** Counts what is spent by calendar month in UTC. */
export class MonthlyBudget {
  readonly limit: number;
  readonly #clock: Clock;
  readonly #clockIsSynced: () => boolean;
  readonly #block: number | undefined;
  #month: string;
  #spent = 0;
  /** What the file says is spent. */
  #onFile = 0;
  /** Whether anything is to be asked in this run; before that, nothing is set apart. */
  #isWanted = false;

  constructor({ limit, clock, clockIsSynced = () => false, block }: MonthlyBudgetOptions) {
    this.limit = limit;
    this.#clock = clock;
    this.#clockIsSynced = clockIsSynced;
    this.#block = block;
    this.#month = this.#currentMonth();
  }

  /** Until the end of the month. */
  get left(): number {
    this.#turnPage();
    return Math.max(0, this.limit - this.#spent);
  }

  /** Now; when that is nothing though something is left, the file has to be written first. */
  get ready(): number {
    const { left } = this;
    return this.#block === undefined
      ? left
      : Math.min(left, Math.max(0, this.#onFile - this.#spent));
  }

  get state(): BudgetState {
    this.#turnPage();
    return { month: this.#month, spent: this.#spent };
  }

  /** What the file is to say: a block more than is spent or, when nothing more will be asked, what is spent. */
  stateForFile({ isLast }: { isLast: boolean }): BudgetState {
    const { month, spent } = this.state;
    const ahead = isLast || !this.#isWanted ? 0 : this.#block ?? 0;
    return { month, spent: Math.max(spent, Math.min(this.limit, spent + ahead)) };
  }

  /** The file holds what `stateForFile()` gave. */
  filed({ month, spent }: BudgetState): void {
    if (month === this.state.month) this.#onFile = spent;
  }

  /** Whether the file says that more is spent than is. */
  get isAhead(): boolean {
    return this.#block !== undefined && this.#onFile > this.state.spent;
  }

  /** Something is to be asked. */
  want(): void {
    this.#isWanted = true;
  }

  spend(count: number): void {
    this.#turnPage();
    this.#spent += count;
  }

  /** It was not spent after all. */
  giveBack(count: number): void {
    this.#turnPage();
    this.#spent = Math.max(0, this.#spent - count);
  }

  /** Goes on from where a former run was. */
  restore({ month, spent }: BudgetState): void {
    this.#month = month;
    this.#spent = spent;
    this.#onFile = spent;
  }

  /**
   * Forward only: a clock that is not set yet, and shows 1970, must not give the month's budget a second time. But a count
   * of 2038, which a clock that was wrong has begun, is not waited for.
   */
  #turnPage(): void {
    const month = this.#currentMonth();
    const isWrong = this.#month > this.#currentMonth(1) && this.#clockIsSynced();
    if (month <= this.#month && !isWrong) return;
    this.#month = month;
    this.#spent = 0;
    this.#onFile = 0;
  }

  #currentMonth(later = 0): string {
    const now = new Date(this.#clock.wallMs());
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later, 1);
    return new Date(first).toISOString().slice(0, 7);
  }
}
