/** Lines gathered to portions before they are written. */

/** Writes all of the bytes before it returns; they are the caller's again then. @throws what writing throws */
export type Write = (bytes: Uint8Array) => void;

/** Characters that are written at once. */
const PORTION = 64 * 1024;

/** Gathers text, and writes it in UTF-8. */
export class TextSink {
  readonly #write: Write;
  readonly #encoder = new TextEncoder();
  #waiting = "";

  constructor(write: Write) {
    this.#write = write;
  }

  add(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length >= PORTION) this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting === "") return;
    const text = this.#waiting;
    this.#waiting = "";
    this.#write(this.#encoder.encode(text));
  }
}
