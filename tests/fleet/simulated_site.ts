/**
 * A site as a broker sees it: the product's own MQTT output, with its connection, client id and topic, and records of a
 * household day. What it has not got an answer for it sends again, as the forwarder does.
 */

import type { OutgoingRecord, Output, SentRecord } from "../../forward/outputs/output.ts";
import { mqttOutput } from "../../forward/mqtt/mqtt_output.ts";
import { householdDay } from "../../scripts/made_up_log/household_day.ts";
import { outputUrls } from "../../service/settings/output_url.ts";

/** What tells a record from all others. */
export function identityOf({ observer, wifilogger }: SentRecord): string {
  return `${observer.name} ${wifilogger.flow_id} ${wifilogger.part}`;
}

export class SimulatedSite {
  readonly name: string;
  readonly #output: Output;
  readonly #records: Generator<SentRecord, void>;
  #failures = 0;

  constructor(name: string, url: string, seed: number, startMs: number) {
    this.name = name;
    this.#output = mqttOutput(outputUrls(url, "/")[0], name);
    this.#records = siteDay(name, seed, startMs);
  }

  /** Attempts that failed so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Connects and says that it is there. */
  async connect(stop: AbortSignal): Promise<void> {
    await this.#output.send([], stop);
  }

  /** The next records of its day, so many; fewer at its end. */
  next(count: number): OutgoingRecord[] {
    const next: OutgoingRecord[] = [];
    while (next.length < count) {
      const { value: record } = this.#records.next();
      if (record === undefined) break;
      next.push({ record, line: JSON.stringify(record) });
    }
    return next;
  }

  /** Sends until the broker has answered for all. @returns whether it did before `stop` */
  async deliver(records: readonly OutgoingRecord[], stop: AbortSignal): Promise<boolean> {
    const { batchRecords } = this.#output;
    for (let i = 0; i < records.length;) {
      if (stop.aborted) return false;
      try {
        await this.#output.send(records.slice(i, i + batchRecords), stop);
        i += batchRecords;
      } catch {
        this.#failures++;
        await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1000));
      }
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#output.close();
  }
}

/** Records of a busy household day: docs/report.md has 440,440 in seven of them. */
export const RECORDS_PER_DAY = 62_920;

function* siteDay(name: string, seed: number, startMs: number): Generator<SentRecord, void> {
  for (const record of householdDay({ startMs, records: RECORDS_PER_DAY, seed })) {
    yield { ...record, observer: { name, ...record.observer } };
  }
}
