/** A real Prometheus reads a real logger, by way of a real forwarder. */

import { assertEquals } from "../assert.ts";
import { debianPrometheus } from "../service/metrics/debian_prometheus.ts";
import { testWhen } from "../skip.ts";
import { liveMissing } from "./live_household.ts";
import { PROGRAM } from "../program.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { type LoopbackLogger, startOnLoopback } from "./log_on_loopback.ts";

const prometheus = await debianPrometheus();
const missing = liveMissing ?? ("missing" in prometheus ? prometheus.missing : null);

/** The forwarder of a logger, which serves metrics on a port of its own. */
function startForwarder(logger: LoopbackLogger, port: number) {
  const [program, ...first] = PROGRAM;
  const child = new Deno.Command(program, {
    args: [...first, "forward"],
    env: {
      TZ: "UTC",
      HOME: logger.home,
      WIFILOGGER_RAM_LOG: logger.ramLogPath,
      WIFILOGGER_CONTROL_SOCKET: logger.controlSocketPath,
      WIFILOGGER_FORWARD_DIR: `${logger.home}/forward`,
      WIFILOGGER_METRICS_LISTEN: `127.0.0.1:${port}`,
      WIFILOGGER_METRICS_TOKEN: TOKEN,
    },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0);
    },
  };
}

const TOKEN = "s3cret-token";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts Prometheus with one target, and gives a way to ask it. */
async function startPrometheus(targetPort: number) {
  const { folder } = prometheus as { folder: string };
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const port = freePort();
  await Deno.writeTextFile(
    `${home}/prometheus.yml`,
    JSON.stringify({
      global: { scrape_interval: "1s" },
      scrape_configs: [{
        job_name: "wifilogger",
        authorization: { credentials: TOKEN },
        static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }],
      }],
    }),
  );
  const child = new Deno.Command(`${folder}/prometheus`, {
    args: [
      `--config.file=${home}/prometheus.yml`,
      `--storage.tsdb.path=${home}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    /** The value of a query's only sample; `undefined` when it has none. */
    async value(query: string): Promise<number | undefined> {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      // Until it is ready it answers 503, in words.
      const answer = await fetch(url).then((answer) => answer.json()).catch(() => undefined);
      const text = answer?.data?.result?.[0]?.value[1];
      return text === undefined ? undefined : Number(text);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(home, { recursive: true });
    },
  };
}

testWhen(
  missing,
  "Prometheus scrapes a logger by its forwarder, and what it has is what the status says",
  async () => {
    await using logger = await startOnLoopback();
    const port = freePort();
    await using _forwarder = startForwarder(logger, port);
    await using server = await startPrometheus(port);
    await eventually("a scrape", async () => await server.value("wifilogger_up") === 1);
    const status = await logger.status();
    assertEquals(await server.value('wifilogger_gaps_total{reason="restart"}'), 1);
    assertEquals(
      await server.value("wifilogger_process_start_time_seconds"),
      Date.parse(status.started) / 1e3,
    );
    assertEquals(await server.value("count(wifilogger_build_info)"), 1);
    assertEquals(await server.value('wifilogger_interface_up{interface="lo"}'), 1);
    await eventually(
      "a device",
      async () => (await server.value('wifilogger_device_bytes_total{way="up"}') ?? -1) >= 0,
    );
    assertEquals(await server.value('up{job="wifilogger"}'), 1);
    await logger.stop();
    await eventually(
      "the end of the logger",
      async () => await server.value("wifilogger_up") === 0,
    );
    assertEquals(await server.value('up{job="wifilogger"}'), 1);
  },
);
