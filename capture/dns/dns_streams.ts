/** DNS over TCP (RFC 7766): messages out of the streams of resolvers, each behind its length (2). */

import { LRUCache } from "lru-cache";
import { destinationOf, sourceOf } from "../address/address.ts";
import type { InspectorBudget } from "../reassembly/inspector_budget.ts";
import { type Packet, TCP_ACK, TCP_SYN, uint16 } from "../decode/packet.ts";
import { StreamHead } from "../reassembly/stream_head.ts";

/** Connections to resolvers under way; more push out the longest unused. */
const MAX_STREAMS = 64;
const LENGTH_BYTES = 2;

/** One direction of a connection: from the resolver. */
interface Stream {
  /** Sequence number of the first byte. */
  readonly base: number;
  readonly head: StreamHead;
  /** Bytes whose messages were taken. */
  consumed: number;
}

/** The first 16 KiB of each connection from a resolver whose beginning was seen. */
export class DnsStreams {
  readonly #budget: InspectorBudget;
  readonly #streams: LRUCache<string, Stream>;

  constructor(budget: InspectorBudget) {
    this.#budget = budget;
    this.#streams = new LRUCache({
      max: MAX_STREAMS,
      dispose: ({ head }) => head.release(),
    });
  }

  /**
   * Adds a TCP segment that came from port 53. Returns the messages that are whole with it; views, valid until the next
   * call.
   */
  add(packet: Packet): Uint8Array[] {
    const isSynAck = (packet.tcpFlags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
    if (!isSynAck && packet.payloadOffset === packet.ipEnd) return [];
    const key = streamKey(packet);
    const base = packet.tcpSequence + 1 | 0;
    // A port that is used again begins anew; a repeated SYN does not.
    if (isSynAck && this.#streams.get(key)?.base !== base) {
      this.#streams.set(key, { base, head: new StreamHead(this.#budget), consumed: 0 });
    }
    const payload = packet.bytes.subarray(packet.payloadOffset, packet.ipEnd);
    const stream = payload.length > 0 ? this.#streams.get(key) : undefined;
    if (stream === undefined) return [];
    if (!stream.head.add(packet.tcpSequence - stream.base | 0, payload)) this.#streams.delete(key);
    return takeMessages(stream);
  }
}

function takeMessages(stream: Stream): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const { contiguous } = stream.head;
  while (contiguous.length - stream.consumed >= LENGTH_BYTES) {
    const start = stream.consumed + LENGTH_BYTES;
    const end = start + uint16(contiguous, stream.consumed);
    if (end > contiguous.length) break;
    messages.push(contiguous.subarray(start, end));
    stream.consumed = end;
  }
  return messages;
}

function streamKey(packet: Packet): string {
  return [
    ...sourceOf(packet),
    ...destinationOf(packet),
    packet.destinationPort,
  ].join();
}
