/** Records to a real broker, Debian's mosquitto: in the open, and over TLS with a password. */

import { connectAsync } from "mqtt";
import { join } from "node:path";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { mqttOutput } from "../../forward/mqtt/mqtt_output.ts";
import { droppedDay } from "../../forward/outgoing.ts";
import { type OutgoingRecord, type Output, SendFailure } from "../../forward/outputs/output.ts";
import { outputUrls } from "../../service/settings/output_url.ts";

const missing = lacks({ root: true, commands: ["mosquitto", "mosquitto_passwd", "openssl"] });
const GOES_ON = new AbortController().signal;
/** mosquitto runs as a user of its own. */
const READABLE = 0o644;

/** A broker on a port of its own, with a folder for its files. */
async function startBroker(lines: (folder: string) => Promise<readonly string[]>) {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  await Deno.chmod(folder, 0o755);
  const { port } = freeAddress();
  const config = [`listener ${port} 127.0.0.1`, "persistence false", ...await lines(folder)];
  await Deno.writeTextFile(join(folder, "mosquitto.conf"), config.join("\n") + "\n");
  const child = new Deno.Command("mosquitto", {
    args: ["-c", join(folder, "mosquitto.conf")],
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
  return {
    port,
    folder,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function freeAddress(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr;
}

async function run(folder: string, program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd: folder }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** A certificate for this machine by an authority of the test's own, and a user "pi". */
async function withTlsAndPassword(folder: string): Promise<readonly string[]> {
  const key = ["-newkey", "rsa:2048", "-nodes"];
  await run(
    folder,
    "openssl",
    ..."req -x509 -days 2 -subj /CN=test -keyout ca.key -out ca.pem".split(" "),
    ...key,
  );
  await run(
    folder,
    "openssl",
    ..."req -subj /CN=localhost -keyout host.key -out host.csr".split(" "),
    ...key,
  );
  await Deno.writeTextFile(join(folder, "names"), "subjectAltName=DNS:localhost");
  await run(
    folder,
    "openssl",
    ..."x509 -req -days 2 -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out host.pem"
      .split(" "),
  );
  await run(folder, "mosquitto_passwd", "-b", "-c", "passwords", "pi", "p@ss");
  for (const name of ["ca.pem", "host.pem", "host.key", "passwords"]) {
    await Deno.chmod(join(folder, name), READABLE);
  }
  return [
    `cafile ${folder}/ca.pem`,
    `certfile ${folder}/host.pem`,
    `keyfile ${folder}/host.key`,
    `password_file ${folder}/passwords`,
    "allow_anonymous false",
  ];
}

const inTheOpen = () => Promise.resolve(["allow_anonymous true"]);

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
