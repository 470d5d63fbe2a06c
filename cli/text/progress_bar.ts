/** How far a long task has come, for who waits at a terminal. */

/** What takes less time needs no bar. */
const DELAY_MS = 1000;
const EVERY_MS = 100;
const WIDTH = 30;

/** A bar on standard error, when that is a terminal. */
export class ProgressBar {
  readonly #what: string;
  readonly #startedAt = performance.now();
  #shownAt = -Infinity;

  constructor(what: string) {
    this.#what = what;
  }

  /** Shows the share that is done, from 0 to 1. */
  readonly show = (share: number): void => {
    const now = performance.now();
    if (now - this.#startedAt < DELAY_MS || now - this.#shownAt < EVERY_MS) return;
    if (!Deno.stderr.isTerminal()) return;
    this.#shownAt = now;
    const done = Math.round(share * WIDTH);
    const bar = "#".repeat(done) + ".".repeat(WIDTH - done);
    this.#write(`\r${this.#what} [${bar}] ${Math.floor(share * 100)} %\x1b[K`);
  };

  /** Removes it. */
  clear(): void {
    if (this.#shownAt > -Infinity) this.#write("\r\x1b[K");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
