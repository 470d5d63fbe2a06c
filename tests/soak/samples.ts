/** What the programs hold while the soak goes on: memory and file descriptors. */

import { memory } from "../../scripts/bench/process_usage.ts";
import type { Service } from "./service.ts";

/** Of one program, at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

const EVERY_MS = 2000;

/** Samples of some programs, by their names. */
export class Samples implements Disposable {
  readonly of: Readonly<Record<string, Sample[]>>;
  readonly #timer: number;

  constructor(services: Readonly<Record<string, Service>>) {
    this.of = Object.fromEntries(Object.keys(services).map((name) => [name, []]));
    this.#timer = setInterval(() => {
      for (const [name, { pid }] of Object.entries(services)) {
        const sample = pid === undefined ? undefined : sampleOf(pid);
        if (sample !== undefined) this.of[name].push(sample);
      }
    }, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function sampleOf(pid: number): Sample | undefined {
  try {
    const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    return { atMs: Date.now(), residentBytes: memory(pid).resident, descriptors };
  } catch {
    return undefined; // it has just ended
  }
}
