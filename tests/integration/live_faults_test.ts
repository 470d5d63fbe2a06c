/** A live logger when things go wrong around it, and what it says of itself meanwhile. */

import { LAN, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import type { Household } from "../../scripts/household/household.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { RAM_LOG, startLogger, wifilogger } from "../../scripts/household/logger.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  gapsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

/** A line is due soon after the first packet, not only when the flow has been over for a while. */
const PROMPT_LINES = { env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s" } };

async function ip(household: Household, ...args: string[]): Promise<void> {
  const { code, stderr } = await household.run("router", ["ip", ...args]);
  assertEquals(code, 0, stderr.join(" "));
}

async function askStatus(household: Household): Promise<LoggerStatus> {
  const argv = wifilogger("status", "--format", "json");
  const { code, stdout, stderr } = await household.run("router", argv);
  assertEquals(code, 0, stderr.join("\n"));
  return JSON.parse(stdout.join("\n"));
}

async function untilInterfaceIs(state: "up" | "down", household: Household): Promise<void> {
  await eventually(`the interface ${state} in the status`, async () => {
    const { interfaces } = await askStatus(household);
    return interfaces[0].isUp === (state === "up");
  });
}

/** A gap was told of, and what passes after it is logged. */
async function assertResumed(household: Household): Promise<void> {
  await untilInterfaceIs("up", household);
  await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
  await eventually("a flow in the RAM log", () => flowsIn(ramLines(household)).length > 0);
  const gaps = gapsIn(ramLines(household)).filter((reason) => reason === "interface_down");
  assertEquals(gaps.length, 1);
}

testWhen(
  liveMissing,
  "run goes on when its interface goes down and comes back, and tells of the gap",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], PROMPT_LINES);
    await ip(household, "link", "set", LAN.interface, "down");
    await untilInterfaceIs("down", household);
    await ip(household, "link", "set", LAN.interface, "up");
    await assertResumed(household);
  },
);

testWhen(
  liveMissing,
  "run goes on when its interface is deleted and made anew, and tells of the gap",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], PROMPT_LINES);
    await ip(household, "link", "delete", LAN.interface);
    await untilInterfaceIs("down", household);
    await household.layLan();
    await assertResumed(household);
  },
);

testWhen(
  liveMissing,
  "run, started by a service manager, waits for an interface that is not there yet",
  async () => {
    await using household = await openLiveHousehold();
    const env = { ...PROMPT_LINES.env, NOTIFY_SOCKET: `${SCRATCH}/nobody` };
    await startLogger(household, ["--interface", "late0"], { env });
    const isLateUp = async () => (await askStatus(household)).interfaces[1].isUp;
    assertEquals(await isLateUp(), false);
    await ip(household, "link", "add", "late0", "type", "veth", "peer", "name", "late1");
    for (const name of ["late0", "late1"]) await ip(household, "link", "set", name, "up");
    await eventually("late0 up in the status", isLateUp);
  },
);

testWhen(
  liveMissing,
  "run refuses a RAM log that another logger writes, which goes on",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], PROMPT_LINES);
    const argv = wifilogger("run", "--interface", LAN.interface);
    const { code, stderr } = await household.run("router", argv);
    assertNotEquals(code, 0);
    assertEquals(stderr.length, 1, stderr.join("\n"));
    const { pid } = await askStatus(household);
    assertStringIncludes(stderr[0], `opening the RAM log ${RAM_LOG}: process ${pid} is writing it`);

    await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
    await eventually("a flow in the RAM log", () => flowsIn(ramLines(household)).length > 0);
  },
);

testWhen(
  liveMissing,
  "status tells a person what the running logger listens on and writes",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], PROMPT_LINES);
    const { code, stdout, stderr } = await household.run("router", wifilogger("status"));
    assertEquals(code, 0, stderr.join("\n"));
    const text = stdout.join("\n");
    assertStringIncludes(text, LAN.interface);
    assertStringIncludes(text, RAM_LOG);
    assertEquals((await askStatus(household)).log.isInRam, true);
    assertStringIncludes(text, "no traffic that is logged yet");

    await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
    await eventually("a flow in the RAM log", () => flowsIn(ramLines(household)).length > 0);
    const seen = await household.run("router", wifilogger("status"));
    assertMatch(
      seen.stdout.join("\n"),
      /^sees +traffic of 1 device passes here; \d devices? heard$/m,
    );
    assertMatch(seen.stdout.join("\n"), /^named by +.* \d+ %/m);
    assertMatch(seen.stdout.join("\n"), /^unsaved +\d+ records? since \d\d:\d\d:\d\d/m);
  },
);

testWhen(
  liveMissing,
  "the gap of a start begins when the logger before ended, or with what it had not written when it was killed",
  async () => {
    await using household = await openLiveHousehold();
    const first = await startLogger(household, [], PROMPT_LINES);
    const life = household.path(`${RAM_LOG}.life`);
    const startedMs = Date.now();
    await eventually("a sign of life", () => Deno.statSync(life).mtime!.getTime() > startedMs);
    const killedMs = Date.now();
    first.signal("SIGKILL");
    await first.ended;
    const second = await startLogger(household, [], PROMPT_LINES);
    const stoppedMs = Date.now();
    second.signal("SIGTERM");
    assertEquals((await second.ended).code, 0);
    const third = await startLogger(household, [], PROMPT_LINES);
    third.signal("SIGTERM");
    assertEquals((await third.ended).code, 0);

    const [none, ofKill, ofStop] = archiveLines(household).map((line) => JSON.parse(line))
      .filter(({ wifilogger }) => wifilogger.gap?.reason === "restart")
      .map(({ event }) => ({ startMs: Date.parse(event.start), endMs: Date.parse(event.end) }));
    assertEquals(none.startMs, none.endMs, "nothing is known of a logger before");
    // A sign of life each second, and lines of flows that go on 1.8 s late at most.
    assert(ofKill.startMs < killedMs && ofKill.startMs > killedMs - 4_000, "the killed one");
    assert(ofKill.endMs > killedMs, "until the next one listened");
    assert(ofStop.startMs >= stoppedMs - 100 && ofStop.startMs <= ofStop.endMs, "the one stopped");
  },
);
