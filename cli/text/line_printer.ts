/** Printing lines that somebody may read slowly, or not at all, without ever keeping the writer waiting. */

/** Lines that may wait for a slow reader. */
const MAX_WAITING = 10_000;

/** Prints lines to standard output in the background. When too many wait, the newest are left out, and that is said. */
export class LinePrinter {
  #waiting: string[] = [];
  #leftOut = 0;
  #printing: Promise<void> | undefined;
  #isGone = false;

  /** Takes a line, without its end. */
  print(line: string): void {
    if (this.#isGone) return;
    if (this.#waiting.length >= MAX_WAITING) this.#leftOut++;
    else this.#waiting.push(line);
    this.#printing ??= this.#printAll();
  }

  /** Resolves when everything is printed, or after `timeoutMs` if the reader has stopped reading. */
  async finish(timeoutMs = 1000): Promise<void> {
    let timer: number | undefined;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([this.#printing, timeout]);
    clearTimeout(timer);
  }

  async #printAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      if (this.#leftOut > 0) {
        lines.push(`(${this.#leftOut} records were not shown here; they are in the log)`);
        this.#leftOut = 0;
      }
      await this.#write(lines.join("\n") + "\n");
    }
    this.#printing = undefined;
  }

  async #write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let written = 0; written < bytes.length;) {
        written += await Deno.stdout.write(bytes.subarray(written));
      }
    } catch {
      // The reader has gone, as `head` does: whoever logs goes on.
      this.#isGone = true;
      this.#waiting = [];
    }
  }
}
