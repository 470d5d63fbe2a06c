/** Records to a real broker, Debian's mosquitto: in the open, and over TLS with a password. */

import { connectAsync } from "mqtt";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { inTheOpen, startBroker, withClientCertificates, withTlsAndPassword } from "./broker.ts";
import { mqttOutput } from "../../forward/mqtt/mqtt_output.ts";
import { droppedDay } from "../../forward/outgoing.ts";
import { type OutgoingRecord, type Output, SendFailure } from "../../forward/outputs/output.ts";
import { outputUrls } from "../../service/settings/output_url.ts";

const missing = lacks({ root: true, commands: ["mosquitto", "mosquitto_passwd", "openssl"] });
const GOES_ON = new AbortController().signal;

function openOutput(url: string): Output {
  return mqttOutput(outputUrls(url, "/")[0], "home");
}

/** So many records, each of a day of its own. */
function records(count: number): OutgoingRecord[] {
  return Array.from(
    { length: count },
    (_, i) => droppedDay(new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10), "home"),
  );
}

for (const version of ["3.1.1", "5"]) {
  testWhen(
    missing,
    `a broker gets each record in order, and what the logger is, by MQTT ${version}`,
    async () => {
      await using broker = await startBroker(inTheOpen);
      const url = `mqtt://127.0.0.1:${broker.port}`;
      const reader = await connectAsync(url);
      const got: string[] = [];
      const states: string[] = [];
      reader.on("message", (topic, payload) => {
        (topic === "wifilogger/home/records" ? got : states).push(payload.toString());
      });
      await reader.subscribeAsync("wifilogger/home/#", { qos: 1 });
      const output = openOutput(`${url}?mqtt-version=${version}`);
      const batch = records(300);
      for (let i = 0; i < batch.length; i += output.batchRecords) {
        await output.send(batch.slice(i, i + output.batchRecords), GOES_ON);
      }
      await output.close();
      const endMs = Date.now() + 5000;
      while (states.length < 2 && Date.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await reader.endAsync(true);
      assertEquals(got, batch.map(({ line }) => line));
      assertEquals(states.map((text) => JSON.parse(text).state), ["online", "offline"]);
    },
  );
}

testWhen(
  missing,
  "over TLS the output says why it is not let in, and gets in with what is right",
  async () => {
    await using broker = await startBroker(withTlsAndPassword);
    const at = `localhost:${broker.port}`;
    const ca = `tls-ca=${broker.folder}/ca.pem`;
    const failureOf = async (url: string) => {
      const output = openOutput(url);
      const failure = await assertRejects(() => output.send(records(1), GOES_ON), SendFailure);
      await output.close();
      return [failure.kind, failure.message];
    };
    assertEquals(await failureOf(`mqtts://pi:p%40ss@${at}`), [
      "denied",
      "TLS: invalid peer certificate: UnknownIssuer",
    ]);
    const [kind, message] = await failureOf(`mqtts://pi:wr0ng@${at}?${ca}`);
    assertEquals([kind, message.includes("wr0ng")], ["denied", false], message);
    const output = openOutput(`mqtts://pi:p%40ss@${at}?${ca}`);
    await output.send(records(5), GOES_ON);
    await output.close();
  },
);

testWhen(
  missing,
  "an output whose broker goes away fails, and goes on when the broker is back",
  async () => {
    let output: Output;
    {
      await using broker = await startBroker(inTheOpen);
      output = openOutput(`mqtt://127.0.0.1:${broker.port}`);
      await output.send(records(5), GOES_ON);
    }
    await assertRejects(() => output.send(records(5), GOES_ON), SendFailure);
    await assertRejects(() => output.send(records(5), GOES_ON), SendFailure, "ECONNREFUSED");
    await output.close();
  },
);

testWhen(
  missing,
  "a broker that demands certificates lets in who shows one, by both versions of MQTT",
  async () => {
    await using broker = await startBroker(withClientCertificates);
    const { port, folder } = broker;
    const url = `mqtts://localhost:${port}?tls-ca=${folder}/ca.pem`;
    const without = openOutput(url);
    const failure = await assertRejects(() => without.send(records(1), GOES_ON), SendFailure);
    assertEquals(failure.kind, "denied");
    assertMatch(failure.message, /^TLS: .*certificate ?required/i);
    await without.close();
    for (const version of ["3.1.1", "5"]) {
      const own = `tls-cert=${folder}/ours.pem&tls-key=${folder}/ours.key&mqtt-version=${version}`;
      const output = openOutput(`${url}&${own}`);
      await output.send(records(5), GOES_ON);
      await output.close();
    }
  },
);
