/** Tellings to a real broker, Debian's mosquitto. */

import { connectAsync } from "mqtt";
import { openReceiver } from "../../../forward/telling/open_receiver.ts";
import type { Telling } from "../../../news/telling/telling.ts";
import { eventually } from "../../../scripts/household/eventually.ts";
import { tellUrls } from "../../../service/settings/tell_url.ts";
import { assertEquals } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { startBroker } from "../broker.ts";

const telling: Telling = {
  id: "0e5ad3c4-94ae-4a3e-8c3a-0a2b2c0f7f11",
  kind: "news",
  time: "2026-11-27T12:00:00.000Z",
  title: "plug: first time to Türkiye",
  text: "...",
  news: [],
};

testWhen(
  lacks({ commands: ["mosquitto"] }),
  "a broker gets an event, in both versions of MQTT",
  async () => {
    await using broker = await startBroker(() => Promise.resolve(["allow_anonymous true"]));
    const { port } = broker;
    const reader = await connectAsync(`mqtt://127.0.0.1:${port}`);
    const events: string[] = [];
    reader.on("message", (topic, payload) => events.push(`${topic} ${payload}`));
    await reader.subscribeAsync("wifilogger/#", { qos: 1 });
    for (const options of ["", "?mqtt-version=5"]) {
      const [url] = tellUrls(`mqtt://127.0.0.1:${port}${options}`, "/");
      const receiver = await openReceiver(url, { site: "home", secret: undefined });
      await receiver.tell(telling, { mayHaveIt: false, stop: new AbortController().signal });
      receiver.close();
    }
    await eventually("both events", () => events.length >= 2);
    await reader.endAsync();
    const event = `wifilogger/home/news ${JSON.stringify({ site: "home", ...telling })}`;
    assertEquals(events, [event, event]);
  },
);
