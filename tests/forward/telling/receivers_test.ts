/** Telling real servers, made by the test, that take, refuse, are slow or are not there. */

import { createHmac } from "node:crypto";
import { openReceiver } from "../../../forward/telling/open_receiver.ts";
import { SendFailure } from "../../../forward/outputs/output.ts";
import type { Telling } from "../../../news/telling/telling.ts";
import { readSettings } from "../../../service/settings/read_settings.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { httpServer, mailServer } from "./receivers.ts";

const GOES_ON = new AbortController().signal;
const FIRST = { mayHaveIt: false, stop: GOES_ON };

const telling: Telling = {
  id: "0e5ad3c4-94ae-4a3e-8c3a-0a2b2c0f7f11",
  kind: "news",
  time: "2026-11-27T12:00:00.000Z",
  title: "plug: first time to Türkiye",
  text: "plug for the first time to Türkiye\n.\n  wifilogger tail --device plug",
  news: [],
};

async function receiver(url: string, secret?: string) {
  const { tell: [one], tellSecret } = readSettings({
    environment: {
      HOME: "/home/pi",
      WIFILOGGER_TELL: url,
      ...(secret && { WIFILOGGER_TELL_SECRET: secret }),
    },
  });
  return await openReceiver(one, { site: "home", secret: tellSecret });
}

async function failure(telling: Promise<void>): Promise<SendFailure> {
  const error = await assertRejects(() => telling, SendFailure);
  assert(!/hunter2/.test(error.message), error.message);
  return error;
}

Deno.test("an ntfy server gets title, text and priority, and is not told twice what it has", async () => {
  await using server = httpServer();
  const ntfy = await receiver(`ntfy://pi:hunter2@${server.host}/secret-topic`);
  await ntfy.tell(telling, FIRST);
  const [{ path, headers, body }] = server.posted;
  assertEquals(path, "/");
  assertEquals(headers.get("authorization"), `Basic ${btoa("pi:hunter2")}`);
  const { topic, title, message, priority } = JSON.parse(body);
  assertEquals([topic, title, message], ["secret-topic", telling.title, telling.text]);
  assertEquals(priority, 4);
  await ntfy.tell(telling, { mayHaveIt: true, stop: GOES_ON });
  assertEquals(server.posted.length, 1);
  await ntfy.tell({ ...telling, title: "another" }, { mayHaveIt: true, stop: GOES_ON });
  assertEquals(server.posted.length, 2);
  assert(!ntfy.name.includes("secret") && !ntfy.name.includes("hunter2"), ntfy.name);
  ntfy.close();
});

Deno.test("a webhook gets JSON that is signed, with the same id whenever it is sent again", async () => {
  await using server = httpServer();
  const webhook = await receiver(`http://${server.host}/hooks/abc`, "hunter2-hunter2");
  await webhook.tell(telling, FIRST);
  await webhook.tell(telling, FIRST);
  const [{ path, headers, body }, again] = server.posted;
  assertEquals(path, "/hooks/abc");
  assertEquals(JSON.parse(body), { site: "home", ...telling });
  const signed = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  const wanted = createHmac("sha256", "hunter2-hunter2").update(signed).digest("base64");
  assertEquals(headers.get("webhook-signature"), `v1,${wanted}`);
  assertEquals(again.headers.get("webhook-id"), headers.get("webhook-id"));
  webhook.close();
});

Deno.test("a mail server gets a mail with subject, text and a Message-ID of its own", async () => {
  await using server = mailServer();
  const mail = await receiver(
    `smtp://${server.host}?to=anna@example.org,ben@example.org&from=pi@example.org`,
  );
  await mail.tell(telling, FIRST);
  const [{ from, to, data }] = server.received;
  assertEquals([from, to], ["pi@example.org", ["anna@example.org", "ben@example.org"]]);
  assertMatch(data, /^Message-ID: <0e5ad3c4-94ae-4a3e-8c3a-0a2b2c0f7f11@home\.wifilogger>$/mi);
  assertMatch(data, /^To: <anna@example.org>,\n <ben@example.org>$/m);
  const [head, body] = data.split("\n\n");
  for (const line of head.split("\n")) assert(line.length <= 78, line);
  const text = (base64: string) =>
    new TextDecoder().decode(Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0)));
  const words = [...head.matchAll(/=\?UTF-8\?B\?(.*?)\?=/g)].map(([, word]) => text(word));
  assertEquals(words.join(""), `[home] ${telling.title}`);
  assertEquals(text(body.replaceAll("\n", "")), telling.text + "\n");
});

