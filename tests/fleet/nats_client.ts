/**
 * A client of NATS for the tests: TLS, user and password, requests, and a durable pull consumer that is read and
 * acknowledged. npm's client cannot begin TLS behind the server's greeting under Deno.
 */

/** Where and as whom to connect. */
export interface NatsAddress {
  readonly hostname: string;
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
}

/** A message as it came. */
export interface NatsMessage {
  readonly subject: string;
  /** Where an answer goes: for a message of a consumer, its acknowledgement. */
  readonly reply: string;
  /** `503` and the like of JetStream; empty for a message with content. */
  readonly status: string;
  readonly text: string;
}

const PORT = 4222;
const INBOX = `_INBOX.${crypto.randomUUID()}`;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection. */
export class NatsClient implements Disposable {
  readonly #connection: Deno.TlsConn;
  #buffer = new Uint8Array();
  #takers = new Map<string, (message: NatsMessage) => void>();
  #serial = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  private constructor(connection: Deno.TlsConn) {
    this.#connection = connection;
    this.closed = this.#read().catch(() => {});
  }

  /** @throws when nobody answers, or the server does not let it in */
  static async connect({ hostname, user, password, ca }: NatsAddress): Promise<NatsClient> {
    const plain = await Deno.connect({ hostname, port: PORT });
    // The greeting, INFO, comes in the open; TLS begins behind it.
    const byte = new Uint8Array(1);
    do {
      if (await plain.read(byte) === null) throw new Error(`${hostname} has closed the connection`);
    } while (byte[0] !== 10);
    const connection = await Deno.startTls(plain, { hostname, caCerts: [ca] });
    const client = new NatsClient(connection);
    const options = { verbose: false, pedantic: false, headers: true, user, pass: password };
    client.#write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${INBOX}.* 1\r\n`);
    return client;
  }

  /** Asks, and gives the answer. @throws {Error} when there is none in time */
  async request(subject: string, body: string, timeoutMs = 5000): Promise<NatsMessage> {
    const inbox = `${INBOX}.${this.#serial++}`;
    let timer: number | undefined;
    try {
      return await new Promise<NatsMessage>((resolve, reject) => {
        this.#takers.set(inbox, resolve);
        timer = setTimeout(() => reject(new Error(`${subject}: no answer`)), timeoutMs);
        this.publish(subject, body, inbox);
        this.closed.then(() => reject(new Error(`${subject}: the connection has ended`)));
      });
    } finally {
      clearTimeout(timer);
      this.#takers.delete(inbox);
    }
  }

  publish(subject: string, body: string, reply = ""): void {
    const bytes = encoder.encode(body).length;
    this.#write(`PUB ${subject} ${reply} ${bytes}\r\n${body}\r\n`);
  }

  /** Up to `batch` messages of a durable consumer; what is there within `waitMs`. */
  async fetch(
    { stream, consumer, batch, waitMs }: {
      stream: string;
      consumer: string;
      batch: number;
      waitMs: number;
    },
  ): Promise<NatsMessage[]> {
    const inbox = `${INBOX}.${this.#serial++}`;
    const messages: NatsMessage[] = [];
    let timer: number | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs + 1000);
      this.closed.then(resolve);
      this.#takers.set(inbox, (message) => {
        if (message.status === "") messages.push(message);
        if (message.status !== "" || messages.length === batch) resolve();
      });
      const expires = waitMs * 1e6;
      this.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
        JSON.stringify({ batch, expires }),
        inbox,
      );
    });
    clearTimeout(timer);
    this.#takers.delete(inbox);
    return messages;
  }

  /** Says that a message is stored for good. */
  acknowledge({ reply }: NatsMessage): void {
    this.publish(reply, "+ACK");
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // The server was quicker.
    }
  }

  #write(text: string): void {
    this.#writing = this.#writing.then(async () => {
      let rest = encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
    }).catch(() => {});
  }

  async #read(): Promise<void> {
    const chunk = new Uint8Array(1 << 16);
    for (;;) {
      const count = await this.#connection.read(chunk);
      if (count === null) return;
      const joined = new Uint8Array(this.#buffer.length + count);
      joined.set(this.#buffer);
      joined.set(chunk.subarray(0, count), this.#buffer.length);
      this.#buffer = joined;
      this.#takeAll();
    }
  }

  #takeAll(): void {
    let at = 0;
    for (;;) {
      const end = this.#buffer.indexOf(10, at);
      if (end < 0) break;
      const words = decoder.decode(this.#buffer.subarray(at, end)).trim().split(" ");
      if (words[0] === "PING") this.#write("PONG\r\n");
      const isMessage = words[0] === "MSG" || words[0] === "HMSG";
      if (!isMessage) {
        at = end + 1;
        continue;
      }
      const size = Number(words.at(-1));
      const bodyAt = end + 1;
      if (this.#buffer.length < bodyAt + size + 2) break;
      const headBytes = words[0] === "HMSG" ? Number(words.at(-2)) : 0;
      const head = decoder.decode(this.#buffer.subarray(bodyAt, bodyAt + headBytes));
      const text = decoder.decode(this.#buffer.subarray(bodyAt + headBytes, bodyAt + size));
      const hasReply = words.length === (headBytes > 0 ? 6 : 5);
      this.#take(words[1], {
        subject: words[1],
        reply: hasReply ? words[3] : "",
        status: /^NATS\/1\.0 (\d+)/.exec(head)?.[1] ?? "",
        text,
      });
      at = bodyAt + size + 2;
    }
    this.#buffer = this.#buffer.slice(at);
  }

  /** Messages of a stream come to the inbox of whoever asked, by the subscription; their own subject is the stream's. */
  #take(subject: string, message: NatsMessage): void {
    const taker = this.#takers.get(subject);
    if (taker !== undefined) return taker(message);
    // A consumer's message keeps the subject that it was published on: it is for the fetch under way.
    [...this.#takers.values()].at(-1)?.(message);
  }
}
