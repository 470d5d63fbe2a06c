/** The receiver that a URL stands for. */

import type { TellUrl } from "../../service/settings/tell_url.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

/** Each loads its part of the program on demand. */
export async function openReceiver(url: TellUrl, options: ReceiverOptions): Promise<Receiver> {
  switch (url.kind) {
    case "ntfy":
      return (await import("./ntfy.ts")).ntfy(url);
    case "webhook":
      return (await import("./webhook.ts")).webhook(url, options);
    case "mail":
      return (await import("./mail.ts")).mail(url, options);
    case "mqtt":
      return (await import("./mqtt_events.ts")).mqttEvents(url, options);
  }
}
