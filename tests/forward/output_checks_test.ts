/** The doctor's findings about outputs, by the progress of real forwarders. */

import { join } from "node:path";
import { assertEquals, assertMatch } from "../assert.ts";
import { checkOutputs } from "../../forward/output_checks.ts";
import { takeForwarderLock } from "../../forward/progress/forwarder_lock.ts";
import { progressName } from "../../forward/progress/progress.ts";
import { readSettings } from "../../service/settings/read_settings.ts";

const NOW_MS = Date.parse("2026-11-27T13:12:00Z");
const STATE = {
  pid: 1,
  output: "mqtt://broker:1883",
  sent: 3,
  refused: 0,
  failures: 0,
  foreign: 0,
};

/** What is found of one output whose state is given. */
async function findingsOf(
  state: object | undefined,
  { isRunning = true, env = {} }: { isRunning?: boolean; env?: Record<string, string> } = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    const settings = readSettings({
      environment: {
        HOME: "/home/pi",
        WIFILOGGER_FORWARD: "mqtt://broker",
        WIFILOGGER_FORWARD_DIR: folder,
        ...env,
      },
    });
    if (state !== undefined) {
      const path = join(folder, await progressName(settings.forward[0]));
      await Deno.writeTextFile(path, JSON.stringify(state));
    }
    using _lock = isRunning ? await takeForwarderLock(folder) : undefined;
    const service = {
      user: "pi",
      home: "/",
      envPath: "/.env",
      directives: [],
      dropIns: [],
      isPackaged: false,
    };
    await Deno.writeTextFile(join(folder, "wifilogger-forward.service"), "");
    return await checkOutputs({ settings, service, envPath: "/home/pi/.env" }, NOW_MS, [folder]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("`checkOutputs()` says that nothing is sent, and what starts the forwarder", async () => {
  const [finding] = await findingsOf(undefined, { isRunning: false });
  assertEquals([finding.level, finding.command], [
    "bad",
    "sudo systemctl enable --now wifilogger-forward",
  ]);
  const [gone] = await findingsOf(
    { ...STATE, oldestUnsent: "2026-11-27T10:00:00Z" },
    { isRunning: false },
  );
  assertMatch(gone.why, /does not run, nothing is sent; when it last did: BEHIND by 3h 12m, since/);
});

Deno.test("`checkOutputs()` says how far behind an output is, since when, why and what to do", async () => {
  assertEquals(await findingsOf(STATE), [
    { level: "ok", what: "output", why: "mqtt://broker:1883: everything is sent" },
  ]);
  const failure = { message: "ECONNREFUSED", since: "2026-11-27T10:00:02Z", next: "" };
  const behind = { ...STATE, oldestUnsent: "2026-11-27T10:00:00Z" };
  assertEquals(await findingsOf({ ...behind, failure: { ...failure, kind: "unreachable" } }), [{
    level: "bad",
    what: "output",
    why: "mqtt://broker:1883: BEHIND by 3h 12m, since 2026-11-27T10:00:00Z. " +
      "Sending fails since 2026-11-27T10:00:02Z: ECONNREFUSED",
    command: "ping -c 3 broker # is it there?",
  }]);
  const recent = { ...failure, kind: "unreachable", since: "2026-11-27T13:00:00Z" };
  assertEquals((await findingsOf({ ...behind, failure: recent }))[0].level, "warn");
  const [denied] = await findingsOf({ ...behind, failure: { ...recent, kind: "denied" } });
  assertEquals([denied.level, denied.command], [
    "bad",
    "sudo editor /home/pi/.env && sudo systemctl restart wifilogger-forward",
  ]);
  assertEquals((await findingsOf({ ...STATE, refused: 2 }))[0].level, "warn");
});

Deno.test("`checkOutputs()` tries the address of the metrics", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  const env = { WIFILOGGER_FORWARD: "", WIFILOGGER_METRICS_LISTEN: address };
  assertEquals((await findingsOf(undefined, { env })).map(({ level }) => level), ["ok"]);
  listener.close();
  const [finding] = await findingsOf(undefined, { env });
  assertEquals([finding.level, finding.why], ["bad", `nothing listens on ${address}`]);
});
