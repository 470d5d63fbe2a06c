/**
 * The packet path: a batch of packets in, flows and names kept, deltas of flows out.
 *
 *     batch -> decode -> DNS? -> name table
 *                     -> both ends local? -> counted, not logged
 *                     -> flow table -> first payloads -> names
 *                                  -> delta, with the evidence of whom the flow is with
 *
 * Nothing here waits, allocates for a packet of a known flow, or throws on what a packet holds.
 */

import { type AddressWords } from "./address/address.ts";
import { decode, Decoded } from "./decode/decode.ts";
import { DeviceNames } from "./devices/device_names.ts";
import { SeenDevices } from "./devices/seen_devices.ts";
import type { EndReason, FlowDelta, FlowEnd, LiveFlow } from "./flow/flow_delta.ts";
import { FlowTable, type FlowTableOptions } from "./flow/flow_table.ts";
import { type FlowEvidence, FlowNames, type FlowNameState } from "./flow_names.ts";
import { FragmentPorts } from "./flow/fragments.ts";
import type { PacketBatch } from "./source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "./source/pcap_record.ts";
import type { LinkDecoder } from "./decode/link_layer.ts";
import type { LocalNetworks } from "./address/local_networks.ts";
import { type MergedFlows, OverflowMerger } from "./flow/overflow.ts";
import { Packet, PROTOCOL_TCP, PROTOCOL_UDP } from "./decode/packet.ts";
import { mayBeginTcpNames, QuicStart, quicStartOf } from "./payload/payload_start.ts";

/** A line's worth of a flow, and where its ends are. */
export interface ObservedDelta extends Omit<FlowDelta<unknown>, "evidence"> {
  readonly evidence: FlowEvidence;
  /** What the initiator is called, when it is a local device that has said so. */
  readonly deviceName: string | undefined;
  readonly initiatorIsLocal: boolean;
  readonly responderIsLocal: boolean;
}

/** A flow under way: `ObservedDelta` of all that passed since it began, and what of that is in no line yet. */
export interface ObservedFlow extends ObservedDelta, Pick<LiveFlow<unknown>, "unwritten"> {}

/** Flows under way that were chosen to be looked at. */
export interface ObservedFlows {
  /** All that were under way, those that were not chosen included; bytes of IP length. */
  readonly all: { readonly flows: number; readonly bytes: number; readonly packets: number };
  /** How many were chosen. */
  readonly chosen: number;
  /** One of them, by its place in the list, as it is now; `undefined` when it has ended since. */
  flow(index: number): ObservedFlow | undefined;
}

/** What passed, in frames or IP packets and in bytes of IP length. */
export interface ObserverCounters {
  /** Frames, whatever they were. */
  frames: number;
  /** Frames that carry no IP: ARP and the like. */
  notIp: number;
  /** Frames said to be IP whose IP header was damaged or not captured: in no flow. */
  badIp: number;
  ipPackets: number;
  ipBytes: number;
  /** Of those, the ones between local addresses that were not logged. */
  internalPackets: number;
  internalBytes: number;
  /** And the ones of the logger's own DNS queries, which are not logged either. */
  ownPackets: number;
  ownBytes: number;
  /** Times of the earliest and the latest packet, microseconds since 1970; 0 before the first. */
  earliestUs: number;
  latestUs: number;
}

/** Tells which flows are not logged. `nameOf` gives the name that a local end has said. */
export interface LeftOutFlows {
  /** Whether everything of this device is left out; then nobody is asked for a name on its behalf. */
  isDevice(end: FlowEnd, nameOf: (end: FlowEnd) => string | undefined): boolean;
  /** Whether it takes what passed in a flow, which then has no line. */
  take(delta: ObservedDelta, nameOf: (end: FlowEnd) => string | undefined): boolean;
}

