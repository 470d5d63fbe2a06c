/** `wifilogger forward` as its user runs it: killed at random moments, without a network, and what it shows of its settings. */

import { join } from "@std/path";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { flowLine } from "../../news/flow_line.ts";
import { PROGRAM, wifilogger } from "../../program.ts";
import { seededRandom } from "../../../scripts/seeded_random.ts";
import { httpServer } from "./receivers.ts";

const DAY_MS = 24 * 3600e3;
const ROUNDS = 4;
const DEVICES = 3;

/** A household that is learnt, and a log to which is added. */
async function openHome(tell: string) {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const logs = join(home, "wifi_logger/logs");
  await Deno.mkdir(logs, { recursive: true });
  let made = 0;
  const add = (device: number, endMs: number) => {
    const mac = `b8:27:eb:00:00:${String(device).padStart(2, "0")}`;
    const fields = { mac, host: `device-${device}`, ip: `192.168.1.${device}` };
    const line = flowLine({ ...fields, endMs, name: "www.example.org", id: `f${made++}` });
    const path = join(logs, `${localDay(endMs)}.log`);
    return Deno.writeTextFile(path, line + "\n", { append: true });
  };
  for (let day = 10; day >= 1; day--) await add(10, Date.now() - day * DAY_MS);
  const env = {
    HOME: home,
    WIFILOGGER_RAM_LOG: join(home, "ram/today.log"),
    WIFILOGGER_FORWARD_DIR: join(home, "forward"),
    WIFILOGGER_CONTROL_SOCKET: join(home, "control.sock"),
    WIFILOGGER_TELL: tell,
    WIFILOGGER_TELL_SECRET: "hunter2-hunter2",
  };
  const [program, ...args] = PROGRAM;
  const start = () =>
    new Deno.Command(program, {
      args: [...args, "forward"],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    env,
    add,
    start,
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + 40_000;
  while (!isSo()) {
    assert(Date.now() < endMs, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The devices that were told, each as often as it was. */
function toldDevices(posted: readonly { readonly body: string }[]): string[] {
  return posted.flatMap(({ body }) =>
    [...JSON.parse(body).message.matchAll(/new device (device-\d+)/g)].map(([, device]) => device)
  ).sort();
}

Deno.test("of a forwarder that is killed at random moments nothing new is lost, and nothing told twice", async () => {
  const random = seededRandom(11);
  for (let round = 0; round < ROUNDS; round++) {
    await using server = httpServer();
    await using home = await openHome(`ntfy://${server.host}/topic`);
    const folder = join(home.env.HOME, "wifi_logger/news/told.json");
    let child = home.start();
    // What is there before it began for the first time is not told.
    await until(() => {
      try {
        return Deno.statSync(folder).isFile;
      } catch {
        return false;
      }
    }, "it has begun");
    server.behaviour.delayMs = Math.floor(random() * 100);
    for (let device = 0; device < DEVICES; device++) {
      await home.add(20 + device, Date.now());
      const atMs = Date.now() + random() * 6500;
      // Just as the message comes, or at any other moment.
      const isAtMessage = random() < 0.5;
      const before = server.posted.length;
      while (Date.now() < atMs && !(isAtMessage && server.posted.length > before)) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      child.kill("SIGKILL");
      await child.output();
      child = home.start();
    }
    const wanted = Array.from({ length: DEVICES }, (_, i) => `device-${20 + i}`);
    await until(() => toldDevices(server.posted).length >= DEVICES, `round ${round}: all are told`);
    // As long as it takes to tell something again.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill("SIGKILL");
    await child.output();
    assertEquals(toldDevices(server.posted), wanted, `round ${round}`);
  }
});

Deno.test("what is new while nobody answers is told when somebody does, and nothing shows a secret", async () => {
  await using server = httpServer();
  server.behaviour.status = 503;
  await using home = await openHome(`ntfy://pi:hunter2@${server.host}/secret-topic`);
  const child = home.start();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  await until(() => log.includes("tells ntfy://"), "it has begun");
  // Behind the hour's beginning is soon enough: what is there already is not told.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await home.add(20, Date.now());
  await until(() => log.includes("HTTP 503"), "it says why");
  assertEquals(server.posted, []);
  const examined = await wifilogger(["doctor"], { env: home.env });
  assertMatch(
    examined.stdout,
    /^warn +telling +ntfy:\S+ #[0-9a-f]{4}: 0 told .*; 1 telling WAITING.*HTTP 503/m,
  );
  server.behaviour.status = 200;
  await until(() => server.posted.length > 0, "it is told late");
  await until(() => log.includes("goes on"), "it says so");
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  await reading;
  await child.stdout.cancel();
  assertEquals(toldDevices(server.posted), ["device-20"]);
  const config = await wifilogger(["config", "--format", "json"], { env: home.env });
  assertStringIncludes(config.stdout, "WIFILOGGER_TELL_SECRET");
  const status = await wifilogger(["status"], { env: home.env });
  const wrong = await wifilogger(["forward"], {
    env: { ...home.env, WIFILOGGER_TELL: "smtp://pi:hunter2@host" },
  });
  assertEquals(wrong.code, 2);
  for (
    const text of [log, config.stdout, config.stderr, status.stdout, status.stderr, wrong.stderr]
  ) {
    for (const secret of ["hunter2", "secret-topic"]) assert(!text.includes(secret), text);
  }
});
