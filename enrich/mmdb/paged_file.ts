/**
 * A file that is read a page at a time where it is looked at, and stays in the kernel's cache.
 *
 * It is not mapped: reading what was cut off a mapped file ends the process (SIGBUS), and a file of a user's may be cut or
 * written over at any moment. A page costs 2 us to read, and those that were last read are kept.
 */

const PAGE_BITS = 12;
const PAGE_BYTES = 1 << PAGE_BITS;
/** 1 MB a file. A page has one slot that it may be in, by its number. */
const SLOTS = 256;
/** Offsets are 32 bits; no database of places has as many. */
const MAX_BYTES = 2 ** 32 - 1;

/** What was to be read is not there: the file was cut, or what points there is wrong. */
export class PastEndError extends RangeError {
  override name = "PastEndError";
}

/** An open file. */
export class PagedFile implements Disposable {
  /** Bytes, when it was opened. */
  readonly length: number;
  readonly #file: Deno.FsFile;
  readonly #identity: string;
  readonly #pages = new Uint8Array(SLOTS * PAGE_BYTES);
  /** The page in each slot, -1 for none. */
  readonly #pageOf = new Int32Array(SLOTS).fill(-1);
  #hasRead = false;
  #isClosed = false;

  /** @throws {TypeError} when it is no file; what opening throws */
  static open(path: string): PagedFile {
    const { isFile } = Deno.statSync(path);
    if (!isFile) throw new TypeError("it is no file"); // opening a pipe would wait
    return new PagedFile(Deno.openSync(path));
  }

  private constructor(file: Deno.FsFile) {
    this.#file = file;
    const { size } = file.statSync();
    if (size > MAX_BYTES) {
      file.close();
      throw new RangeError("it is larger than 4 GB");
    }
    this.length = size;
    this.#identity = identityOf(file);
  }

  /** The byte at an offset. @throws {PastEndError} */
  byte(offset: number): number {
    return this.#pages[this.#place(offset)];
  }

  /** A copy of some bytes. @throws {PastEndError} */
  slice(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const place = this.#place(offset + done);
      const inPage = Math.min(length - done, PAGE_BYTES - (place & (PAGE_BYTES - 1)));
      bytes.set(this.#pages.subarray(place, place + inPage), done);
      done += inPage;
    }
    return bytes;
  }

  /**
   * Whether the file is still the one that was opened, as far as was read since the last call. Once it was written over,
   * what was read before and after does not belong together.
   */
  isUnchanged(): boolean {
    if (!this.#hasRead) return true;
    this.#hasRead = false;
    return !this.#isClosed && identityOf(this.#file) === this.#identity;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
  }

  /** Where in `#pages` the byte at an offset is, read by now. */
  #place(offset: number): number {
    if (!(offset >= 0 && offset < this.length)) {
      throw new PastEndError(`there is no byte ${offset}`);
    }
    const page = offset >>> PAGE_BITS;
    const slot = page & (SLOTS - 1);
    if (this.#pageOf[slot] !== page) this.#read(page, slot);
    return (slot << PAGE_BITS) + (offset & (PAGE_BYTES - 1));
  }

  #read(page: number, slot: number): void {
    this.#pageOf[slot] = -1;
    this.#hasRead = true;
    const begin = page * PAGE_BYTES;
    const wanted = Math.min(PAGE_BYTES, this.length - begin);
    const into = this.#pages.subarray(slot * PAGE_BYTES, slot * PAGE_BYTES + wanted);
    this.#file.seekSync(begin, Deno.SeekMode.Start);
    for (let got = 0; got < wanted;) {
      const count = this.#file.readSync(into.subarray(got));
      if (count === null) throw new PastEndError(`the file ends before byte ${begin + wanted}`);
      got += count;
    }
    this.#pageOf[slot] = page;
  }
}

function identityOf(file: Deno.FsFile): string {
  const { size, mtime } = file.statSync();
  return `${size} ${mtime?.getTime()}`;
}