/** Settings of an observer. */
export interface ObserverOptions extends FlowTableOptions {
  readonly localNetworks: LocalNetworks;
  /** Whether an address is on the link itself, see `DeviceNames`. @default whether it is local */
  readonly isOnLink?: (address: AddressWords) => boolean;
  /** Log traffic between local addresses too. @default false */
  readonly includeInternal?: boolean;
  /** Told of the remote responder of a flow that has not named it, so that its name can be asked for in time. */
  readonly onNameless?: (responder: AddressWords) => void;
  /** Flows that are not logged, and are counted by whoever leaves them out. Without it none is. */
  readonly leftOut?: LeftOutFlows;
  /**
   * Given flows that were merged under pressure. Without it none are: each flow has its own lines, and every name is read,
   * whatever it costs.
   */
  readonly onMerged?: (merged: MergedFlows) => void;
  /** What a tunnel carries is counted and named, in place of the tunnel's packets. @default false */
  readonly looksIntoTunnels?: boolean;
  /** Whether a UDP packet belongs to a DNS query of the logger itself: it is not logged. */
  readonly isOwnQuery?: (packet: Packet) => boolean;
}

const ETHERTYPE_ARP = 0x0806;
/** How often the flow table is swept, by the packets' own clock. */
const SWEEP_INTERVAL_US = 1e6;

/** Watches the packets of one or more interfaces. */
export class Observer {
  readonly #emit: (delta: ObservedDelta) => void;
  readonly #networks: LocalNetworks;
  readonly #includeInternal: boolean;
  readonly #looksIntoTunnels: boolean;
  readonly #isOwnQuery: ObserverOptions["isOwnQuery"];
  readonly #packet = new Packet();
  /** Made with the first fragment: most links have none. */
  #fragments: FragmentPorts | undefined;
  readonly #flows: FlowTable<FlowNameState>;
  readonly #names: FlowNames;
  readonly #devices: DeviceNames;
  readonly #merger: OverflowMerger | undefined;
  readonly #leftOut: LeftOutFlows | undefined;
  readonly #isOnLink: (address: AddressWords) => boolean;
  #nextSweepUs = 0;
  #sweptUs = 0;
  /** Which devices were seen. */
  readonly seen = new SeenDevices();
  readonly counters: ObserverCounters = {
    frames: 0,
    notIp: 0,
    badIp: 0,
    ipPackets: 0,
    ipBytes: 0,
    internalPackets: 0,
    internalBytes: 0,
    ownPackets: 0,
    ownBytes: 0,
    earliestUs: 0,
    latestUs: 0,
  };

