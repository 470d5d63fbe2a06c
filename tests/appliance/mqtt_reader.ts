/** Prints what comes on a topic, a line a message; the first line says that it listens. Its arguments: URL TOPIC. */

import { connectAsync } from "mqtt";

const [url, topic] = Deno.args;
const client = await connectAsync(url, { reconnectPeriod: 100 }, true);
client.on("message", (_, payload) => console.log(payload.toString()));
await client.subscribeAsync(topic, { qos: 1 });
console.log("subscribed");
