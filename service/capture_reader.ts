/** Reading capture files: the same packet path as live, with the packets' own clock. */

import { CaptureError } from "../capture/capture_error.ts";
import { type PacketBatch, PcapHandle } from "../capture/libpcap.ts";
import { LINK_TYPES_READ, linkDecoder } from "../capture/link_layer.ts";
import { LocalNetworks } from "../capture/local_networks.ts";
import { type ObservedDelta, Observer, type ObserverCounters } from "../capture/observer.ts";
import { formatAddress } from "../capture/address.ts";
import { Places } from "../enrich/places.ts";
import { openVendorTable, type VendorTable } from "../enrich/vendor.ts";
import { ReverseDns } from "../enrich/reverse_dns.ts";
import { LocalPlaces } from "./local_places.ts";
import { flowLine } from "./flow_line.ts";
import { programTable } from "./program_tables.ts";
import { PtrQuestions } from "./ptr_questions.ts";
import { gapRecord, recordLine } from "./record_builder.ts";
import type { RecordSources } from "./record_sources.ts";

/** How to read capture files. */
export interface CaptureReaderOptions {
  /** Networks in CIDR notation that are local besides the usual ones. */
  readonly localNetworks: readonly string[];
  /** Log traffic between local addresses too. */
  readonly includeInternal: boolean;
  /** Ask reverse DNS for names, and wait for the answers. */
  readonly lookup: boolean;
  /** Databases of places of the user's own. */
  readonly geoDbPaths?: readonly string[];
  /** Is given records as lines of the log, in the order in which they were due, batch by batch. */
  readonly onLines: (lines: readonly string[]) => void;
}

/** What was in a capture file. */
export interface CaptureFileResult {
  readonly counters: ObserverCounters;
  readonly flows: number;
  readonly records: number;
  /** Why the file could not be read to its end, if it could not. */
  readonly damage: CaptureError | undefined;
}

/** Records that are given at once where none waits for a name: 64 KB of text or so. */
const GIVEN_AT_ONCE = 128;

/** Reads capture files; what it learns about addresses from one serves the next. */
export class CaptureReader implements Disposable {
  readonly #options: CaptureReaderOptions;
  readonly #localNetworks: LocalNetworks;
  readonly #reverseDns: ReverseDns | undefined;
  readonly #sources: RecordSources;

  /** Opens a reader and the tables it looks addresses up in. @throws {SettingError} when one of the user's cannot be used */
  static async open(options: CaptureReaderOptions): Promise<CaptureReader> {
    const [{ databases }, vendors] = await Promise.all([
      LocalPlaces.open(options.geoDbPaths ?? []),
      programTable("vendors").then(openVendorTable),
    ]);
    return new CaptureReader(options, new Places({ databases: () => databases }), vendors);
  }

  private constructor(options: CaptureReaderOptions, places: Places, vendors: VendorTable) {
    this.#options = options;
    this.#localNetworks = new LocalNetworks(options.localNetworks);
    const questions = new PtrQuestions();
    this.#reverseDns = options.lookup
      ? new ReverseDns((address, signal) => questions.ask(address, signal))
      : undefined;
    this.#sources = {
      place: (address) => places.lookUp(address),
      ptr: (address) => this.#reverseDns?.name(address),
      vendor: (mac) => vendors.vendor(mac),
      // A file does not say which networks its link had.
      isOnLink: () => true,
    };
  }

  /**
   * Reads a pcap or pcapng file, `-` for standard input, to its end, or as far as it is whole.
   *
   * @throws {CaptureError} when it cannot be opened, is no capture, or has a link type that is not read
   */
  async read(path: string): Promise<CaptureFileResult> {
    using handle = PcapHandle.openFile(path);
    const decodeLink = linkDecoder(handle.linkType);
    if (decodeLink === undefined) {
      throw new CaptureError(
        "unsupported",
        `cannot read ${path}: its link type ${handle.linkTypeName} is not read. ` +
          `Capture on a link with one of: ${LINK_TYPES_READ}`,
      );
    }
    let waiting: ObservedDelta[] = [];
    let records = 0;
    const give = () => {
      if (waiting.length === 0) return;
      records += waiting.length;
      this.#options.onLines(waiting.map((delta) => flowLine(delta, this.#sources)));
      waiting = [];
    };
    const take = (delta: ObservedDelta) => {
      waiting.push(delta);
      // At the end of the file all flows come at once.
      if (waiting.length === GIVEN_AT_ONCE && this.#reverseDns === undefined) give();
    };
    const observer = new Observer(take, {
      localNetworks: this.#localNetworks,
      includeInternal: this.#options.includeInternal,
      onNameless: (responder) => this.#reverseDns?.request(formatAddress(responder)),
    });

    let batch: PacketBatch;
    do {
      // Only standard input can keep its reader waiting, and then Ctrl-C must still be heard.
      batch = path === "-" ? await handle.readBatchBlocking() : handle.readBatch();
      observer.process(batch, decodeLink);
      if (batch.then !== "more") observer.endAll();
      if (waiting.length > 0) await this.#reverseDns?.settled();
      give();
    } while (batch.then === "more");

    const { counters } = observer;
    if (counters.badIp > 0) this.#options.onLines([badPacketsLine(counters)]);
    const damage = batch.then instanceof CaptureError ? batch.then : undefined;
    return { counters, flows: observer.flows.flowsSeen, records, damage };
  }

  [Symbol.dispose](): void {
    this.#reverseDns?.[Symbol.dispose]();
  }
}

function badPacketsLine({ badIp, earliestUs, latestUs }: ObserverCounters): string {
  return recordLine(gapRecord(
    { reason: "undecodable", startUs: earliestUs, endUs: latestUs, count: badIp },
    {},
  ));
}
