/** Records to an MQTT broker: one a message, with quality of service 1, on `wifilogger/SITE/records`. */

import type { OutputUrl } from "../../service/settings/output_url.ts";
import { VERSION } from "../../service/program/version.ts";
import { type Output, SendFailure } from "../outputs/output.ts";
import { sleep } from "../../system/clock.ts";
import { type BrokerConnection, connectBroker } from "./broker_connection.ts";

/** A broker that answers for no message in so long is taken for gone. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Opens an output to a broker; it connects with the first batch. */
export function mqttOutput(url: OutputUrl, site: string): Output {
  const topic = `wifilogger/${site}`;
  let connection: BrokerConnection | undefined;
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
      await connection?.close();
      connection = undefined;
    },
  };
}

async function connect(url: OutputUrl, site: string, topic: string): Promise<BrokerConnection> {
  const will = { topic: `${topic}/status`, payload: JSON.stringify({ state: "offline" }) };
  const connection = await connectBroker(url, { clientId: `wifilogger-${site}`, will });
  const state = JSON.stringify({ state: "online", version: VERSION });
  await connection.client.publishAsync(will.topic, state, { qos: 1, retain: true });
  return connection;
}

/** Fails after so long, or when it is stopped. */
async function timeoutOf(ms: number, stop: AbortSignal): Promise<never> {
  await sleep(ms, stop);
  const why = stop.aborted ? "stopped" : `the broker has not answered in ${ms / 1000} s`;
  throw new SendFailure("unreachable", why);
}
