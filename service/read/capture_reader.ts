/** Reading capture files: the same packet path as live, with the packets' own clock. */

import { formatAddress } from "../../capture/address/address.ts";
import { CaptureError } from "../../system/capture_error.ts";
import { type PacketBatch, PcapHandle } from "../../capture/source/libpcap.ts";
import { LINK_TYPES_READ, linkDecoder } from "../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { type ObservedDelta, Observer, type ObserverCounters } from "../../capture/observer.ts";
import type { ReverseDns } from "../../enrich/reverse_dns.ts";
import type { RecordSink } from "./record_sink.ts";

/** How to read capture files. */
export interface CaptureReaderOptions {
  /** Networks in CIDR notation that are local besides the usual ones. */
  readonly localNetworks: readonly string[];
  /** Log traffic between local addresses too. */
  readonly includeInternal: boolean;
  /** Count and name what tunnels carry, in place of the tunnels' packets. @default false */
  readonly looksIntoTunnels?: boolean;
  /** Asked for names; the records wait for its answers. */
  readonly reverseDns?: ReverseDns;
  /** Is given what was found. */
  readonly records: RecordSink;
}

/** What was in a capture file. */
export interface CaptureFileResult {
  readonly counters: ObserverCounters;
  readonly flows: number;
  readonly records: number;
  /** Why the file could not be read to its end, if it could not. */
  readonly damage: CaptureError | undefined;
}

/** Reads capture files. */
export class CaptureReader {
  readonly #options: CaptureReaderOptions;
  readonly #localNetworks: LocalNetworks;

  constructor(options: CaptureReaderOptions) {
    this.#options = options;
    this.#localNetworks = new LocalNetworks(options.localNetworks);
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
    const { records: sink, reverseDns } = this.#options;
    const unnamed: ObservedDelta[] = [];
    let records = 0;
    const take = (delta: ObservedDelta) => {
      records++;
      if (reverseDns === undefined) sink.take(delta);
      else unnamed.push(delta);
    };
    const observer = new Observer(take, {
      localNetworks: this.#localNetworks,
      includeInternal: this.#options.includeInternal,
      looksIntoTunnels: this.#options.looksIntoTunnels,
      onNameless: reverseDns && ((responder) => reverseDns.request(formatAddress(responder))),
    });

    let batch: PacketBatch;
    do {
      // Only standard input can keep its reader waiting, and then Ctrl-C must still be heard.
      batch = path === "-" ? await handle.readBatchBlocking() : handle.readBatch();
      observer.process(batch, decodeLink);
      if (batch.then !== "more") observer.endAll();
      if (unnamed.length > 0) await reverseDns?.settled();
      for (const delta of unnamed.splice(0)) sink.take(delta);
      await sink.flush();
    } while (batch.then === "more");

    const { counters } = observer;
    if (counters.badIp > 0) {
      const { badIp, earliestUs, latestUs } = counters;
      sink.takeGap({
        reason: "undecodable",
        startUs: earliestUs,
        endUs: latestUs,
        count: badIp,
      });
    }
    await sink.written();
    const damage = batch.then instanceof CaptureError ? batch.then : undefined;
    return { counters, flows: observer.flows.flowsSeen, records, damage };
  }
}
