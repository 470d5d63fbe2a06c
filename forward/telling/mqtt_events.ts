/** Tellings as events to an MQTT broker: one a message, with quality of service 1, on `wifilogger/SITE/news`. */

import { connectAsync } from "mqtt";
import type { TellUrl } from "../../service/settings/tell_url.ts";
import { SendFailure } from "../outputs/output.ts";
import { readTlsFiles } from "../outputs/tls_files.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

const TIMEOUT_MS = 15_000;

export function mqttEvents({ name, output }: TellUrl, { site }: ReceiverOptions): Receiver {
  const { url, user, password, options } = output;
  return {
    name,
    // A few a day: a connection for each costs less than one that is held.
    async tell(telling) {
      const { caCerts, cert, key } = await readTlsFiles(output);
      const [scheme, port] = url.protocol === "https:" ? ["mqtts", "443"] : ["mqtt", "80"];
      try {
        const client = await connectAsync(`${scheme}://${url.hostname}:${url.port || port}`, {
          clientId: `wifilogger-${site}-news`,
          username: user,
          password: password?.reveal(),
          protocolVersion: options["mqtt-version"] === "5" ? 5 : 4,
          reconnectPeriod: 0,
          connectTimeout: TIMEOUT_MS,
          ca: caCerts,
          cert,
          key,
        }, false);
        const ended = new Promise<never>((_, reject) => {
          client.on("close", () => reject(new Error("the broker has closed the connection")));
          client.on("error", reject);
        });
        const body = JSON.stringify({ site, ...telling });
        await Promise.race([
          client.publishAsync(`wifilogger/${site}/news`, body, { qos: 1 }),
          ended,
        ])
          .finally(() => {
            ended.catch(() => {});
            client.end();
          });
      } catch (error) {
        throw new SendFailure("unreachable", (error as Error).message || "no connection");
      }
    },
    close: () => {},
  };
}
