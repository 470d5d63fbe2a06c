/** Tellings as events to an MQTT broker: one a message, with quality of service 1, on `wifilogger/SITE/news`. */

import type { TellUrl } from "../../service/settings/tell_url.ts";
import { connectBroker } from "../mqtt/broker_connection.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

export function mqttEvents({ name, output }: TellUrl, { site }: ReceiverOptions): Receiver {
  return {
    name,
    // A few a day: a connection for each costs less than one that is held.
    async tell(telling, { stop }) {
      const connection = await connectBroker(output, { clientId: `wifilogger-${site}-news` });
      const body = JSON.stringify({ site, ...telling });
      const { client } = connection;
      try {
        await connection.waitFor(
          client.publishAsync(`wifilogger/${site}/news`, body, { qos: 1 }),
          stop,
        );
      } finally {
        await connection.close();
      }
    },
    close: () => {},
  };
}
