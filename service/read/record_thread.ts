/**
 * Records made and written by a thread of their own, while this one reads on:
 *
 *     packets -> deltas, packed --postMessage()--> lines -> output
 *
 * It pays for long files only, and where there is a second processor: beginning takes 40 ms. `read` of a million packets,
 * 305 MB, takes 0.77 s instead of 0.91; of 100 MB 0.47 instead of 0.49.
 */

import type { ObservedDelta } from "../../capture/observer.ts";
import { DeltaPacker, type PackedDeltas, unpackDeltas } from "./packed_deltas.ts";
import type { Gap } from "../../record/record_builder.ts";
import type { RecordSink } from "./record_sink.ts";
import { SettingError } from "../settings/setting_error.ts";

/** Deltas that are handed over at once: their lines are 64 KB or so. */
const DELTAS_AT_ONCE = 128;
/** Messages that the thread may be behind, 4 MB or so; then this one waits. */
const MAX_BEHIND = 64;

/** What the thread is told: first how to make records and where to count what is worked off, then what to make. */
type Message =
  | { readonly kind: "begin"; readonly order: unknown; readonly done: Int32Array }
  | { readonly kind: "deltas"; readonly packed: PackedDeltas }
  | { readonly kind: "gap"; readonly gap: Gap };

/** What it answers, once it has begun and once it has failed. */
type Answer = { readonly kind: "begun" } | { readonly kind: "failed"; readonly failure: Failure };

/** An error as a message can carry it. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Stands where messages are counted: nothing more will be worked off. */
const FAILED = -1;

/** The thread, for the one that reads. What it cannot write is dropped, and told at the next `flush()`. */
export class RecordThread implements RecordSink, Disposable {
  readonly #worker: Worker;
  /** How many messages are worked off, or `FAILED`. */
  readonly #done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #begun = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<Error>();
  readonly #packer = new DeltaPacker(DELTAS_AT_ONCE);
  #hasBegun = false;
  #given = 0;

  /**
   * Begins a thread: `module` calls `serveRecords()`, which is given `order`. It need not be waited for; what it cannot
   * open is thrown by the first `flush()`.
   */
  constructor(module: URL, order: unknown) {
    this.#worker = new Worker(module, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind === "begun") this.#begun.resolve();
      else this.#fail(errorOf(data.failure));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`the thread for records failed: ${event.message}`));
    };
    this.#post({ kind: "begin", order, done: this.#done });
  }

  #fail(error: Error): void {
    this.#begun.resolve();
    this.#failed.resolve(error);
    Atomics.store(this.#done, 0, FAILED);
  }

  take(delta: ObservedDelta): void {
    this.#packer.add(delta);
    if (this.#packer.isFull) this.#giveDeltas();
  }

  takeGap(gap: Gap): void {
    if (this.#packer.size > 0) this.#giveDeltas();
    this.#give({ kind: "gap", gap });
  }

  async flush(): Promise<void> {
    if (this.#packer.size > 0) this.#giveDeltas();
    if (!this.#hasBegun) await this.#begun.promise;
    this.#hasBegun = true;
    if (Atomics.load(this.#done, 0) === FAILED) throw await this.#failed.promise;
  }

  async written(): Promise<void> {
    await this.flush();
    this.#waitFor(this.#given);
    await this.flush();
  }

  #giveDeltas(): void {
    const packed = this.#packer.give();
    this.#give({ kind: "deltas", packed }, [packed.numbers.buffer]);
  }

  #give(message: Message, transferred: ArrayBuffer[] = []): void {
    this.#post(message, transferred);
    this.#given++;
    // Before it has begun, nobody knows whether it will: that is found out between two batches.
    if (this.#hasBegun) this.#waitFor(this.#given - MAX_BEHIND);
  }

  #post(message: Message, transferred: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transferred);
  }

  /** Waits until so many messages are worked off, or none will be any more. */
  #waitFor(count: number): void {
    for (;;) {
      const done = Atomics.load(this.#done, 0);
      if (done >= count || done === FAILED) return;
      Atomics.wait(this.#done, 0, done);
    }
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** The other end, in the thread's own module: opens a sink as it was ordered, and gives it what comes. */
export function serveRecords<Order>(open: (order: Order) => Promise<RecordSink>): void {
  let sink: RecordSink;
  let done: Int32Array;
  const workOff = async (message: Message) => {
    if (message.kind === "begin") {
      done = message.done;
      sink = await open(message.order as Order);
      return answer({ kind: "begun" });
    }
    if (message.kind === "gap") sink.takeGap(message.gap);
    else for (const delta of unpackDeltas(message.packed)) sink.take(delta);
    await sink.written();
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  };
  const fail = (error: unknown) => {
    answer({ kind: "failed", failure: failureOf(error) });
    Atomics.store(done, 0, FAILED);
    Atomics.notify(done, 0);
    thisThread().onmessage = null;
  };
  // One after the other, and none after one that failed.
  let worked = Promise.resolve();
  thisThread().onmessage = ({ data }: MessageEvent<Message>) => {
    worked = worked.then(() => workOff(data));
    worked.catch(fail);
  };
}

/** What the types know of pages' windows only. */
function thisThread(): Pick<Worker, "onmessage" | "postMessage"> {
  return self as unknown as Worker;
}

function answer(answer: Answer): void {
  thisThread().postMessage(answer);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  const { name, message, stack } = error;
  return { name, message, stack };
}

/** The same error, of the kind that commands tell apart. */
function errorOf({ name, message, stack }: Failure): Error {
  const kinds: Record<string, new (message: string) => Error> = { ...Deno.errors, SettingError };
  const error = Object.hasOwn(kinds, name) ? new kinds[name](message) : new Error(message);
  error.stack = stack;
  return error;
}
