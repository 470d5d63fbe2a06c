/** `--flush-now` and what survives a logger that is killed, on a live interface. */

import { SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import type { Household } from "../../scripts/household/household.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import type { Program } from "../../scripts/household/program.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  flowsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

const MANY_LINES = { env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s" } };

/** An upload that goes on for as long as a test needs it; it ends with the household. */
function startUpload(household: Household): void {
  const url = `http://${SERVERS.updates.host}/0`;
  household.start("laptop", ["curl", "--silent", "--limit-rate", "50k", "-T", "/dev/zero", url]);
}

async function untilFlowsInRam(household: Household, count: number): Promise<string[]> {
  return await eventually(`${count} flow lines in the RAM log`, () => {
    const lines = ramLines(household);
    return flowsIn(lines).length >= count && lines;
  });
}

async function killed(logger: Program): Promise<void> {
  logger.signal("SIGKILL");
  await logger.ended;
}

function assertEachOnce(lines: readonly string[], expected: readonly string[]): void {
  for (const line of expected) {
    assertEquals(lines.filter((other) => other === line).length, 1, line);
  }
  const parts = flowsIn(lines).map(({ wifilogger: { flow_id, part } }) => `${flow_id} ${part}`);
  assertEquals(parts.length, new Set(parts).size, "a line is there twice");
}

testWhen(
  liveMissing,
  "--flush-now with a logger running says what was moved where, and twice works",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], MANY_LINES);
    startUpload(household);

    for (let flush = 1; flush <= 2; flush++) {
      const inRam = await untilFlowsInRam(household, 1);
      const before = archiveLines(household).length;
      const { code, stdout, stderr } = await household.run("router", wifilogger("--flush-now"));
      assertEquals(code, 0, stderr.join("\n"));
      const moved = /^flushed (\d+) records? \((.+)\) to (\/\S+\.log)$/.exec(stdout[0]);
      assert(moved !== null, stdout.join("\n"));
      const lines = archiveLines(household);
      assertEquals(lines.length, before + Number(moved[1]));
      assertEachOnce(lines, inRam);
    }
  },
);

testWhen(
  liveMissing,
  "--flush-now with no logger running moves what a killed one left, then has nothing to do",
  async () => {
    await using household = await openLiveHousehold();
    const logger = await startLogger(household, [], MANY_LINES);
    startUpload(household);
    await untilFlowsInRam(household, 1);
    await killed(logger);
    const leftOver = ramLines(household);

    const first = await household.run("router", wifilogger("--flush-now"));
    assertEquals(first.code, 0, first.stderr.join("\n"));
    assertMatch(first.stdout[0], new RegExp(`^flushed ${leftOver.length} records? `));
    assertEquals(archiveLines(household), leftOver);

    const second = await household.run("router", wifilogger("--flush-now"));
    assertEquals(second.code, 0, second.stderr.join("\n"));
    assertEquals(archiveLines(household), leftOver);
  },
);

testWhen(
  liveMissing,
  "run takes up the lines of a logger killed in mid-traffic; they reach the archive once",
  async () => {
    await using household = await openLiveHousehold();
    const first = await startLogger(household, [], MANY_LINES);
    startUpload(household);
    await untilFlowsInRam(household, 1);
    await killed(first);
    const leftOver = ramLines(household);

    const second = await startLogger(household, [], MANY_LINES);
    await untilFlowsInRam(household, flowsIn(leftOver).length + 1);
    second.signal("SIGTERM");
    const { code, stderr } = await second.ended;
    assertEquals(code, 0, stderr.join("\n"));
    assertEquals(ramLines(household), []);
    assertEachOnce(archiveLines(household), leftOver);
  },
);
