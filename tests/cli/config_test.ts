/** `wifilogger config`, run as a user would. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { SETTING_LIST } from "../../service/settings/setting_table.ts";

/** Runs `config` with a home folder of its own, whose `.env` has this text. */
async function config(dotenv: string, args: string[], env: Record<string, string> = {}) {
  const home = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(home, ".env"), dotenv);
    const outcome = await wifilogger(["config", ...args], { env: { HOME: home, ...env } });
    return { ...outcome, home };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("`config` shows every setting with its origin, and one that is wrong beside the others", async () => {
  const dotenv = "WIFILOGGER_RETENTION=30d\nIPINFO_TOKEN=s3cret\nWIFILOGGER_RETENTON=7d\n";
  const { code, stdout, home } = await config(dotenv, ["--interface=eth0"], {
    WIFILOGGER_COMPRESS_LEVEL: "0",
    WIFILOGGER_FLUSH_INTERVAL: "5\u202em",
  });
  assertEquals(code, 2);
  for (const { name, isHidden } of SETTING_LIST) assert(isHidden || stdout.includes(`${name} `));
  const lines = stdout.replaceAll(/ +/g, " ").split("\n");
  for (
    const line of [
      "WIFILOGGER_INTERFACE --interface eth0",
      `WIFILOGGER_RETENTION ${home}/.env 30d`,
      "WIFILOGGER_COMPRESS_LEVEL environment 0",
      " WRONG: it is no level. Write a number from 1 (fast) to 9 (small)",
      "WIFILOGGER_FLUSH_INTERVAL environment 5\\u202em",
      "WIFILOGGER_RAM_LIMIT default 40MB",
      `IPINFO_TOKEN ${home}/.env (set, not shown)`,
    ]
  ) assert(lines.includes(line), `${line} is not in\n${stdout}`);
  assertStringIncludes(
    stdout,
    `WIFILOGGER_RETENTON in ${home}/.env is no setting. Did you mean WIFILOGGER_RETENTION?`,
  );
  assert(!stdout.includes("s3cret"));
});

Deno.test("`config --format json` says the same to a program, and shows no token that is wrong", async () => {
  const { code, stdout, home } = await config("IPINFO_TOKEN='not a token'\n", ["--format=json"]);
  assertEquals(code, 2);
  assert(!stdout.includes("not a token"));
  const { settings, unknown, env_file } = JSON.parse(stdout);
  assertEquals(env_file, `${home}/.env`);
  assertEquals(unknown, []);
  const token = settings.find(({ name }: { name: string }) => name === "IPINFO_TOKEN");
  assertEquals(token, {
    name: "IPINFO_TOKEN",
    value: "(not shown)",
    from: "~/.env",
    problem: "it is no token. Copy it from https://ipinfo.io/dashboard/token",
  });
});
