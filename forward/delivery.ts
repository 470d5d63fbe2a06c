/**
 * A batch on its way to a receiver that may refuse some of it: what is too large, or holds what the receiver refuses, is
 * sent in halves, down to single records. A record that is refused by itself, twice, is left out when others of its batch
 * are taken; when none is, the receiver is at fault, and all of them are given again.
 */

import { refusedRecords } from "./outgoing.ts";
import {
  type FailureKind,
  type OutgoingRecord,
  type Output,
  SendFailure,
} from "./outputs/output.ts";

const HALVED: ReadonlySet<FailureKind> = new Set(["too_large", "refused", "refused_for_good"]);

/** What a step of a delivery did. */
export interface Step {
  /** Records that were taken. */
  readonly taken: number;
  /** Records that are left out for good, and what the receiver said; a gap that stands for them is sent after the rest. */
  readonly leftOut?: { readonly count: number; readonly why: string };
}

/** One batch; a step that failed is done again by the next one, and nothing that was taken before is sent again. */
export class Delivery {
  readonly #site: string;
  /** What is still to be sent, in order. */
  readonly #parts: (readonly OutgoingRecord[])[];
  /** Refused by themselves. */
  #refused: OutgoingRecord[] = [];
  #refusal = new SendFailure("refused", "");
  #isAnyTaken = false;
  #isGivenAgain = false;

  /** `site` is told in the gap that stands for what is left out. */
  constructor(records: readonly OutgoingRecord[], site: string) {
    this.#parts = [records];
    this.#site = site;
  }

  get isDone(): boolean {
    return this.#parts.length === 0 && this.#refused.length === 0;
  }

  /** Sends a part, or decides about those that were refused. @throws {SendFailure} what must change first */
  async step(output: Output, stop: AbortSignal): Promise<Step> {
    const part = this.#parts.shift();
    if (part === undefined) return this.#judge();
    try {
      await output.send(part, stop);
      this.#isAnyTaken = true;
      return { taken: part.length };
    } catch (error) {
      const failure = asFailure(error);
      if (!HALVED.has(failure.kind)) {
        this.#parts.unshift(part);
        throw failure;
      }
      this.#split(part, failure);
      return { taken: 0 };
    }
  }

  #split(part: readonly OutgoingRecord[], failure: SendFailure): void {
    if (part.length > 1) {
      const middle = part.length >> 1;
      this.#parts.unshift(part.slice(0, middle), part.slice(middle));
      return;
    }
    this.#refused.push(part[0]);
    if (this.#refusal.kind !== "refused_for_good") this.#refusal = failure;
  }

  #judge(): Step {
    const refused = this.#refused;
    this.#refused = [];
    const { kind, message } = this.#refusal;
    if (!this.#isAnyTaken && kind !== "refused_for_good") {
      this.#parts.push(refused);
      throw new SendFailure("refused", message);
    }
    if (!this.#isGivenAgain && kind !== "refused_for_good") {
      // Who refused everything for a while may have come to itself while the batch was halved.
      this.#isGivenAgain = true;
      this.#parts.push(refused);
      return { taken: 0 };
    }
    const isOwnGap = refused.every(({ record }) =>
      record.wifilogger.flow_id.startsWith("gap-refused-")
    );
    if (isOwnGap) return { taken: 0 };
    this.#parts.push([refusedRecords(refused, this.#site)]);
    return { taken: 0, leftOut: { count: refused.length, why: message } };
  }
}

function asFailure(error: unknown): SendFailure {
  if (error instanceof SendFailure) return error;
  return new SendFailure("unreachable", (error as Error).message, { cause: error });
}
