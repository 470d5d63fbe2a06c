/** Records to an MQTT broker: one a message, with quality of service 1, on `wifilogger/SITE/records`. */

import { Buffer } from "node:buffer";
import { connectAsync, type MqttClient } from "mqtt";
import type { OutputUrl } from "../../service/settings/output_url.ts";
import { VERSION } from "../../service/program/version.ts";
import { type Output, SendFailure } from "../outputs/output.ts";
import { sleep } from "../../system/clock.ts";
import { readTlsFiles, type TlsFiles } from "../outputs/tls_files.ts";

const CONNECT_TIMEOUT_MS = 15_000;
/** A broker that answers for no message in so long is taken for gone. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Nobody waits longer for the forwarder to end. */
const CLOSE_TIMEOUT_MS = 1000;

/** Opens an output to a broker; it connects with the first batch. */
export function mqttOutput(url: OutputUrl, site: string): Output {
  const topic = `wifilogger/${site}`;
  let connection: Connection | undefined;
  return {
    name: url.name,
    // As many are under way at once; the client keeps each of them until the broker has answered.
    batchRecords: 100,
    batchChars: 200_000,
    async send(batch, stop) {
      if (connection === undefined || connection.isClosed) {
        connection = await connect(url, site, topic);
      }
      const { client, closed } = connection;
      const timeout = new AbortController();
      try {
        await Promise.race([
          Promise.all(
            batch.map(({ line }) => client.publishAsync(`${topic}/records`, line, { qos: 1 })),
          ),
          closed,
          timeoutOf(ANSWER_TIMEOUT_MS, AbortSignal.any([timeout.signal, stop])),
        ]);
      } catch (error) {
        // What is under way is given again over a new connection, so that nothing overtakes it.
        client.end(true);
        connection = undefined;
        throw error instanceof SendFailure
          ? error
          : new SendFailure("unreachable", (error as Error).message);
      } finally {
        timeout.abort();
      }
    },
    async close() {
      const { client, isClosed } = connection ?? {};
      connection = undefined;
      if (client === undefined || isClosed) return;
      const state = JSON.stringify({ state: "offline" });
      const answered = new AbortController();
      await Promise.race([
        client.publishAsync(`${topic}/status`, state, { qos: 1, retain: true })
          .then(() => client.endAsync()),
        sleep(CLOSE_TIMEOUT_MS, answered.signal),
      ]).catch(() => {});
      answered.abort();
      client.end(true);
    },
  };
}

/** A connection to a broker. */
interface Connection {
  readonly client: MqttClient;
  /** Rejects when it ends. */
  readonly closed: Promise<never>;
  readonly isClosed: boolean;
}

async function connect(url: OutputUrl, site: string, topic: string): Promise<Connection> {
  const tls = await readTlsFiles(url);
  let client: MqttClient;
  try {
    client = await connectAsync(brokerText(url.url), {
      clientId: `wifilogger-${site}`,
      username: url.user,
      password: url.password?.reveal(),
      protocolVersion: url.options["mqtt-version"] === "5" ? 5 : 4,
      // This output connects anew by itself, and gives the whole batch again.
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      will: {
        topic: `${topic}/status`,
        payload: Buffer.from(JSON.stringify({ state: "offline" })),
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
  const closed = new Promise<never>((_, reject) => {
    client.on("close", () => {
      isClosed = true;
      reject(new SendFailure("unreachable", "the broker has closed the connection"));
    });
    client.on("error", (error) => reject(new SendFailure("unreachable", error.message)));
  });
  closed.catch(() => {});
  const state = { state: "online", version: VERSION };
  await client.publishAsync(`${topic}/status`, JSON.stringify(state), { qos: 1, retain: true });
  return {
    client,
    closed,
    get isClosed() {
      return isClosed;
    },
  };
}

/** As the client wants it. */
function brokerText({ protocol, host }: URL): string {
  // The port of https is left out of a URL that is one.
  const [scheme, port] = protocol === "https:" ? ["mqtts", ":443"] : ["mqtt", ":80"];
  return `${scheme}://${host}${/:\d+$/.test(host) ? "" : port}`;
}

/** Return codes of CONNACK that a person can mend (MQTT 3.1.1, section 3.2.2.3; MQTT 5, section 3.2.2.2). */
const DENIED_CODES = new Set<unknown>([2, 4, 5, 133, 134, 135]);

/** Why there is no connection. The client says of TLS only that it was closed: then TLS is tried by itself. */
async function connectFailure(
  error: Error & { code?: unknown },
  { url }: OutputUrl,
  tls: TlsFiles,
): Promise<SendFailure> {
  const kind = DENIED_CODES.has(error.code) ? "denied" : "unreachable";
  if (url.protocol !== "https:" || kind === "denied") {
    return new SendFailure(kind, error.message || String(error.code ?? "no connection"));
  }
  const reason = await tlsFailure(url, tls);
  return reason === undefined
    ? new SendFailure("unreachable", error.message)
    : new SendFailure("denied", `TLS: ${reason}`);
}

async function tlsFailure({ hostname, port }: URL, tls: TlsFiles): Promise<string | undefined> {
  try {
    const connection = await Deno.connectTls(
      {
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port: Number(port || 443),
        ...tls,
      } as Deno.ConnectTlsOptions & Deno.TlsCertifiedKeyPem,
    );
    try {
      await connection.handshake();
      return undefined;
    } finally {
      connection.close();
    }
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused ? undefined : (error as Error).message;
  }
}

/** Fails after so long, or when it is stopped. */
async function timeoutOf(ms: number, stop: AbortSignal): Promise<never> {
  await sleep(ms, stop);
  const why = stop.aborted ? "stopped" : `the broker has not answered in ${ms / 1000} s`;
  throw new SendFailure("unreachable", why);
}
