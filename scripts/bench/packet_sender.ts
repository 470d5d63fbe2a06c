/**
 * Puts prepared frames on an interface at a steady rate, for a bounded time, hundreds a system call:
 *
 *     packet_sender.ts INTERFACE FILE PER_SECOND SECONDS
 *
 * Goes round the frames of FILE, a pcap file in host byte order. A frame of a flood is another each time, and those of
 * the marked client's conversations are others in each round: `floods.ts` and `marked_client.ts` say what changes in them.
 * What the machine cannot send in time is left out, not made up for. Prints one line of JSON, a `Sent`, when it ends.
 */

import { type Renew, renewalOf } from "./floods.ts";
import { renewConversation } from "./marked_client.ts";
import { PcapHandle } from "../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";

/** What was sent. */
export interface Sent {
  readonly packets: number;
  readonly seconds: number;
}

const LIBC = {
  /** `unsigned if_nametoindex(const char *ifname)` */
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  /** `int socket(int domain, int type, int protocol)` */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` */
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** `int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)` */
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  /** `int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned vlen, int flags)` */
  sendmmsg: { parameters: ["i32", "pointer", "u32", "i32"], result: "i32" },
  /** `int usleep(useconds_t usec)` */
  usleep: { parameters: ["u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const MMSGHDR_LENGTH = 64;
const MSG_IOV_OFFSET = 16;
const MSG_IOVLEN_OFFSET = 24;
const IOVEC_LENGTH = 16;
/** `UIO_MAXIOV`: messages a call at most. */
const MESSAGES_MAX = 1024;
const PAUSE_US = 200;
/** How far it may be behind before it gives up on what it missed. */
const BEHIND_SECONDS = 0.02;

/** Frames in one buffer, and the `struct mmsghdr` for each of them. */
interface Frames {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: readonly number[];
  /** What makes a frame another one; `undefined` for those that stay as they are. */
  readonly renewals: readonly (Renew | undefined)[];
  readonly isOfClient: readonly boolean[];
  readonly messages: Deno.PointerObject;
  /** What the pointers point into. */
  readonly kept: readonly ArrayBuffer[];
}

function readFrames(path: string): Frames {
  using handle = PcapHandle.openFile(path);
  const parts: Uint8Array[] = [];
  for (;;) {
    const { buffer, byteLength, then } = handle.readBatch();
    const view = new DataView(buffer.buffer);
    for (let offset = 0; offset < byteLength;) {
      const end = offset + RECORD_HEADER_LENGTH + view.getUint32(offset + 8, true);
      parts.push(buffer.slice(offset + RECORD_HEADER_LENGTH, end));
      offset = end;
    }
    if (then !== "more") break;
  }
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  const offsets: number[] = [];
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offsets.push(offset);
    offset += part.length;
  }
  const renewals = parts.map(renewalOf);
  const isOfClient = parts.map((part) => renewConversation(part, 0, 0));
  const messages = messagesOf(bytes, parts.map(({ length }) => length));
  return { bytes, offsets, renewals, isOfClient, ...messages };
}

/** A message for each frame; they lie one behind the other in `bytes`. */
function messagesOf(bytes: Uint8Array<ArrayBuffer>, lengths: readonly number[]) {
  const vectors = new DataView(new ArrayBuffer(lengths.length * IOVEC_LENGTH));
  const messages = new DataView(new ArrayBuffer(lengths.length * MMSGHDR_LENGTH));
  const address = (buffer: ArrayBuffer) =>
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(buffer)));
  const bytesAt = address(bytes.buffer);
  const vectorsAt = address(vectors.buffer);
  let offset = 0;
  for (const [i, length] of lengths.entries()) {
    vectors.setBigUint64(i * IOVEC_LENGTH, bytesAt + BigInt(offset), true);
    vectors.setBigUint64(i * IOVEC_LENGTH + 8, BigInt(length), true);
    const vectorAt = vectorsAt + BigInt(i * IOVEC_LENGTH);
    messages.setBigUint64(i * MMSGHDR_LENGTH + MSG_IOV_OFFSET, vectorAt, true);
    messages.setBigUint64(i * MMSGHDR_LENGTH + MSG_IOVLEN_OFFSET, 1n, true);
    offset += length;
  }
  return {
    messages: Deno.UnsafePointer.create(address(messages.buffer))!,
    kept: [bytes.buffer, vectors.buffer, messages.buffer],
  };
}

/** A socket that sends on one interface and receives nothing. */
function openSocket(libc: Deno.StaticForeignLibraryInterface<typeof LIBC>, name: string): number {
  const index = libc.if_nametoindex(new TextEncoder().encode(`${name}\0`));
  if (index === 0) throw new Error(`there is no interface ${name}`);
  const socket = libc.socket(AF_PACKET, SOCK_RAW, 0);
  // struct sockaddr_ll: family (2), protocol (2), interface index (4), and what a sender needs not.
  const address = new DataView(new ArrayBuffer(20));
  address.setUint16(0, AF_PACKET, true);
  address.setUint32(4, index, true);
  if (socket < 0 || libc.bind(socket, new Uint8Array(address.buffer), 20) < 0) {
    throw new Error(`cannot send on ${name}: it takes root`);
  }
  libc.setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, new Uint8Array([1, 0, 0, 0]), 4);
  return socket;
}

function send(name: string, frames: Frames, perSecond: number, seconds: number): Sent {
  const libc = Deno.dlopen("libc.so.6", LIBC).symbols;
  const socket = openSocket(libc, name);
  const { length } = frames.offsets;
  let [next, round, packets, missed, renewed] = [0, 0, 0, 0, 0];
  const startMs = performance.now();
  for (;;) {
    const elapsed = (performance.now() - startMs) / 1e3;
    if (elapsed >= seconds) return { packets, seconds: elapsed };
    let due = Math.floor(elapsed * perSecond) - packets - missed;
    const behind = Math.max(0, due - Math.ceil(perSecond * BEHIND_SECONDS));
    missed += behind;
    due -= behind;
    if (due === 0) {
      libc.usleep(PAUSE_US);
      continue;
    }
    const count = Math.min(due, length - next, MESSAGES_MAX);
    for (let i = next; i < next + count; i++) {
      const renew = frames.renewals[i];
      if (renew !== undefined) renew(frames.bytes, frames.offsets[i], renewed++);
      else if (frames.isOfClient[i]) renewConversation(frames.bytes, frames.offsets[i], round);
    }
    const at = Deno.UnsafePointer.offset(frames.messages, next * MMSGHDR_LENGTH);
    const sent = libc.sendmmsg(socket, at, count, 0);
    if (sent <= 0) libc.usleep(PAUSE_US);
    packets += Math.max(0, sent);
    next += Math.max(0, sent);
    if (next === length) [next, round] = [0, round + 1];
  }
}

if (import.meta.main) {
  const [name, path, ...numbers] = Deno.args;
  const [perSecond, seconds] = numbers.map(Number);
  console.log(JSON.stringify(send(name, readFrames(path), perSecond, seconds)));
}
