/** The forwarder's metrics over TCP: who may ask, what there is without a logger, and with a receiver that fails. */

import { join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { runForwarder } from "../../forward/forwarder.ts";
import { readSettings } from "../../service/settings/read_settings.ts";
import { LogStore } from "../../storage/log_store.ts";
import { systemClock } from "../../system/clock.ts";
import { scratch } from "../storage/scratch.ts";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A forwarder on a log of its own, and a way to ask it. */
async function startForwarder(more: Record<string, string> = {}) {
  const place = scratch();
  const store = await LogStore.open(place.options);
  const port = freePort();
  const settings = {
    ...readSettings({
      environment: {
        HOME: place.folder,
        WIFILOGGER_ARCHIVE_DIR: place.archiveDir,
        WIFILOGGER_METRICS_LISTEN: `127.0.0.1:${port}`,
        WIFILOGGER_CONTROL_SOCKET: join(place.folder, "nobody.sock"),
        ...more,
      },
    }),
    ramLogPath: place.ramLogPath,
    forwardDir: join(place.ramFolder, "forward"),
  };
  const said: string[] = [];
  const stop = new AbortController();
  const say = (_level: string, _component: string, message: string) => said.push(message);
  const run = runForwarder({ settings, clock: systemClock, say }, stop.signal);
  while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    store,
    said,
    ask: (headers: Record<string, string> = {}, path = "/metrics") =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await run;
      await store[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}

function line(ip: string, bytes: number): string {
  const at = new Date(systemClock.wallMs()).toISOString();
  return JSON.stringify({
    "@timestamp": at,
    event: { start: at, end: at, duration: 0 },
    network: { type: "ipv4", transport: "tcp", direction: "outbound", bytes, packets: 1 },
    source: { ip, mac: "02:00:00:00:00:01", domain: 'a"b\nc', bytes, packets: 1 },
    destination: { ip: "192.0.2.1", domain: "a.example", bytes: 0, packets: 0 },
    wifilogger: { v: 1, flow_id: String(bytes), part: 0 },
  }) + "\n";
}

Deno.test("metrics are there without a logger, which they say, and without an output", async () => {
  await using forwarder = await startForwarder();
  await (await forwarder.ask()).text();
  forwarder.store.append(line("192.168.1.7", 1234), 1);
  const answer = await forwarder.ask();
  assertEquals(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  assertMatch(text, /^wifilogger_up 0$/m);
  assertMatch(text, /^wifilogger_device_bytes_total\{device="02:00:00:00:00:01",way="up"\} 1234$/m);
  assertMatch(text, /^wifilogger_device_bytes_total\{device="other",way="up"\} 0$/m);
  assertStringIncludes(
    text,
    String.raw`wifilogger_device_info{device="02:00:00:00:00:01",name="a\"b\nc"} 1`,
  );
  const other = await forwarder.ask({}, "/");
  assertEquals([other.status, await other.text()], [404, "there is only /metrics here\n"]);
});

Deno.test("metrics tell of an output that fails, and of its password nothing", async () => {
  const port = freePort();
  await using forwarder = await startForwarder({
    WIFILOGGER_FORWARD: `http://pi:s3cret@127.0.0.1:${port}/in`,
  });
  forwarder.store.append(line("192.168.1.7", 10), 1);
  const output = `{output="http://127.0.0.1:${port}/in"}`;
  let text = "";
  for (let i = 0; i < 100 && !text.includes(`wifilogger_output_up${output} 0`); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    text = await (await forwarder.ask()).text();
  }
  assertStringIncludes(text, `wifilogger_output_up${output} 0\n`);
  assertStringIncludes(text, `wifilogger_output_failures_total${output} 1\n`);
  assertStringIncludes(text, `wifilogger_output_sent_records_total${output} 0\n`);
  assert(!text.includes(`wifilogger_output_behind_seconds${output} 0\n`), text);
  assert(!text.includes("s3cret"));
});

Deno.test("metrics with a token are for who shows it", async () => {
  await using forwarder = await startForwarder({ WIFILOGGER_METRICS_TOKEN: "s3cret-token" });
  const statusFor = async (headers: Record<string, string>) => {
    const answer = await forwarder.ask(headers);
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await statusFor({}), 401);
  assertEquals(await statusFor({ authorization: "Bearer s3cret-tokem" }), 401);
  assertEquals(await statusFor({ authorization: "Bearer s3cret-token1" }), 401);
  assertEquals(await statusFor({ authorization: "Bearer s3cret-token" }), 200);
  assert(!forwarder.said.join().includes("s3cret"));
});
