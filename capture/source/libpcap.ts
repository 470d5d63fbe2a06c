/**
 * libpcap through FFI, whose pointers are held here only.
 *
 * Packets never cross into JavaScript one by one: `pcap_dispatch` is handed libpcap's own `pcap_dump` as its
 * callback, and as the user pointer a dumper on a stream to /dev/null, whose stdio buffer is a `Uint8Array` that a batch
 * never fills. So nothing is ever written, and one call moves up to a whole batch, as the records of a pcap file, into
 * memory that JavaScript reads with no further call:
 *
 *     ring or file --pcap_dispatch--> pcap_dump --fwrite--> stdio buffer = batch buffer --> PacketBatch
 *
 * Measured on one x86_64 core: 16 million packets of 242 bytes a second from a file this way (its bench), 1.1 to 1.4
 * million with `pcap_next_ex`. Files that already hold such records are read faster yet (`plain_pcap.ts`).
 */

import { CaptureError } from "../../system/capture_error.ts";
import { cString, loadLibc, loadLibpcap } from "../../system/native.ts";
import { RECORD_HEADER_LENGTH } from "./pcap_record.ts";
import { mappedRingBytes } from "./ring_bytes.ts";
import { PlainPcapStream } from "./plain_pcap.ts";

/** Packets counted by the kernel since the handle was opened: `received` includes what a filter let pass. */
export interface CaptureStatistics {
  readonly received: number;
  /** Dropped because the ring was full: packets that nobody has seen. */
  readonly droppedByKernel: number;
  /** Dropped by the interface or its driver, where that is known. */
  readonly droppedByInterface: number;
}

/** One batch in memory: whole records of a pcap file, host byte order, microsecond timestamps, no file header. */
export interface PacketBatch {
  /** The batch buffer. Valid, as is what it holds, until the next read of the same handle. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Bytes of it that are filled. */
  readonly byteLength: number;
  /** What follows: more at once, nothing now (a live handle), the end of the file, or an error that ended it. */
  readonly then: "more" | "idle" | "end" | CaptureError;
}

const PCAP_ERROR = -1;
const PCAP_ERROR_NO_SUCH_DEVICE = -5;
const PCAP_ERROR_PERM_DENIED = -8;
const PCAP_ERROR_IFACE_NOT_UP = -9;
const PCAP_ERROR_PROMISC_PERM_DENIED = -11;
const PCAP_ERRBUF_SIZE = 256;
/** strerror(ENOMEM): this program sets no locale, so that libpcap speaks English. */
const NO_MEMORY = "Cannot allocate memory";

const IOFBF = 0;
const FSETLOCKING_BYCALLER = 2;
const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const POLLIN = 1;
const POLLFD_LENGTH = 8;
const STDIN = 0;
const FIONREAD = 0x541bn;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** A BPF instruction: so many bytes of the packet are wanted. */
const BPF_RET_K = 0x06;

/** Live captures keep the headers and as much payload as a name can stand in, also of segments that GRO merged. */
const LIVE_SNAPLEN = 4096;
/**
 * The ring in the kernel: at 4 KB a packet it bears a stall of the reader of 2,000 packets, in practice far more; but for 8 s
 * at most, because libpcap makes 32 blocks of it, and each that has a packet is closed after `LIVE_BLOCK_TIMEOUT_MS`.
 */
export const LIVE_RING_BYTES = 8 << 20;
/** Where memory lacks even for this, it is an error. */
const LEAST_RING_BYTES = 512 << 10;
/** How long the kernel may keep a part-filled block: bounds both the delay of a record and the wake-ups a second. */
export const LIVE_BLOCK_TIMEOUT_MS = 250;
const BATCH_PACKETS = 1024;
/** Files with a huge snapshot length get smaller batches rather than a larger buffer. */
const BATCH_BYTES_MAX = 16 << 20;
/** Of a file's stream, which libpcap would read by 4 KB. */
const STDIO_BUFFER_BYTES = 64 << 10;

/** A capture file's stream and the buffer that it works through. */
interface OpenFile {
  readonly stream: Deno.PointerObject;
  readonly stdioBuffer: Uint8Array<ArrayBuffer>;
}

/**
 * One source of packets, a live interface or a capture file, and its batch buffer. Not shared between readers.
 * Closing it twice does no harm.
 */
