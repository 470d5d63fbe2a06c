import { fromFileUrl } from "@std/path";
import { assertEquals } from "../../assert.ts";

const MODULE = new URL("../../../service/program/diagnostics.ts", import.meta.url);

/** What stands on stderr after three lines were said. */
async function stderrOf(env: Record<string, string>): Promise<string> {
  const script = `
    import { sayOnStderr } from ${JSON.stringify(MODULE.href)};
    const say = sayOnStderr();
    say("info", "capture", "listening on wlan0");
    say("warning", "log", "one thing\\nand another");
    say("error", "control", "it failed");`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd: fromFileUrl(new URL("../../..", import.meta.url)),
    env: { NO_COLOR: "1", ...env },
  }).output();
  assertEquals(stdout.length, 0);
  return new TextDecoder().decode(stderr);
}

Deno.test("`sayOnStderr()` writes a line each, with level and component", async () => {
  assertEquals(
    await stderrOf({}),
    "wifilogger: capture: listening on wlan0\n" +
      "wifilogger: warning: log: one thing and another\n" +
      "wifilogger: error: control: it failed\n",
  );
});

Deno.test("`sayOnStderr()` gives the journal its level numbers", async () => {
  assertEquals(
    await stderrOf({ JOURNAL_STREAM: "8:12345" }),
    "<6>capture: listening on wlan0\n<4>log: one thing and another\n<3>control: it failed\n",
  );
});
