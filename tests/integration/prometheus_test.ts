/** A real Prometheus reads a real logger. */

import { assertEquals } from "../assert.ts";
import { debianPrometheus } from "../service/metrics/debian_prometheus.ts";
import { testWhen } from "../skip.ts";
import { liveMissing } from "./live_household.ts";
import { startOnLoopback } from "./log_on_loopback.ts";
import { eventually } from "../../scripts/household/eventually.ts";

const prometheus = await debianPrometheus();
const missing = liveMissing ?? ("missing" in prometheus ? prometheus.missing : null);

/** From TCP, which Prometheus speaks, to the control socket. Tells what formats were answered with. */
function bridge(socketPath: string) {
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socketPath } });
  const formats = new Set<string | null>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (asked) => {
      const accept = asked.headers.get("accept") ?? "";
      const answer = await fetch("http://localhost/metrics", { client, headers: { accept } });
      const contentType = answer.headers.get("content-type")!;
      formats.add(contentType.split(";")[0]);
      return new Response(await answer.text(), { headers: { "content-type": contentType } });
    },
  );
  return {
    port: server.addr.port,
    formats,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      client.close();
    },
  };
}

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
  "Prometheus scrapes a logger, and what it has is what the status says",
  async () => {
    await using logger = await startOnLoopback();
    await using target = bridge(logger.controlSocketPath);
    await using server = await startPrometheus(target.port);
    await eventually("a scrape", async () => await server.value("wifilogger_up") === 1);
    const status = await logger.status();
    assertEquals(await server.value('wifilogger_gaps_total{reason="restart"}'), 1);
    assertEquals(
      await server.value("wifilogger_process_start_time_seconds"),
      Date.parse(status.started) / 1e3,
    );
    assertEquals(await server.value("count(wifilogger_build_info)"), 1);
    assertEquals(await server.value('wifilogger_interface_up{interface="lo"}'), 1);
    assertEquals([...target.formats], ["application/openmetrics-text"]);
  },
);
