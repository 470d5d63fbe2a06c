/** Server-sent events (HTML standard, section 9.2), to one who looks. */

/** A reader who has not taken so many bytes has gone, or is too slow for what is live. */
const MAX_HELD_BYTES = 512 * 1024;
const COMMENT_MS = 15_000;

export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  /** `ended` is called once, whoever ends it. */
  constructor(ended: () => void) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        cancel: () => {
          this.#controller = undefined;
          clearInterval(this.#timer);
          ended();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_HELD_BYTES }),
    );
    this.#timer = setInterval(() => this.#write(":\n\n"), COMMENT_MS);
    this.#ended = ended;
  }

  readonly #ended: () => void;

  /** `data` as JSON has no line's end in it. */
  send(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    clearInterval(this.#timer);
    if (controller === undefined) return;
    controller.close();
    this.#ended();
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    if ((controller.desiredSize ?? 0) <= 0) return this.end();
    controller.enqueue(this.#encoder.encode(text));
  }
}
