import { join } from "@std/path";
import { assertEquals } from "../../assert.ts";
import { checkPrivacy } from "../../../service/doctor/privacy_check.ts";
import type { Patient } from "../../../service/doctor/finding.ts";
import { readSettings } from "../../../service/settings/read_settings.ts";
import { MADE_UP_STATUS } from "../control/made_up_status.ts";

Deno.test("the doctor says what earlier settings of privacy have left", async () => {
  const home = await Deno.makeTempDir();
  try {
    const levels = async (privacy: string, leaveOut = "") => {
      const settings = readSettings({
        environment: { HOME: home, WIFILOGGER_PRIVACY: privacy, WIFILOGGER_LEAVE_OUT: leaveOut },
      });
      const answer = { kind: "running", status: MADE_UP_STATUS } as const;
      const findings = await checkPrivacy({ settings, answer } as Patient);
      return findings.map(({ level, command }) => [level, command]);
    };
    const restart = ["warn", "stop the logger, and start it again"];
    assertEquals(await levels("full"), [["ok", undefined]]);
    assertEquals(await levels("sites"), [restart]);
    assertEquals(await levels("full", "tv"), [restart]);
    const cache = join(home, "wifi_logger/ip_location_cache.json");
    await Deno.mkdir(join(home, "wifi_logger"));
    await Deno.writeTextFile(cache, "{}");
    assertEquals(await levels("full"), [["ok", undefined]]);
    assertEquals(await levels("devices"), [restart, ["warn", `rm ${cache}`]]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