  /** `emit` is called with each delta, in the midst of `process()`, `sweep()` or `endAll()`. */
  constructor(emit: (delta: ObservedDelta) => void, options: ObserverOptions) {
    this.#networks = options.localNetworks;
    this.#includeInternal = options.includeInternal ?? false;
    this.#looksIntoTunnels = options.looksIntoTunnels ?? false;
    this.#isOwnQuery = options.isOwnQuery;
    this.#isOnLink = options.isOnLink ?? ((address) => this.#isLocal(address));
    const { onNameless, leftOut, onMerged } = options;
    const isLimited = onMerged !== undefined;
    this.#leftOut = leftOut;
    this.#devices = new DeviceNames({ isOnLink: this.#isOnLink, isLimited });
    this.#names = new FlowNames({
      isLimited,
      onNameless: onNameless && (({ address }, initiator, nowUs) => {
        if (this.#isLocal(address)) return;
        if (leftOut?.isDevice(initiator, this.#nameAt(nowUs))) return;
        onNameless(address);
      }),
    });
    const merger = onMerged &&
      new OverflowMerger(onMerged, (words) => this.#hasLocal(words));
    this.#merger = merger;
    this.#emit = emit;
    this.#flows = new FlowTable(
      (delta, entry) => this.#takeDelta(delta, entry),
      {
        ...options,
        mayName,
        onOutside: merger && ((outside) => merger.takeOutside(outside)),
      },
      (state) => this.#names.release(state),
    );
  }

  /** The flow table's figures. */
  get flows(): {
    readonly size: number;
    readonly maxFlows: number;
    readonly flowsSeen: number;
    readonly evicted: number;
    readonly waiting: number;
  } {
    return this.#flows;
  }

  /** Flows that were merged under pressure. */
  get mergedFlows(): number {
    return this.#merger?.mergedFlows ?? 0;
  }

  /** The figures of the naming of devices. */
  get devices(): Pick<DeviceNames, "size" | "counters"> {
    return this.#devices;
  }

  /** The figures of the naming of flows. */
  get names(): Pick<FlowNames, "dns" | "inspections"> {
    return this.#names;
  }

  /** Takes every packet of a batch; `interfaceIndex` keeps the flows of several interfaces apart. */
  process(batch: PacketBatch, decodeLink: LinkDecoder, interfaceIndex = 0): void {
    const packet = this.#packet;
    const { buffer, byteLength } = batch;
    const view = new DataView(buffer.buffer);
    const littleEndian = true; // libpcap writes host order, and Deno runs on no other
    packet.bytes = buffer;
    let offset = 0;
    while (offset + RECORD_HEADER_LENGTH <= byteLength) {
      const seconds = view.getUint32(offset, littleEndian);
      const microseconds = view.getUint32(offset + 4, littleEndian);
      const capturedLength = view.getUint32(offset + 8, littleEndian);
      packet.wireLength = view.getUint32(offset + 12, littleEndian);
      packet.timeUs = seconds * 1e6 + microseconds;
      packet.frameOffset = offset + RECORD_HEADER_LENGTH;
      packet.end = packet.frameOffset + capturedLength;
      offset = packet.end;
      this.#takePacket(packet, decodeLink, interfaceIndex);
    }
  }

  #takePacket(packet: Packet, decodeLink: LinkDecoder, interfaceIndex: number): void {
    const { counters } = this;
    counters.frames++;
    if (packet.timeUs > counters.latestUs) counters.latestUs = packet.timeUs;
    if (packet.timeUs < counters.earliestUs || counters.frames === 1) {
      counters.earliestUs = packet.timeUs;
    }
    if (packet.timeUs >= this.#nextSweepUs) this.sweep(packet.timeUs);

    const decoded = decode(packet, decodeLink, this.#looksIntoTunnels);
    if (decoded === Decoded.NotIp) {
      counters.notIp++;
      if (packet.etherType === ETHERTYPE_ARP && packet.hasMac) {
        this.seen.hear(packet.macHigh, packet.macLow);
      }
      return;
    }
    if (decoded === Decoded.BadIp) {
      counters.badIp++;
      return;
    }
    counters.ipPackets++;
    counters.ipBytes += packet.ipLength;
    if (packet.moreFragments || packet.fragmentOffset !== 0) {
      (this.#fragments ??= new FragmentPorts()).apply(packet);
    }
    if (packet.fragmentOffset === 0) {
      this.#names.learn(packet);
      if (packet.protocol === PROTOCOL_UDP) this.#learnDevice(packet);
    }
    if (!this.#includeInternal && this.#isInternal(packet)) {
      counters.internalPackets++;
      counters.internalBytes += packet.ipLength;
      return;
    }
    if (packet.protocol === PROTOCOL_UDP && this.#isOwnQuery?.(packet)) {
      counters.ownPackets++;
      counters.ownBytes += packet.ipLength;
      return;
    }
    const entry = this.#flows.add(packet, interfaceIndex);
    if (entry >= 0 && packet.fragmentOffset === 0) this.#names.watch(this.#flows, entry, packet);
  }

  /** What says a device's name says that it is there. */
  #learnDevice(packet: Packet): void {
    const { counters } = this.#devices;
    const { messages } = counters;
    this.#devices.learn(packet);
    if (counters.messages !== messages && packet.hasMac) {
      this.seen.hear(packet.macHigh, packet.macLow);
    }
  }

  #isInternal(packet: Packet): boolean {
    const networks = this.#networks;
    return networks.has(
      packet.source0,
      packet.source1,
      packet.source2,
      packet.source3,
    ) && networks.has(
      packet.destination0,
      packet.destination1,
      packet.destination2,
      packet.destination3,
    );
  }

  /** Writes the lines that are due at a time, in microseconds since 1970. */
  sweep(nowUs: number): void {
    this.#nextSweepUs = nowUs + SWEEP_INTERVAL_US;
    const seconds = Math.min(Math.max(0, nowUs - this.#sweptUs) / 1e6, 1);
    this.#sweptUs = nowUs;
    this.#names.fill(seconds);
    this.#devices.fill(seconds);
    this.#flows.sweep(nowUs);
    this.#merger?.flush(nowUs);
  }

  /** Ends every flow. */
  endAll(reason?: EndReason): void {
    this.#merger?.end();
    this.#flows.endAll(reason);
    this.#merger?.flush(this.counters.latestUs);
  }

  #takeDelta(delta: FlowDelta<FlowNameState>, entry: number): void {
    const { initiator, responder, endUs } = delta;
    const initiatorIsLocal = this.#isLocal(initiator.address);
    const responderIsLocal = this.#isLocal(responder.address);
    if (initiatorIsLocal) this.seen.pass(initiator, this.#isOnLink(initiator.address));
    if (responderIsLocal) this.seen.pass(responder, this.#isOnLink(responder.address));
    this.seen.judge(delta.protocol, initiator.packets, responder.packets);
    const where = { initiatorIsLocal, responderIsLocal };
    if (this.#leftOut !== undefined) {
      const observed = this.#observed(delta, entry, where);
      if (this.#leftOut.take(observed, this.#nameAt(endUs))) return;
    }
    if (this.#merger?.take(delta, initiatorIsLocal, responderIsLocal)) return;
    this.#emit(this.#observed(delta, entry, where));
  }

  #nameAt(nowUs: number): (end: FlowEnd) => string | undefined {
    return (end) => this.#isLocal(end.address) ? this.#devices.nameOf(end, nowUs) : undefined;
  }

  #observed(
    delta: FlowDelta<FlowNameState>,
    entry: number,
    { initiatorIsLocal, responderIsLocal }: Pick<
      ObservedDelta,
      "initiatorIsLocal" | "responderIsLocal"
    >,
  ): ObservedDelta {
    const { initiator, responder, endUs } = delta;
    return {
      flowId: delta.flowId,
      part: delta.part,
      endReason: delta.endReason,
      ipVersion: delta.ipVersion,
      protocol: delta.protocol,
      oneWay: delta.oneWay,
      isTunneled: delta.isTunneled,
      interfaceIndex: delta.interfaceIndex,
      initiator,
      responder,
      startUs: delta.startUs,
      endUs,
      evidence: this.#names.evidence(this.#flows, entry, delta),
      deviceName: initiatorIsLocal ? this.#devices.nameOf(initiator, endUs) : undefined,
      initiatorIsLocal,
      responderIsLocal,
    };
  }

  /** The name that a local end has said, at a time in microseconds since 1970. */
  deviceName(end: FlowEnd, nowUs: number): string | undefined {
    return this.#nameAt(nowUs)(end);
  }

  /** Chooses the `limit` flows under way with the most bytes in all. Looking at them changes nothing. */
  busiestFlows(limit: number): ObservedFlows {
    const { entries, serials, all } = this.#flows.busiest(limit);
    return {
      all,
      chosen: entries.length,
      flow: (index) => {
        const flow = this.#flows.read(entries[index], serials[index]);
        if (flow === undefined) return undefined;
        const { initiator, responder, endUs } = flow;
        const initiatorIsLocal = this.#isLocal(initiator.address);
        return {
          ...flow,
          evidence: this.#names.known(flow),
          deviceName: initiatorIsLocal ? this.#devices.nameOf(initiator, endUs) : undefined,
          initiatorIsLocal,
          responderIsLocal: this.#isLocal(responder.address),
        };
      },
    };
  }

  #isLocal([word0, word1, word2, word3]: AddressWords): boolean {
    return this.#networks.has(word0, word1, word2, word3);
  }

  /** The same, of words that stand in memory: to spread those costs 0.1 us. */
  #hasLocal(words: Int32Array): boolean {
    return this.#networks.has(words[0], words[1], words[2], words[3]);
  }
}

/** Whether the first packet of a flow may name whom it is with. */
function mayName({ protocol, bytes, payloadOffset, ipEnd }: Packet): boolean {
  if (protocol === PROTOCOL_TCP) return mayBeginTcpNames(bytes, payloadOffset, ipEnd);
  return protocol === PROTOCOL_UDP &&
    quicStartOf(bytes, payloadOffset, ipEnd) === QuicStart.Certain;
}
