/** Tellings to a topic of an ntfy server, as https://docs.ntfy.sh/publish/#publish-as-json says. */

import type { Telling } from "../../news/telling/telling.ts";
import type { TellUrl } from "../../service/settings/tell_url.ts";
import { HttpClient } from "../http/http_client.ts";
import type { Receiver } from "./receiver.ts";

/** Of a message; what is longer would become a file. */
const MAX_BYTES = 4000;
const [HIGH, DEFAULT] = [4, 3];

export function ntfy({ name, output, topic }: TellUrl): Receiver {
  const client = new HttpClient(output, "application/json");
  return {
    name,
    async tell(telling, { mayHaveIt, stop }) {
      const { title } = telling;
      const message = shortened(telling.text);
      if (mayHaveIt && await isThere(telling, message, stop)) return;
      const isNews = telling.kind === "news";
      const priority = isNews ? HIGH : DEFAULT;
      const tags = [isNews ? "eyes" : "newspaper"];
      await client.post(JSON.stringify({ topic, title, message, priority, tags }), stop);
    },
    close: () => client.close(),
  };

  /** Whether the server still has the message. */
  async function isThere({ title, time }: Telling, message: string, stop: AbortSignal) {
    const url = new URL(`${topic}/json`, output.url);
    const since = Math.floor(Date.parse(time) / 1000);
    url.search = `?poll=1&since=${since}`;
    const lines = (await client.get(url, stop)).split("\n").filter(Boolean);
    return lines.some((line) => {
      try {
        const sent = JSON.parse(line);
        return sent.title === title && sent.message === message;
      } catch {
        return false; // no line of ntfy's
      }
    });
  }
}

function shortened(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_BYTES) return text;
  return new TextDecoder().decode(bytes.subarray(0, MAX_BYTES)).replace(/\n?[^\n]*$/, "") + "\n...";
}