export class PcapHandle implements Disposable {
  readonly #native: ReturnType<typeof loadLibpcap>;
  #pcap: Deno.PointerObject | null;
  #dumper: Deno.PointerValue = null;
  #stream: Deno.PointerValue = null;
  readonly #batchBuffer: Uint8Array<ArrayBuffer>;
  /** Kept here so that its buffer lives as long as the stream. */
  readonly #file: OpenFile | undefined;
  readonly #batchPackets: number;
  /** Of the last batch of standard input. */
  #meanRecordBytes = Infinity;
  /** As long as the file is plain. */
  #plain: PlainPcapStream | undefined;
  readonly #live: boolean;
  /** `struct pcap_stat` as it was last, and what it came to. */
  readonly #rawCounters = new Uint32Array(3);
  readonly #totals = new Float64Array(3);
  /** The interface or file, for messages. */
  readonly name: string;
  /** A `DLT_*` value. */
  readonly linkType: number;
  /** For `waitForPackets()`; -1 for a file. */
  readonly fileDescriptor: number;
  /** The ring that it got, `LIVE_RING_BYTES` or, where memory lacks, less; 0 for a file, and where that is not known. */
  readonly ringBytes: number;

  private constructor(
    native: ReturnType<typeof loadLibpcap>,
    pcap: Deno.PointerObject,
    options: { name: string; live: boolean; ringBytes?: number; file?: OpenFile },
  ) {
    this.#native = native;
    this.#pcap = pcap;
    this.#live = options.live;
    this.name = options.name;
    this.ringBytes = options.ringBytes ?? 0;
    this.#file = options.file;
    this.linkType = native.pcap.pcap_datalink(pcap);
    this.fileDescriptor = options.live ? native.pcap.pcap_get_selectable_fd(pcap) : -1;

    const recordLength = RECORD_HEADER_LENGTH + native.pcap.pcap_snapshot(pcap);
    this.#batchPackets = Math.max(
      1,
      Math.min(BATCH_PACKETS, Math.floor(BATCH_BYTES_MAX / recordLength)),
    );
    this.#batchBuffer = new Uint8Array(this.#batchPackets * recordLength + 1);
    if (options.file !== undefined) {
      this.#plain = PlainPcapStream.open({
        stream: options.file.stream,
        fileHeader: options.file.stdioBuffer,
        snaplen: native.pcap.pcap_snapshot(pcap),
        buffer: this.#batchBuffer,
      });
    }
    try {
      this.#openDumper();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #openDumper(): void {
    const { pcap, libc } = this.#native;
    this.#stream = libc.fopen(cString("/dev/null"), cString("w"));
    if (this.#stream === null) {
      throw new CaptureError(
        "unsupported",
        `cannot capture on ${this.name}: cannot open /dev/null`,
      );
    }
    prepareStream(libc, this.#stream, this.#batchBuffer);
    this.#dumper = pcap.pcap_dump_fopen(this.#pcap, this.#stream);
    if (this.#dumper === null) {
      throw new CaptureError("unsupported", `cannot capture on ${this.name}: ${this.#lastError()}`);
    }
  }

  /**
   * Opens an interface, or `any` for all of them, non-blocking and in promiscuous mode.
   *
   * @throws {CaptureError}
   */
  static openInterface(name: string): PcapHandle {
    const native = loadLibpcap();
    const { pcap } = native;
    const ringsBefore = mappedRingBytes();
    const handle = activate(native, name);
    const errorText = new Uint8Array(PCAP_ERRBUF_SIZE);
    if (pcap.pcap_setnonblock(handle, 1, errorText) < 0) {
      pcap.pcap_close(handle);
      throw new CaptureError("unreadable", `cannot capture on ${name}: ${fromCString(errorText)}`);
    }
    const ringBytes = Math.max(0, mappedRingBytes() - ringsBefore);
    const live = new PcapHandle(native, handle, { name, live: true, ringBytes });
    snapInKernel(native.libc, live.fileDescriptor);
    return live;
  }

  /**
   * Opens a pcap or pcapng file; `-` is standard input.
   *
   * @throws {CaptureError} `unreadable` when it cannot be opened or is no capture
   */
  static openFile(path: string): PcapHandle {
    const native = loadLibpcap();
    const name = path === "-" ? "standard input" : path;
    const errorText = new Uint8Array(PCAP_ERRBUF_SIZE);
    const stdioBuffer = new Uint8Array(STDIO_BUFFER_BYTES);
    const { pcap_fopen_offline: openStream } = native.pcap;
    const stream = path === "-" || openStream === null
      ? null
      : native.libc.fopen(cString(path), cString("r"));
    if (stream !== null) prepareStream(native.libc, stream, stdioBuffer);
    // What could not be opened is tried again by libpcap, which says why.
    const handle = stream === null
      ? native.pcap.pcap_open_offline(cString(path), errorText)
      : openStream!(stream, errorText);
    if (handle === null) {
      if (stream !== null) native.libc.fclose(stream);
      // libpcap begins some of its messages with the path, which ours names already.
      const why = fromCString(errorText).replace(`${path}: `, "");
      throw new CaptureError(
        "unreadable",
        `cannot read ${name}: ${why}. Give it a pcap or pcapng file`,
      );
    }
    const file = stream === null ? undefined : { stream, stdioBuffer };
    return new PcapHandle(native, handle, { name, live: false, file });
  }

  /** The name of the link type, such as `EN10MB`, or its number where libpcap knows none. */
  get linkTypeName(): string {
    const name = this.#native.pcap.pcap_datalink_val_to_name?.(this.linkType) ?? null;
    return name === null ? String(this.linkType) : textAt(name);
  }

  /** Moves what is there, at most one batch, into the batch buffer. Never waits on a live handle. */
  readBatch(): PacketBatch {
    if (this.#plain !== undefined) {
      const byteLength = this.#plain.read();
      if (byteLength > 0) return { buffer: this.#batchBuffer, byteLength, then: "more" };
      this.#plain = undefined;
    }
    const { pcap, libc, pcapDump } = this.#native;
    libc.__fpurge(this.#stream);
    const count = pcap.pcap_dispatch(this.#pcap, this.#batchPackets, pcapDump, this.#dumper);
    return this.#finishBatch(count);
  }

  /**
   * The same on a thread of its own, for standard input, which may keep its reader waiting. libpcap comes back with as
   * many packets as it was asked for, however long that takes: it is asked for as many as are sure to be there, or else
   * for one. A full pipe is read at 400,000 packets a second so, and at 20,000 one by one.
   */
  async readBatchBlocking(): Promise<PacketBatch> {
    const { pcap, libc, pcapDump } = this.#native;
    libc.__fpurge(this.#stream);
    const there = Math.floor(bytesWaiting(libc, STDIN) / (2 * this.#meanRecordBytes));
    const asked = Math.max(1, Math.min(there, this.#batchPackets));
    const count = await pcap.pcap_dispatch_blocking(this.#pcap, asked, pcapDump, this.#dumper);
    const batch = this.#finishBatch(count);
    if (count > 0) this.#meanRecordBytes = batch.byteLength / count;
    return batch;
  }

  #finishBatch(count: number): PacketBatch {
    const { libc } = this.#native;
    // Not count times a length: before an error, too, packets may have come.
    const byteLength = Number(libc.__fpending(this.#stream));
    return { buffer: this.#batchBuffer, byteLength, then: this.#whatFollows(count) };
  }

  #whatFollows(count: number): PacketBatch["then"] {
    if (count < 0) {
      const why = this.#lastError();
      if (!this.#live) {
        return new CaptureError("unreadable", `cannot read ${this.name} to its end: ${why}`);
      }
      return new CaptureError("interface_down", `cannot capture on ${this.name}: ${why}`);
    }
    if (!this.#live) return count === 0 ? "end" : "more";
    return count < this.#batchPackets ? "idle" : "more";
  }

  /**
   * What the kernel counted since the handle was opened; `undefined` for a file. Its counters have 32 bits: ask more
   * often than they can wrap.
   */
  statistics(): CaptureStatistics | undefined {
    if (!this.#live) return undefined;
    const raw = new Uint32Array(3);
    if (this.#native.pcap.pcap_stats(this.#pcap, raw) === 0) {
      raw.forEach((value, i) => this.#totals[i] += value - this.#rawCounters[i] >>> 0);
      this.#rawCounters.set(raw);
    }
    const [received, droppedByKernel, droppedByInterface] = this.#totals;
    return { received, droppedByKernel, droppedByInterface };
  }

  #lastError(): string {
    return textAt(this.#native.pcap.pcap_geterr(this.#pcap));
  }

  /** Not while `readBatchBlocking()` is pending, nor `waitForPackets()` with this handle's descriptor. */
  close(): void {
    if (this.#pcap === null) return;
    if (this.#dumper !== null) this.#native.pcap.pcap_dump_close(this.#dumper);
    this.#native.pcap.pcap_close(this.#pcap);
    this.#pcap = this.#dumper = this.#stream = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A live handle with the largest ring that there is memory for. Where the kernel has not enough pages, libpcap itself asks
 * for fewer; where they cannot be mapped, it gives up, and is asked for half.
 *
 * @throws {CaptureError}
 */
function activate(
  native: ReturnType<typeof loadLibpcap>,
  name: string,
  ringBytes = LIVE_RING_BYTES,
): Deno.PointerObject {
  const { pcap } = native;
  const errorText = new Uint8Array(PCAP_ERRBUF_SIZE);
  const handle = pcap.pcap_create(cString(name), errorText);
  if (handle === null) {
    throw new CaptureError("unreadable", `cannot capture on ${name}: ${fromCString(errorText)}`);
  }
  pcap.pcap_set_snaplen(handle, LIVE_SNAPLEN);
  pcap.pcap_set_promisc(handle, 1);
  pcap.pcap_set_timeout(handle, LIVE_BLOCK_TIMEOUT_MS);
  pcap.pcap_set_buffer_size(handle, ringBytes);
  const status = pcap.pcap_activate(handle);
  if (status >= 0) return handle;
  const detail = textAt(pcap.pcap_geterr(handle));
  pcap.pcap_close(handle);
  const lacksMemory = status === PCAP_ERROR && detail.includes(NO_MEMORY);
  if (lacksMemory && ringBytes > LEAST_RING_BYTES) return activate(native, name, ringBytes / 2);
  throw activationError(name, status, detail);
}

function activationError(name: string, status: number, detail: string): CaptureError {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return new CaptureError("no_such_interface", `cannot capture on ${name}: no such interface`);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return new CaptureError(
        "no_permission",
        `cannot capture on ${name}: permission denied (it takes CAP_NET_RAW). Run it as root: sudo wifilogger`,
      );
    case PCAP_ERROR_IFACE_NOT_UP:
      return new CaptureError("interface_down", `cannot capture on ${name}: the interface is down`);
    default:
      return new CaptureError("unreadable", `cannot capture on ${name}: ${detail}`);
  }
}

/**
 * Gives a stream its buffer, and spares it the lock that stdio takes at every call: no two threads use it at once. Of a
 * packet from a file to the batch buffer, the locks are a third of the time and the small reads another.
 */
function prepareStream(
  libc: ReturnType<typeof loadLibc>,
  stream: Deno.PointerValue,
  buffer: Uint8Array<ArrayBuffer>,
): void {
  libc.__fsetlocking(stream, FSETLOCKING_BYCALLER);
  libc.setvbuf(stream, buffer, IOFBF, BigInt(buffer.byteLength));
}

/**
 * Lets the kernel put no more than the snapshot length of a packet into the ring. libpcap only cuts what it hands over: a
 * frame of 64 kB and more, as offloads make them, would take all its bytes, and some 40 of the longest the whole ring.
 * Where the kernel does not take the program, it is as before.
 */
function snapInKernel(libc: ReturnType<typeof loadLibc>, fileDescriptor: number): void {
  const program = new Uint8Array(8); // struct sock_filter: code (2), jt, jf, k (4)
  const filter = new DataView(program.buffer);
  filter.setUint16(0, BPF_RET_K, true);
  filter.setUint32(4, LIVE_SNAPLEN, true);
  const programs = new DataView(new ArrayBuffer(16)); // struct sock_fprog: len (2), padding, pointer
  programs.setUint16(0, 1, true);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(program));
  programs.setBigUint64(8, address, true);
  const bytes = programs.byteLength;
  libc.setsockopt(fileDescriptor, SOL_SOCKET, SO_ATTACH_FILTER, programs, bytes);
}

/** Bytes that can be read without waiting; 0 where that is not known. */
function bytesWaiting(libc: ReturnType<typeof loadLibc>, fileDescriptor: number): number {
  const bytes = new Uint32Array(1); // of a file of 4 GB and more what is left of its length
  return libc.ioctl(fileDescriptor, FIONREAD, bytes) === 0 ? bytes[0] : 0;
}

/** Lets one reader wait for packets of several live handles, and anybody else end that wait. */
export class PacketWaiter implements Disposable {
  readonly #libc = loadLibc();
  readonly #wakeDescriptor = this.#libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
  readonly #counter = new BigUint64Array(1);
  #closed = false;

  /** Resolves when one of `handles` has packets (or an error to tell), on `wake()`, or after `timeoutMs`. */
  async wait(
    handles: readonly Pick<PcapHandle, "fileDescriptor">[],
    timeoutMs: number,
  ): Promise<void> {
    const count = handles.length + 1;
    const descriptors = new DataView(new ArrayBuffer(POLLFD_LENGTH * count));
    const littleEndian = true; // as are all machines that Deno runs on
    for (let i = 0; i < count; i++) {
      const descriptor = i === 0 ? this.#wakeDescriptor : handles[i - 1].fileDescriptor;
      descriptors.setInt32(i * POLLFD_LENGTH, descriptor, littleEndian);
      descriptors.setInt16(i * POLLFD_LENGTH + 4, POLLIN, littleEndian);
    }
    await this.#libc.poll(descriptors, BigInt(count), timeoutMs);
    this.#libc.eventfd_read(this.#wakeDescriptor, this.#counter);
  }

  /** Ends the wait under way, or the next one if there is none. */
  wake(): void {
    if (!this.#closed) this.#libc.eventfd_write(this.#wakeDescriptor, 1n);
  }

  /** Not while `wait()` is pending. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#wakeDescriptor);
  }
}

function fromCString(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}
