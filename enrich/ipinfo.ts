/**
 * Places from ipinfo.io, asked for in the background.
 *
 *     request() -> queue of the busiest addresses -> one request at a time -> onAnswer()
 *
 * A request holds one address, or up to a hundred where the plan takes batches; the next one waits for the rate limit
 * and, after a failure, for the back-off or what Retry-After says. An address is in the queue, under way, or neither, so
 * that it is never asked for twice at once.
 *
 * Which plan the token is for, and whether that takes batches, is found out before the first address, by asking about
 * the address that this network has itself: the plans are tried from the richest on until one answers. So no address
 * that was seen is in a request that is refused. When no plan takes the token, asking stops for good.
 */

import type { Clock } from "../system/clock.ts";
import { AddressQueue } from "./address_queue.ts";
import { BackOff } from "../system/back_off.ts";
import {
  addressOfAnswer,
  batchAnswers,
  IpinfoAnswerError,
  placeOfAnswer,
} from "./ipinfo_answer.ts";
import { IPINFO_HOSTS, IPINFO_PLANS, type IpinfoHosts, type IpinfoPlan } from "./ipinfo_plan.ts";
import { askIpinfo, type IpinfoOutcome } from "./ipinfo_request.ts";
import { type BudgetState, MonthlyBudget } from "./monthly_budget.ts";
import type { Place } from "./place.ts";
import { isPublicAddress } from "./public_address.ts";

/** What a client needs, and how it behaves. */
export interface IpinfoOptions {
  readonly token: string;
  /** Addresses that may be asked for in a calendar month (UTC). */
  readonly monthlyBudget: number;
  /** Addresses that a file must have noted as spent before they are asked for; without it, nothing waits for a file. */
  readonly budgetBlock?: number;
  /** Is given every answer; no place where there is none to be had. */
  readonly onAnswer: (address: string, place: Place | undefined) => void;
  /** Is told when the plan has been found out. */
  readonly onPlan?: () => void;
  /** Is told, once, when the service takes the token for none of its plans. */
  readonly onRefused?: () => void;
  /** @default IPINFO_HOSTS */
  readonly hosts?: IpinfoHosts;
  readonly fetch?: typeof fetch;
  readonly clock: Clock;
  /** Whether the network has set the clock. @default never */
  readonly clockIsSynced?: () => boolean;
  /** @default Math.random */
  readonly random?: () => number;
  /** How long addresses are gathered for a batch. @default 1000 */
  readonly gatherMs?: number;
  /** Between the beginnings of two requests. @default 200 */
  readonly minIntervalMs?: number;
  /** The first pause after a failure. @default 1000 */
  readonly firstPauseMs?: number;
  /** @default 900_000 */
  readonly maxPauseMs?: number;
  /** For one answer. @default 10_000 */
  readonly timeoutMs?: number;
  /** Addresses that may wait. @default 1000 */
  readonly maxWaiting?: number;
}

/** What must be kept over restarts. */
export interface IpinfoState {
  /** Absent while it is not known. */
  readonly plan?: IpinfoPlan;
  /** Whether the plan takes batches; known with the plan. */
  readonly takesBatches?: boolean;
  readonly budget: BudgetState;
}

/** Figures, and what it is doing. */
export interface IpinfoStatus {
  readonly plan: IpinfoPlan | undefined;
  /** `asking` also while there is nothing to ask. */
  readonly state: "asking" | "paused" | "token refused" | "budget spent" | "waiting for the file";
  /** Why it is paused, and for how long still. */
  readonly pause: { readonly why: string; readonly forMs: number } | undefined;
  readonly requests: number;
  readonly answered: number;
  /** Addresses given up: the service knows nothing, or cannot say it. */
  readonly failed: number;
  /** Requests that came to nothing. */
  readonly failedRequests: number;
  readonly waiting: number;
  /** Addresses not asked for: busier ones were waiting, or the budget was spent. */
  readonly skipped: number;
  readonly budget: BudgetState & { readonly limit: number };
}