testWhen(
  lacks({ commands: ["openssl"] }),
  "a mail server gets a password over TLS, from a server that is believed",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    const made = async (name: string, ...more: string[]) => {
      const { success } = await new Deno.Command("openssl", {
        args: [
          ...[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
          ],
          ...["-keyout", `${name}.key`, "-out", `${name}.pem`, "-days", "2", ...more],
        ],
        cwd: folder,
        stderr: "null",
      }).output();
      assert(success, name);
    };
    await made("ca", "-subj", "/CN=test");
    await made(
      ...["server", "-subj", "/CN=localhost", "-CA", "ca.pem", "-CAkey", "ca.key"] as const,
      ...["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"],
    );
    const [cert, key] = ["server.pem", "server.key"].map((file) =>
      Deno.readTextFileSync(`${folder}/${file}`)
    );
    await using server = mailServer({ cert, key });
    const host = server.host.replace("127.0.0.1", "localhost");
    const to = `to=anna@example.org&tls-ca=${folder}/ca.pem`;
    const mail = await receiver(`smtps://pi:hunter2@${host}?${to}`);
    await mail.tell(telling, FIRST);
    assertEquals(server.received.map(({ to }) => to), [["anna@example.org"]]);
    const denied = await receiver(`smtps://pi:wrong@${host}?${to}`);
    const { kind, message } = await failure(denied.tell(telling, FIRST));
    assertEquals(kind, "denied");
    assertMatch(message, /535 who are you/);
    const unknown = await receiver(`smtps://pi:hunter2@${host}?to=anna@example.org`);
    assertMatch((await failure(unknown.tell(telling, FIRST))).message, /certificate|issuer/i);
    assertEquals(server.received.length, 1);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("who refuses, is not there or has a password and no TLS is told later, and says why", async () => {
  await using server = httpServer();
  await using mails = mailServer();
  server.behaviour.status = 403;
  const ntfy = await receiver(`ntfy://pi:hunter2@${server.host}/topic`);
  assertEquals((await failure(ntfy.tell(telling, FIRST))).message, "HTTP 403: no");
  server.behaviour.status = 503;
  assertEquals((await failure(ntfy.tell(telling, FIRST))).kind, "unreachable");
  ntfy.close();
  mails.behaviour.refuses = true;
  const mail = await receiver(`smtp://${mails.host}?to=anna@example.org`);
  assertMatch((await failure(mail.tell(telling, FIRST))).message, /550 nobody of that name/);
  const secret = await receiver(`smtp://pi:hunter2@${mails.host}?to=anna@example.org`);
  assertMatch((await failure(secret.tell(telling, FIRST))).message, /TLS/i);
  assertEquals(mails.received, []);
  using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr as Deno.NetAddr;
  closed.close();
  for (const url of ["ntfy://H/topic", "http://H/", "smtp://H?to=a@example.org", "mqtt://H"]) {
    const gone = await receiver(url.replace("H", `127.0.0.1:${port}`));
    assertMatch((await failure(gone.tell(telling, FIRST))).message, /refused/i, url);
    gone.close();
  }
});

Deno.test("who is slow is let go of when the forwarder stops", async () => {
  await using server = httpServer();
  await using mails = mailServer();
  server.behaviour.delayMs = 1500;
  mails.behaviour.isSilent = true;
  for (const url of [`ntfy://${server.host}/topic`, `smtp://${mails.host}?to=a@example.org`]) {
    const slow = await receiver(url);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const startMs = performance.now();
    await failure(slow.tell(telling, { mayHaveIt: false, stop: stop.signal }));
    assert(performance.now() - startMs < 1000, url);
    slow.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
});
