/** A pcap file of Ethernet frames, written in large pieces. */

import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";

/** The link type of Ethernet. */
export const DLT_EN10MB = 1;
const FILE_HEADER_LENGTH = 24;
/** What tcpdump writes into its files. */
const SNAPLEN = 262_144;
const WRITE_BYTES = 4 << 20;

/** A new file, or an old one written anew. It is whole when it is closed. */
export class CaptureFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(WRITE_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #length = FILE_HEADER_LENGTH;

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#view.setUint32(0, 0xa1b2c3d4, true);
    this.#view.setUint16(4, 2, true);
    this.#view.setUint16(6, 4, true);
    this.#view.setUint32(16, SNAPLEN, true);
    this.#view.setUint32(20, DLT_EN10MB, true);
  }

  /**
   * Adds a frame; `timeUs` is microseconds since 1970.
   *
   * @returns the copy that will be written, to be changed until the next call
   */
  write(frame: Uint8Array, timeUs: number, wireLength = frame.length): Uint8Array {
    if (this.#length + RECORD_HEADER_LENGTH + frame.length > WRITE_BYTES) this.#flush();
    this.#view.setUint32(this.#length, Math.floor(timeUs / 1e6), true);
    this.#view.setUint32(this.#length + 4, timeUs % 1e6, true);
    this.#view.setUint32(this.#length + 8, frame.length, true);
    this.#view.setUint32(this.#length + 12, wireLength, true);
    this.#length += RECORD_HEADER_LENGTH;
    const place = this.#buffer.subarray(this.#length, this.#length += frame.length);
    place.set(frame);
    return place;
  }

  #flush(): void {
    for (let written = 0; written < this.#length;) {
      written += this.#file.writeSync(this.#buffer.subarray(written, this.#length));
    }
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#file.close();
  }
}