const MAX_BATCH = 100;
/** An answer about one address has 1 kB at most. */
const MAX_BYTES_PER_ADDRESS = 8_192;
/** An address whose answer is unusable so often in a row is given up. */
const MAX_ATTEMPTS = 3;
/** Timers take no more (2^31 - 1 ms, 24 days); a longer pause is begun again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const NO_ANSWER = "what it says is no answer";

const PLAN_ORDER = Object.keys(IPINFO_PLANS) as IpinfoPlan[];

/** A client. */
export class Ipinfo implements Disposable {
  readonly #options:
    & Required<Omit<IpinfoOptions, "onRefused" | "budgetBlock" | "clockIsSynced">>
    & IpinfoOptions;
  readonly #queue: AddressQueue;
  readonly #underWay = new Set<string>();
  readonly #budget: MonthlyBudget;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  /** How often an address came back without a usable answer; only of those that did. */
  readonly #attempts = new Map<string, number>();

  #plan: IpinfoPlan | undefined;
  #takesBatches = false;
  /** Smaller after failures, so that one address that the service stumbles over does not keep a hundred waiting. */
  #batchSize = MAX_BATCH;
  /** While the plan is being found out. */
  #badBatches = 0;
  #isRefused = false;
  #isAsking = false;
  #timer: number | undefined;
  /** By the monotonic clock. */
  #nextAt = 0;
  #pauseWhy: string | undefined;
  #requests = 0;
  #answered = 0;
  #failed = 0;
  #failedRequests = 0;
  #overBudget = 0;

