/** How `run` ends where it cannot listen: one line that says why, and an exit code. */

import { LAN, WAN } from "../../scripts/household/addresses.ts";
import { Household } from "../../scripts/household/household.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import type { Outcome } from "../../scripts/household/program.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { liveMissing } from "./live_household.ts";

function assertOneLine({ stderr }: Outcome): string {
  assertEquals(stderr.length, 1, stderr.join("\n"));
  assertMatch(stderr[0], /^wifilogger: \S/);
  return stderr[0];
}

testWhen(liveMissing, "run by a user without privilege ends with 3", async () => {
  await using household = await Household.open();
  const asNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const argv = wifilogger("run", "--interface", LAN.interface);
  const outcome = await household.run("router", [...asNobody, ...argv]);
  assertEquals(outcome.code, 3, outcome.stderr.join("\n"));
  assertOneLine(outcome);
});

testWhen(liveMissing, "run beside a service offers what looks at that one", async () => {
  await using household = await Household.open();
  await startLogger(household);
  const asNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const argv = wifilogger("run", "--interface", LAN.interface);
  for (const [who, code] of [[asNobody, 3], [[], 1]] as const) {
    const outcome = await household.run("router", [...who, ...argv]);
    assertEquals(outcome.code, code, outcome.stderr.join("\n"));
    const line = assertOneLine(outcome);
    for (const offer of ["already", "wifilogger tail -f", "top", "status"]) {
      assertStringIncludes(line, offer);
    }
  }
});

testWhen(
  liveMissing,
  "run on an interface that is not there ends with 3 and names those there are",
  async () => {
    await using household = await Household.open();
    const outcome = await household.run("router", wifilogger("run", "--interface", "wlan7"));
    assertEquals(outcome.code, 3, outcome.stderr.join("\n"));
    const line = assertOneLine(outcome);
    for (const name of ["wlan7", LAN.interface, WAN.interface]) assertStringIncludes(line, name);
  },
);

testWhen(
  liveMissing,
  "run with a setting that cannot be used ends with 2 and names it",
  async () => {
    await using household = await Household.open();
    const outcome = await household.run("router", wifilogger("run"), {
      env: { WIFILOGGER_FLUSH_INTERVAL: "soon" },
    });
    assertEquals(outcome.code, 2, outcome.stderr.join("\n"));
    assertStringIncludes(assertOneLine(outcome), "WIFILOGGER_FLUSH_INTERVAL");
  },
);
