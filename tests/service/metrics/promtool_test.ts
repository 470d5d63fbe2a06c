/** What Debian's promtool says of the metrics and of the rules in contrib/. */

import { fromFileUrl } from "@std/path";
import { loggerMetrics } from "../../../service/control/logger_metrics.ts";
import { renderMetrics } from "../../../service/metrics/metrics_text.ts";
import { assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { MADE_UP_STATUS } from "../control/made_up_status.ts";
import { debianPrometheus } from "./debian_prometheus.ts";

const prometheus = await debianPrometheus();
const missing = "missing" in prometheus ? prometheus.missing : null;
const file = (path: string) => fromFileUrl(new URL(path, import.meta.url));

async function promtool(
  args: readonly string[],
  stdin = "",
): Promise<[code: number, said: string]> {
  const { folder } = prometheus as { folder: string };
  const child = new Deno.Command(`${folder}/promtool`, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = new Blob([stdin]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  await written;
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout) + decoder.decode(stderr)];
}

testWhen(missing, "promtool has nothing to say against the metrics", async () => {
  const text = renderMetrics(loggerMetrics(MADE_UP_STATUS), "prometheus");
  assertEquals(await promtool(["check", "metrics"], text), [0, ""]);
});

testWhen(missing, "promtool takes the rules and the example of a configuration", async () => {
  for (
    const args of [
      ["check", "rules", file("../../../contrib/prometheus/wifilogger.rules.yml")],
      ["check", "config", file("../../../contrib/prometheus/prometheus.yml")],
    ]
  ) {
    const [code, said] = await promtool(args);
    assertEquals(code, 0, said);
  }
});

testWhen(missing, "each rule fires when it should, and not before", async () => {
  const [code, said] = await promtool(["test", "rules", file("wifilogger.rules.test.yml")]);
  assertEquals(code, 0, said);
});
