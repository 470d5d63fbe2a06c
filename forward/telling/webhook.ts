/**
 * Tellings as JSON to a URL. With a secret they are signed as Standard Webhooks are
 * (https://github.com/standard-webhooks/standard-webhooks): `webhook-id` is the same whenever a telling is sent again.
 */

import { createHmac } from "node:crypto";
import type { TellUrl } from "../../service/settings/tell_url.ts";
import { HttpClient } from "../http/http_client.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

export function webhook({ name, output }: TellUrl, { site, secret }: ReceiverOptions): Receiver {
  const client = new HttpClient(output, "application/json");
  return {
    name,
    async tell(telling, { stop }) {
      const body = JSON.stringify({ site, ...telling });
      const timestamp = String(Math.floor(Date.parse(telling.time) / 1000));
      const signed = `${telling.id}.${timestamp}.${body}`;
      await client.post(body, stop, {
        "webhook-id": telling.id,
        "webhook-timestamp": timestamp,
        ...(secret && {
          "webhook-signature": `v1,${
            createHmac("sha256", secret.reveal()).update(signed).digest("base64")
          }`,
        }),
      });
    },
    close: () => client.close(),
  };
}
