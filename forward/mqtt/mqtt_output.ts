/** Records to an MQTT broker: one a message, with quality of service 1, on `wifilogger/SITE/records`. */

import type { OutputUrl } from "../../service/settings/output_url.ts";
import { VERSION } from "../../service/program/version.ts";
import { type Output, SendFailure } from "../outputs/output.ts";
import { type BrokerConnection, connectBroker } from "./broker_connection.ts";

/** Opens an output to a broker; it connects with the first batch. */
export function mqttOutput(url: OutputUrl, site: string): Output {
  const topic = `wifilogger/${site}`;
  let connection: BrokerConnection | undefined;
  return {
    name: url.name,
    // As many are under way at once; the client keeps each of them until the broker has answered.
    batchRecords: 400,
    batchChars: 400_000,
    async send(batch, stop) {
      if (connection === undefined || connection.isClosed) {
        connection = await connect(url, site, topic);
      }
      const { client } = connection;
      try {
        await connection.waitFor(
          Promise.all(
            batch.map(({ line }) => client.publishAsync(`${topic}/records`, line, { qos: 1 })),
          ),
          stop,
        );
      } catch (error) {
        // What is under way is given again over a new connection, so that nothing overtakes it.
        client.end(true);
        connection = undefined;
        throw error instanceof SendFailure
          ? error
          : new SendFailure("unreachable", (error as Error).message);
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
