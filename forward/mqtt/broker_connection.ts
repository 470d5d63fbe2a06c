/** A connection to an MQTT broker, and why there is none. */

import { Buffer } from "node:buffer";
import { connectAsync, type MqttClient } from "mqtt";
import type { Endpoint, OutputUrl } from "../../service/settings/output_url.ts";
import { sleep } from "../../system/clock.ts";
import { SendFailure } from "../outputs/output.ts";
import { readTlsFiles, type TlsFiles } from "../outputs/tls_files.ts";

const CONNECT_TIMEOUT_MS = 15_000;
/** A broker that answers for nothing in so long is taken for gone. */
const ANSWER_TIMEOUT_MS = 30_000;
const NO_ANSWER = `the broker has not answered in ${ANSWER_TIMEOUT_MS / 1000} s`;
const CLOSED = "the broker has closed the connection";
/** Nobody waits longer for the forwarder to end. */
const CLOSE_TIMEOUT_MS = 1000;

/** Who connects, and what the broker tells the others when it has gone. */
export interface ConnectOptions {
  readonly clientId: string;
  readonly will?: { readonly topic: string; readonly payload: string };
}

/** A connection that is open, or has ended. It does not come back by itself. */
export interface BrokerConnection {
  readonly client: MqttClient;
  readonly isClosed: boolean;
  /**
   * Waits for what the broker answers.
   *
   * @throws {SendFailure} when the connection ends before, or it is stopped, or it takes longer than half a minute
   */
  waitFor<T>(answer: Promise<T>, stop: AbortSignal): Promise<T>;
  /** Says what the will would, if there is one, and ends it; waits no longer than a second. Never throws. */
  close(): Promise<void>;
}

/** Connects. @throws {SendFailure} */
export async function connectBroker(
  url: OutputUrl,
  { clientId, will }: ConnectOptions,
): Promise<BrokerConnection> {
  const tls = await readTlsFiles(url);
  let client: MqttClient;
  try {
    client = await connectAsync(brokerText(url.endpoint), {
      clientId,
      username: url.user,
      password: url.password?.reveal(),
      protocolVersion: url.options["mqtt-version"] === "5" ? 5 : 4,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      will: will && {
        topic: will.topic,
        payload: Buffer.from(will.payload),
        qos: 1,
        retain: true,
      },
      ca: tls.caCerts,
      cert: tls.cert,
      key: tls.key,
    }, false);
  } catch (error) {
    throw await connectFailure(error as Error & { code?: unknown }, url, tls);
  }
  let isClosed = false;
  // A promise of the connection's end would keep whatever ever raced with it.
  const waiting = new Set<(failure: SendFailure) => void>();
  const fail = (message: string) => {
    for (const reject of waiting) reject(new SendFailure("unreachable", message));
  };
  client.on("close", () => {
    isClosed = true;
    fail(CLOSED);
  });
  client.on("error", (error) => fail(error.message));
  return {
    client,
    get isClosed() {
      return isClosed;
    },
    async waitFor(answer, stop) {
      if (isClosed) throw new SendFailure("unreachable", CLOSED);
      const { promise, reject } = Promise.withResolvers<never>();
      const end = (message: string) => reject(new SendFailure("unreachable", message));
      const onStop = () => end("stopped");
      const timer = setTimeout(() => end(NO_ANSWER), ANSWER_TIMEOUT_MS);
      waiting.add(reject);
      stop.addEventListener("abort", onStop);
      try {
        return await Promise.race([answer, promise]);
      } finally {
        clearTimeout(timer);
        waiting.delete(reject);
        stop.removeEventListener("abort", onStop);
      }
    },
    async close() {
      if (isClosed) return;
      const answered = new AbortController();
      const end = async () => {
        if (will !== undefined) {
          await client.publishAsync(will.topic, will.payload, { qos: 1, retain: true });
        }
        await client.endAsync();
      };
      await Promise.race([end(), sleep(CLOSE_TIMEOUT_MS, answered.signal)]).catch(() => {});
      answered.abort();
      client.end(true);
    },
  };
}

/** As the client wants it. */
function brokerText({ hostname, port, isSecure }: Endpoint): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${isSecure ? "mqtts" : "mqtt"}://${host}:${port}`;
}

/** Return codes of CONNACK that a person can mend (MQTT 3.1.1, section 3.2.2.3; MQTT 5, section 3.2.2.2). */
const DENIED_CODES = new Set<unknown>([2, 4, 5, 133, 134, 135]);

/** Why there is no connection. The client says of TLS only that it was closed: then TLS is tried by itself. */
async function connectFailure(
  error: Error & { code?: unknown },
  { endpoint }: OutputUrl,
  tls: TlsFiles,
): Promise<SendFailure> {
  const kind = DENIED_CODES.has(error.code) ? "denied" : "unreachable";
  if (!endpoint.isSecure || kind === "denied") {
    return new SendFailure(kind, error.message || String(error.code ?? "no connection"));
  }
  const reason = await tlsFailure(endpoint, tls);
  return reason === undefined
    ? new SendFailure("unreachable", error.message)
    : new SendFailure("denied", `TLS: ${reason}`);
}

async function tlsFailure(
  { hostname, port }: Endpoint,
  tls: TlsFiles,
): Promise<string | undefined> {
  try {
    using connection = await Deno.connectTls(
      { hostname, port, ...tls } as Deno.ConnectTlsOptions & Deno.TlsCertifiedKeyPem,
    );
    await connection.handshake();
    return await refusalAfterHandshake(connection);
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused ? undefined : (error as Error).message;
  }
}

/** In TLS 1.3 a server that misses a certificate says so behind the handshake (RFC 8446, section 4.4.2.4). */
async function refusalAfterHandshake(connection: Deno.TlsConn): Promise<string | undefined> {
  const waited = new AbortController();
  try {
    await Promise.race([
      connection.read(new Uint8Array(1)),
      sleep(CLOSE_TIMEOUT_MS, waited.signal),
    ]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    waited.abort();
  }
}
