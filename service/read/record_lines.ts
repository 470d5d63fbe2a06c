/** Records of capture files as lines of the log, made where they are taken. */

import type { ObservedDelta } from "../../capture/observer.ts";
import { systemClock } from "../../system/clock.ts";
import { Places } from "../../enrich/places.ts";
import { openVendorTable, type VendorTable } from "../../enrich/vendor.ts";
import { flowLine } from "../../record/flow_line.ts";
import { LocalPlaces } from "../places/local_places.ts";
import { programTable } from "../program/program_tables.ts";
import { type Gap, gapRecord, recordLine } from "../../record/record_builder.ts";
import type { RecordSink } from "./record_sink.ts";
import type { RecordSources } from "../../record/record_sources.ts";

/** How to make lines. */
export interface RecordLinesOptions {
  /** Databases of places of the user's own. */
  readonly geoDbPaths: readonly string[];
  /** Databases that are fetched, where they are. */
  readonly fetchedPaths?: readonly string[];
  /** The name that reverse DNS gave an address. @default none is known */
  readonly ptr?: (address: string) => string | undefined;
  /** Is given the lines, with their ends, some at once. */
  readonly onLines: (lines: readonly string[]) => void;
}

/** Lines that are given at once: 64 KB of text or so. */
const GIVEN_AT_ONCE = 128;

/** Makes lines; the places that one file asked for serve the next. */
export class RecordLines implements RecordSink {
  readonly #sources: RecordSources;
  readonly #onLines: RecordLinesOptions["onLines"];
  #waiting: string[] = [];

  /** Opens the tables that addresses are looked up in. @throws {SettingError} when one of the user's cannot be used */
  static async open(options: RecordLinesOptions): Promise<RecordLines> {
    const [{ databases }, vendors] = await Promise.all([
      LocalPlaces.open({ paths: options.geoDbPaths, fetched: options.fetchedPaths }),
      programTable("vendors").then(openVendorTable),
    ]);
    const places = new Places({ databases: () => databases, clock: systemClock });
    return new RecordLines(options, places, vendors);
  }

  private constructor(
    { ptr = () => undefined, onLines }: RecordLinesOptions,
    places: Places,
    vendors: VendorTable,
  ) {
    this.#sources = {
      place: (address) => places.lookUp(address),
      ptr,
      vendor: (mac) => vendors.vendor(mac),
      // A file does not say which networks its link had.
      isOnLink: () => true,
    };
    this.#onLines = onLines;
  }

  take(delta: ObservedDelta): void {
    this.#give(flowLine(delta, this.#sources));
  }

  takeGap(gap: Gap): void {
    this.#give(recordLine(gapRecord(gap, {})));
  }

  #give(line: string): void {
    this.#waiting.push(line);
    if (this.#waiting.length === GIVEN_AT_ONCE) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#onLines(lines);
  }

  written(): void {
    this.flush();
  }
}
