/** What is to be done again and again, by the monotonic clock: a wall clock that leaps moves none of it. */

interface Entry {
  readonly periodMs: number;
  readonly task: () => void;
  nextAtMs: number;
}

/** Tasks with their periods. It has no timer of its own: somebody asks it to run what is due, often enough. */
export class Timetable {
  readonly #entries: Entry[] = [];

  /** Adds a task, which is due at `firstAtMs`, by default at once, and then every `periodMs`. It must not throw. */
  every(periodMs: number, task: () => void, firstAtMs = 0): void {
    this.#entries.push({ periodMs, task, nextAtMs: firstAtMs });
  }

  /** Adds a task that is due once, at `atMs`. It must not throw. */
  once(atMs: number, task: () => void): void {
    this.every(Infinity, task, atMs);
  }

  /** Runs what is due at `nowMs`, in the order in which it was added. */
  run(nowMs: number): void {
    for (const entry of this.#entries) {
      if (nowMs < entry.nextAtMs) continue;
      entry.nextAtMs = nowMs + entry.periodMs;
      entry.task();
    }
  }
}
