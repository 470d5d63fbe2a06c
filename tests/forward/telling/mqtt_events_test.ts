/** Tellings to a real broker, Debian's mosquitto. */

import { connectAsync } from "mqtt";
import { join } from "node:path";
import { openReceiver } from "../../../forward/telling/open_receiver.ts";
import type { Telling } from "../../../news/telling/telling.ts";
import { tellUrls } from "../../../service/settings/tell_url.ts";
import { assert, assertEquals } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";

const telling: Telling = {
  id: "0e5ad3c4-94ae-4a3e-8c3a-0a2b2c0f7f11",
  kind: "news",
  time: "2026-11-27T12:00:00.000Z",
  title: "plug: first time to Türkiye",
  text: "...",
  news: [],
};

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

testWhen(
  lacks({ commands: ["mosquitto"] }),
  "a broker gets an event, in both versions of MQTT",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    await Deno.chmod(folder, 0o755);
    const port = freePort();
    const config = join(folder, "mosquitto.conf");
    await Deno.writeTextFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    const broker = new Deno.Command("mosquitto", {
      args: ["-c", config],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const endMs = Date.now() + 10_000;
    for (;;) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
      connection?.close();
      if (connection !== undefined) break;
      assert(Date.now() < endMs, "the broker does not listen");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
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
    while (events.length < 2 && Date.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await reader.endAsync();
    broker.kill("SIGTERM");
    await broker.status;
    await Deno.remove(folder, { recursive: true });
    const event = `wifilogger/home/news ${JSON.stringify({ site: "home", ...telling })}`;
    assertEquals(events, [event, event]);
  },
);