  constructor(options: IpinfoOptions) {
    this.#options = {
      fetch,
      random: Math.random,
      onPlan: () => {},
      gatherMs: 1000,
      minIntervalMs: 200,
      firstPauseMs: 1000,
      maxPauseMs: 15 * 60e3,
      timeoutMs: 10_000,
      maxWaiting: 1000,
      ...options,
      hosts: options.hosts ?? IPINFO_HOSTS,
    };
    const { maxWaiting, clock, firstPauseMs, maxPauseMs, random } = this.#options;
    this.#queue = new AddressQueue(maxWaiting);
    this.#budget = new MonthlyBudget({
      limit: options.monthlyBudget,
      block: options.budgetBlock,
      clock,
      clockIsSynced: options.clockIsSynced,
    });
    this.#backOff = new BackOff({ firstMs: firstPauseMs, maxMs: maxPauseMs, random });
  }

  /** An address came up whose place is wanted. Returns at once; local and reserved addresses are never asked for. */
  request(address: string): void {
    if (this.#isRefused || this.#closing.signal.aborted || this.#underWay.has(address)) return;
    if (!isPublicAddress(address)) return;
    if (this.#budget.left === 0) {
      this.#overBudget++;
      return;
    }
    this.#queue.add(address);
    this.#budget.want();
    this.#schedule(this.#options.gatherMs);
  }

  /** What the next run must know; more is noted as spent than is, unless nothing more will be asked in this one. */
  stateForFile({ isLast }: { isLast: boolean }): IpinfoState {
    const budget = this.#budget.stateForFile({ isLast });
    if (this.#plan === undefined) return { budget };
    return { plan: this.#plan, takesBatches: this.#takesBatches, budget };
  }

  /** The file holds what `stateForFile()` gave: so much may be spent now. */
  filed({ budget }: IpinfoState): void {
    this.#budget.filed(budget);
    this.#schedule(0);
  }

  /** Whether addresses wait for the file to be written. */
  get waitsForFile(): boolean {
    return this.#queue.size > 0 && this.#budget.ready === 0 && this.#budget.left > 0;
  }

  /** Whether the file says that more is spent than is. */
  get isFileAhead(): boolean {
    return this.#budget.isAhead;
  }

  /** Goes on from where a former run was. */
  restore({ plan, takesBatches = false, budget }: IpinfoState): void {
    this.#plan = plan;
    this.#takesBatches = takesBatches;
    this.#budget.restore(budget);
  }

  get status(): IpinfoStatus {
    const pauseMs = Math.max(0, Math.round(this.#nextAt - this.#options.clock.monotonicMs()));
    const isPaused = this.#pauseWhy !== undefined && pauseMs > 0;
    return {
      plan: this.#plan,
      state: this.#isRefused
        ? "token refused"
        : this.#budget.left === 0
        ? "budget spent"
        : isPaused
        ? "paused"
        : this.waitsForFile
        ? "waiting for the file"
        : "asking",
      pause: isPaused ? { why: this.#pauseWhy!, forMs: pauseMs } : undefined,
      requests: this.#requests,
      answered: this.#answered,
      failed: this.#failed,
      failedRequests: this.#failedRequests,
      waiting: this.#queue.size + this.#underWay.size,
      skipped: this.#queue.dropped + this.#overBudget,
      budget: { ...this.#budget.state, limit: this.#budget.limit },
    };
  }

  /** Gives up what is under way and waiting. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#queue.clear();
  }

  /** Sees to it that the next request is made: in `gatherMs`, or when the pause is over. */
  #schedule(gatherMs: number): void {
    if (this.#timer !== undefined || this.#isAsking || this.#isRefused) return;
    if (this.#queue.size === 0 || this.waitsForFile) return;
    const waitMs = Math.max(gatherMs, this.#nextAt - this.#options.clock.monotonicMs());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#nextAt > this.#options.clock.monotonicMs() + 1) this.#schedule(0);
      else void this.#askNext();
    }, Math.min(waitMs, MAX_TIMER_MS));
    Deno.unrefTimer(this.#timer);
  }

  async #askNext(): Promise<void> {
    if (this.#budget.left === 0) {
      // It ran out while they waited.
      this.#overBudget += this.#queue.size;
      this.#queue.clear();
      return;
    }
    if (this.waitsForFile) return;
    this.#pauseWhy = undefined;
    this.#isAsking = true;
    if (this.#plan === undefined) await this.#findPlan();
    else await this.#askBusiest(this.#plan);
    if (this.#closing.signal.aborted) return;
    this.#isAsking = false;
    this.#schedule(0);
  }

  async #askBusiest(plan: IpinfoPlan): Promise<void> {
    const size = this.#takesBatches ? this.#batchSize : 1;
    const addresses = this.#queue.take(Math.min(size, this.#budget.ready));
    for (const address of addresses) this.#underWay.add(address);
    if (addresses.length === 1) await this.#askOne(addresses[0], plan);
    else await this.#askBatch(addresses, plan);
    this.#underWay.clear();
  }

  /** Asks for this network's own address by one plan after the other, until one takes the token. */
  async #findPlan(): Promise<void> {
    let isRefusedByAll = true;
    for (const plan of PLAN_ORDER) {
      const outcome = await this.#ask(IPINFO_PLANS[plan].own(this.#options.hosts));
      if (outcome.kind === "refused") continue;
      isRefusedByAll = false;
      if (outcome.kind === "absent") continue;
      if (outcome.kind !== "answer") return this.#fail([], outcome);
      const takesBatches = await this.#tryBatch(plan, addressOfAnswer(outcome.json));
      if (takesBatches === undefined) return;
      this.#plan = plan;
      this.#takesBatches = takesBatches;
      this.#options.onPlan();
      return;
    }
    if (isRefusedByAll) this.#stop();
    else this.#fail([], { kind: "bad", why: "it knows none of its own plans" });
  }

  /**
   * Whether a plan takes batches, by one that holds `address` alone; `undefined` when that could not be found out now.
   * A service that does not know us by a public address is taken not to, and so is one that stumbles over it thrice.
   */
  async #tryBatch(plan: IpinfoPlan, address: string | undefined): Promise<boolean | undefined> {
    if (address === undefined) return false;
    if (this.#budget.ready === 0) return undefined;
    const outcome = await this.#ask(IPINFO_PLANS[plan].batch(this.#options.hosts), [address]);
    if (outcome.kind === "answer") {
      const answer = batchAnswers(outcome.json, [address]).get(address);
      return addressOfAnswer(answer) !== undefined;
    }
    if (outcome.kind === "refused" || outcome.kind === "absent") return false;
    if (outcome.kind === "bad" && ++this.#badBatches >= MAX_ATTEMPTS) return false;
    this.#fail([], outcome);
    return undefined;
  }

  async #askOne(address: string, plan: IpinfoPlan): Promise<void> {
    const outcome = await this.#ask(IPINFO_PLANS[plan].single(this.#options.hosts, address));
    if (outcome.kind === "refused") this.#forgetPlan([address]);
    else this.#takeAnswer(address, outcome);
  }

  async #askBatch(addresses: readonly string[], plan: IpinfoPlan): Promise<void> {
    const url = IPINFO_PLANS[plan].batch(this.#options.hosts);
    const outcome = await this.#ask(url, addresses);
    if (outcome.kind === "refused" || outcome.kind === "absent") {
      this.#forgetPlan(addresses);
      return;
    }
    if (outcome.kind !== "answer") {
      this.#batchSize = Math.max(1, this.#batchSize >> 1);
      this.#fail(addresses, outcome);
      return;
    }
    const answers = batchAnswers(outcome.json, addresses);
    const unanswered = addresses.filter((address) =>
      !this.#takeJson(address, answers.get(address))
    );
    if (unanswered.length === addresses.length) {
      this.#fail(addresses, { kind: "bad", why: NO_ANSWER });
      return;
    }
    this.#batchSize = Math.min(MAX_BATCH, this.#batchSize * 2);
    this.#backOff.reset();
    this.#retry(unanswered);
  }

  /** The plan may have changed. The search for another ends it if the token is good for none. */
  #forgetPlan(addresses: readonly string[]): void {
    this.#plan = undefined;
    // The pause grows, should the search find the same plan again and again.
    this.#fail(addresses, { kind: "later", why: "it refuses what the plan allowed so far" });
  }

  async #ask(url: string, addresses?: readonly string[]): Promise<IpinfoOutcome> {
    const { token, fetch, timeoutMs, minIntervalMs, clock } = this.#options;
    const count = addresses?.length ?? 1;
    await this.#turn();
    this.#nextAt = this.#options.clock.monotonicMs() + minIntervalMs;
    this.#requests++;
    // Before it is asked: the logger may stop before the answer comes.
    this.#budget.spend(count);
    const outcome = await askIpinfo({
      url,
      token,
      body: addresses,
      fetch,
      timeoutMs,
      signal: this.#closing.signal,
      maxBytes: MAX_BYTES_PER_ADDRESS * count,
      nowMs: clock.wallMs(),
    });
    // What may have been counted there is counted here.
    if (outcome.kind === "later" || outcome.kind === "refused") this.#budget.giveBack(count);
    return outcome;
  }

  /** Resolves when the rate limit allows the next request. */
  #turn(): Promise<void> {
    const waitMs = this.#nextAt - this.#options.clock.monotonicMs();
    if (waitMs <= 0) return Promise.resolve();
    return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, waitMs)));
  }

  /** @returns whether it was a usable answer */
  #takeAnswer(address: string, outcome: IpinfoOutcome): boolean {
    if (outcome.kind === "later" || outcome.kind === "bad") {
      this.#fail([address], outcome);
      return false;
    }
    if (outcome.kind !== "answer") {
      this.#giveUp(address);
      return false;
    }
    if (this.#takeJson(address, outcome.json)) {
      this.#backOff.reset();
      return true;
    }
    this.#fail([address], { kind: "bad", why: NO_ANSWER });
    return false;
  }

  /** @returns whether it was a usable answer; otherwise nothing has happened to the address */
  #takeJson(address: string, json: unknown): boolean {
    let place: Place | undefined;
    try {
      place = placeOfAnswer(json, address);
    } catch (error) {
      if (!(error instanceof IpinfoAnswerError)) throw error;
      return false;
    }
    this.#attempts.delete(address);
    if (place === undefined) this.#failed++;
    else this.#answered++;
    this.#options.onAnswer(address, place);
    return true;
  }

  /** A request came to nothing: its addresses wait for their next turn, and everything for the pause to pass. */
  #fail(
    addresses: readonly string[],
    { kind, why, afterMs }: IpinfoOutcome & { kind: "later" | "bad" },
  ): void {
    if (this.#closing.signal.aborted) return;
    this.#failedRequests++;
    this.#pauseWhy = why;
    const pauseMs = afterMs || this.#backOff.next(); // "0" does not mean to go on as before
    this.#nextAt = this.#options.clock.monotonicMs() + pauseMs;
    // Without a network, or with too many requests, no address is to blame.
    if (kind === "later") this.#queue.putBack(addresses);
    else this.#retry(addresses);
  }

  #retry(addresses: readonly string[]): void {
    for (const address of addresses) {
      const attempts = (this.#attempts.get(address) ?? 0) + 1;
      if (attempts >= MAX_ATTEMPTS) {
        this.#giveUp(address);
      } else {
        // Those that had to leave the queue would stay here for ever.
        if (this.#attempts.size >= this.#options.maxWaiting) this.#attempts.clear();
        this.#attempts.set(address, attempts);
        this.#queue.putBack([address]);
      }
    }
  }

  #giveUp(address: string): void {
    this.#attempts.delete(address);
    this.#failed++;
    this.#options.onAnswer(address, undefined);
  }

  #stop(): void {
    this.#isRefused = true;
    this.#queue.clear();
    this.#attempts.clear();
    this.#options.onRefused?.();
  }
}
