/**
 * What is kept of flows where not everything is: between the making of a record and everybody who gets it, which are the
 * RAM log, the terminal, and who asks for flows under way. Loaded only then: a logger that keeps everything has nothing
 * of it in memory.
 */

import type { AddressWords } from "../../capture/address/address.ts";
import type { MergedFlows } from "../../capture/flow/overflow.ts";
import type { LeftOutFlows, ObservedDelta } from "../../capture/observer.ts";
import { Concealer } from "../../privacy/concealed_record.ts";
import { LeftOut, leftOutRecord, type NameOf, withoutEnds } from "../../privacy/left_out.ts";
import { MinuteSums } from "../../privacy/minute_sums.ts";
import { Pseudonyms } from "../../privacy/pseudonyms.ts";
import type { FlowRecord, MergedRecord } from "../../record/log_record.ts";
import { recordLine } from "../../record/record_builder.ts";
import type { Settings } from "../settings/settings.ts";
import { pseudonymKey } from "./pseudonym_key.ts";

/** What a discretion goes by. */
export interface DiscretionOptions {
  readonly settings: Pick<Settings, "privacy" | "leaveOut">;
  /** Of the pseudonyms, where the level has such. */
  readonly key: Uint8Array | undefined;
}

/** What a capture knows. */
export interface CaptureKnowledge {
  readonly isOnLink: (address: AddressWords) => boolean;
  readonly ptr: (address: string) => string | undefined;
  /** Told of everything that is left out, which gets no line of its own. */
  readonly onLeftOut: (delta: ObservedDelta) => void;
}

/** Reads the key, or makes it. @throws {Error} when the level needs one and there can be none */
export async function openDiscretion(settings: Settings): Promise<Discretion> {
  const { privacy, privacyKeyPath } = settings;
  const hasPseudonyms = privacy === "devices" || privacy === "totals";
  return new Discretion({
    settings,
    key: hasPseudonyms ? await pseudonymKey(privacyKeyPath) : undefined,
  });
}

/** Decides what of a flow becomes a line. */
export class Discretion {
  readonly #leaveOut: readonly string[];
  readonly #concealer: Concealer | undefined;
  readonly #sumsAll: boolean;
  readonly #sums = new MinuteSums();
  #leftOut: LeftOut | undefined;

  constructor({ settings: { privacy, leaveOut }, key }: DiscretionOptions) {
    this.#leaveOut = leaveOut;
    this.#sumsAll = privacy === "totals";
    if (privacy === "full") return;
    const pseudonyms = new Pseudonyms(key ?? crypto.getRandomValues(new Uint8Array(32)));
    this.#concealer = new Concealer({ level: privacy, pseudonyms });
  }

  /** For the observer; `undefined` where nothing is left out. */
  leftOutFlows({ isOnLink, ptr, onLeftOut }: CaptureKnowledge): LeftOutFlows | undefined {
    if (this.#leaveOut.length === 0) return undefined;
    const leftOut = this.#leftOut = new LeftOut({ words: this.#leaveOut, isOnLink, ptr });
    return {
      isDevice: (end, nameOf) => leftOut.isDevice(end, nameOf),
      take: (delta, nameOf) => {
        if (!leftOut.isFlow(delta, nameOf)) return false;
        onLeftOut(delta);
        return true;
      },
    };
  }

  /** Sums a flow that is left out. */
  sumLeftOut(delta: ObservedDelta): void {
    const record = this.#marked(leftOutRecord(delta));
    this.#sums.add({ record, startUs: delta.startUs, endUs: delta.endUs });
  }

  /** What is written of a flow's line, at once; `undefined` where it is summed. */
  flowLine({ startUs, endUs }: ObservedDelta, line: string): string | undefined {
    if (this.#concealer === undefined) return line;
    const record = this.#concealer.flow(JSON.parse(line));
    return this.#written(record, { startUs, endUs });
  }

  /** The same of flows that were merged under pressure. */
  mergedLine({ startUs, endUs }: MergedFlows, merged: MergedRecord): string | undefined {
    const record = this.#leaveOut.length === 0 ? merged : withoutEnds(merged);
    const concealed = this.#concealer === undefined ? record : this.#concealer.merged(record);
    return this.#written(concealed, { startUs, endUs });
  }

  /** What is told of a flow under way: nothing of one that is left out. */
  liveLine(flow: ObservedDelta, line: string, nameOf: NameOf): string | undefined {
    if (this.#leftOut?.isFlow(flow, nameOf)) return undefined;
    return this.#concealer === undefined
      ? line
      : JSON.stringify(this.#concealer.flow(JSON.parse(line))) + "\n";
  }

  /** The lines of what was summed since the last call. */
  minuteLines(moment: { isLast: boolean; clockIsSynced: boolean }): string[] {
    return this.#sums.take(moment).map(recordLine);
  }

  #written(
    record: FlowRecord | MergedRecord,
    span: { startUs: number; endUs: number },
  ): string | undefined {
    if (!this.#sumsAll) return JSON.stringify(record) + "\n";
    this.#sums.add({ record: record as MergedRecord, ...span });
    return undefined;
  }

  #marked(record: MergedRecord): MergedRecord {
    const level = this.#concealer?.level;
    if (level === undefined) return record;
    return { ...record, wifilogger: { ...record.wifilogger, privacy: level } };
  }
}
