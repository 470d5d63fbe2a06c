/**
 * Capture files of the commonest kind, pcap with microseconds in this machine's byte order, as they lie: their records are
 * what a `PacketBatch` holds, and so are read into the batch buffer in large pieces, with no call for each. A million
 * packets of 300 bytes take 33 ms; by way of `pcap_dump` 65.
 *
 * libpcap has opened the file and read its header before, and goes on where something is not as plain as that, such as a
 * record cut short or longer than the header says. What is wrong is for libpcap to say.
 */

import { loadLibc } from "../../system/native.ts";
import { RECORD_HEADER_LENGTH } from "./pcap_record.ts";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const VERSION = { major: 2, minor: 4 };
const FILE_HEADER_LENGTH = 24;
/** Longer ones libpcap refuses on every link that is read here (its `MAXIMUM_SNAPLEN`). */
const MAX_CAPTURED_LENGTH = 262_144;
/** Read at once: what fits the processor's cache. */
const PIECE_BYTES = 256 << 10;
const SEEK_SET = 0;
/** As are all machines that Deno runs on. */
const LITTLE_ENDIAN = true;

/** Which file, and where to. */
export interface PlainPcapOptions {
  readonly stream: Deno.PointerObject;
  /** What the file begins with. */
  readonly fileHeader: Uint8Array<ArrayBuffer>;
  /** Longest record by the file's header, in bytes of a frame. */
  readonly snaplen: number;
  /** Where to: must hold the longest record. */
  readonly buffer: Uint8Array<ArrayBuffer>;
}

/** Reads the records of a plain file from its stream. */
export class PlainPcapStream {
  readonly #libc = loadLibc();
  readonly #stream: Deno.PointerValue;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #maxCapturedLength: number;
  /** Where in the file the buffer's content begins. */
  #fileOffset = FILE_HEADER_LENGTH;
  /** Bytes in the buffer, and how many of them are records that were given. */
  #filled = 0;
  #given = 0;

  /**
   * Takes over a file's stream, of which libpcap has read the header; `undefined` when the file is not plain, or cannot be
   * read again from where libpcap is to go on.
   */
  static open(options: PlainPcapOptions): PlainPcapStream | undefined {
    const { fileHeader, stream } = options;
    if (!isPlain(fileHeader)) return undefined;
    const isSeekable = loadLibc().fseek(stream, BigInt(FILE_HEADER_LENGTH), SEEK_SET) === 0;
    return isSeekable ? new PlainPcapStream(options) : undefined;
  }

  private constructor({ stream, buffer, snaplen }: PlainPcapOptions) {
    this.#stream = stream;
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
    this.#maxCapturedLength = Math.min(snaplen, MAX_CAPTURED_LENGTH);
  }

  /** Moves whole records to the buffer's beginning. @returns their bytes; 0 when what follows is for libpcap */
  read(): number {
    this.#buffer.copyWithin(0, this.#given, this.#filled);
    this.#filled -= this.#given;
    this.#fileOffset += this.#given;
    const room = Math.min(PIECE_BYTES, this.#buffer.length - this.#filled);
    this.#filled += Number(
      this.#libc.fread(this.#buffer.subarray(this.#filled), 1n, BigInt(room), this.#stream),
    );
    this.#given = this.#wholeRecords();
    if (this.#given === 0) this.#libc.fseek(this.#stream, BigInt(this.#fileOffset), SEEK_SET);
    return this.#given;
  }

  /** Bytes of the whole and plain records at the buffer's beginning. */
  #wholeRecords(): number {
    let end = 0;
    while (end + RECORD_HEADER_LENGTH <= this.#filled) {
      const capturedLength = this.#view.getUint32(end + 8, LITTLE_ENDIAN);
      const next = end + RECORD_HEADER_LENGTH + capturedLength;
      if (capturedLength > this.#maxCapturedLength || next > this.#filled) break;
      end = next;
    }
    return end;
  }
}

function isPlain(fileHeader: Uint8Array<ArrayBuffer>): boolean {
  const view = new DataView(fileHeader.buffer, fileHeader.byteOffset);
  return view.getUint32(0, LITTLE_ENDIAN) === MAGIC_MICROSECONDS &&
    view.getUint16(4, LITTLE_ENDIAN) === VERSION.major &&
    view.getUint16(6, LITTLE_ENDIAN) === VERSION.minor;
}
