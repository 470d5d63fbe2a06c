/** Where records are sent: what an output can do, and how it fails. */

import type { FlowRecord, GapReason, GapRecord, MergedRecord } from "../../record/log_record.ts";

/** A record on its way. */
export interface OutgoingRecord {
  /** One line of JSON without its newline: that of the log, with `observer.name`, and an identity where it is a gap. */
  readonly line: string;
  /** The same, read. */
  readonly record: SentRecord;
}

/** What is sent of a record: `observer.name` is the site; (`observer.name`, `flow_id`, `part`) tells it from all others. */
export type SentRecord = SentFlow | SentGap;

type SentFlow =
  | Omit<FlowRecord, "observer"> & { readonly observer: Observer }
  | Omit<MergedRecord, "observer"> & { readonly observer: Observer };

/** A gap of the log, or one in what is sent: days that the archive dropped before, records that were refused. */
export interface SentGap extends Omit<GapRecord, "observer" | "wifilogger"> {
  readonly observer: Observer;
  readonly wifilogger: {
    readonly v: 1;
    readonly flow_id: string;
    readonly part: number;
    readonly gap: { readonly reason: GapReason | "retention" | "refused"; readonly count?: number };
    readonly clock?: "synced" | "unsynced";
  };
}

interface Observer {
  readonly name: string;
  readonly ingress?: { readonly interface: { readonly name: string } };
}

/** A receiver of records. */
export interface Output {
  /** Names it to people: without user, password and token. */
  readonly name: string;
  /** The most records and characters that one `send()` should be given. */
  readonly batchRecords: number;
  readonly batchChars: number;
  /**
   * Sends records in order, and connects first where it must. Resolves when the receiver has answered for all of them;
   * until then nothing is sent. A batch that failed is given again, whole or in parts.
   *
   * @throws {SendFailure} why the receiver does not have all of them
   */
  send(batch: readonly OutgoingRecord[], stop: AbortSignal): Promise<void>;
  /** Closes what is open; waits no longer than a second or two. Never throws. */
  close(): Promise<void>;
}

/**
 * What becomes of a batch that was not taken:
 *
 * - `unreachable`: nobody there, or too busy: given again later, for ever;
 * - `denied`: user, password, certificate or right are wrong: given again later too, since they may be mended;
 * - `too_large`: given again in halves;
 * - `refused`: the receiver does not take this content: halves find the record that is at fault;
 * - `refused_for_good`: it never will, such as a time that is too long ago: the records are counted, and left out.
 */
export type FailureKind = "unreachable" | "denied" | "too_large" | "refused" | "refused_for_good";

/** A batch was not taken. The message is one line that says what failed and why, without secrets. */
export class SendFailure extends Error {
  override name = "SendFailure";
  readonly kind: FailureKind;
  /** How long the receiver wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}
