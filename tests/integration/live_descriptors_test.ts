/** A logger that has no file descriptor left: what it captures stays whole, and it goes on when there are some again. */

import { SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import {
  archiveLines,
  flowsIn,
  gapsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

const missing = liveMissing ?? lacks({ commands: ["prlimit"] });
const CONTROL_SOCKET = "/run/wifilogger/control.sock";
const ENVIRONMENT = { WIFILOGGER_ACTIVE_TIMEOUT: "1s", WIFILOGGER_FLUSH_INTERVAL: "2s" };
const UPLOAD = ["--limit-rate", "50k", "-T", "/dev/zero", `http://${SERVERS.updates.host}/0`];

function limitDescriptors(pid: number, count: number): void {
  const { success } = new Deno.Command("prlimit", { args: [`--pid=${pid}`, `--nofile=${count}:`] })
    .outputSync();
  assert(success);
}

function descriptorsOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

testWhen(
  missing,
  "run loses nothing when its file descriptors are used up, and recovers",
  async () => {
    await using household = await openLiveHousehold();
    const logger = await startLogger(household, [], { env: ENVIRONMENT });
    const { pid } = logger;
    const upload = household.start("laptop", ["curl", "--silent", ...UPLOAD]);
    await eventually("a flush", () => flowsIn(archiveLines(household)).length > 0);

    // As many visitors as use up what is left, and more who wait.
    limitDescriptors(pid, descriptorsOf(pid) + 20);
    const visitors: Deno.Conn[] = [];
    const path = household.path(CONTROL_SOCKET);
    for (let i = 0; i < 60; i++) visitors.push(await Deno.connect({ transport: "unix", path }));
    await logger.said("Too many open files");
    const inRam = ramLines(household).length;
    await eventually("records meanwhile", () => ramLines(household).length > inRam + 3);
    for (const visitor of visitors) visitor.close();
    limitDescriptors(pid, 1024);

    const status = async (): Promise<LoggerStatus> => {
      const { stdout } = await household.run("router", wifilogger("status", "--format", "json"));
      return JSON.parse(stdout.join("\n"));
    };
    await eventually("a flush again", () => ramLines(household).length < inRam + 3);
    assertGreater((await status()).log.failedFlushes, 0);
    upload.signal("SIGTERM");
    await upload.ended;
    const { packets } = await eventually("all that was received read", async () => {
      const now = await status();
      return now.packets.frames === now.interfaces[0].statistics.received && now;
    });
    logger.signal("SIGTERM");
    assertEquals((await logger.ended).code, 0, logger.stderr.join("\n"));

    const lines = archiveLines(household);
    assertEquals(gapsIn(lines), ["restart"]);
    const byFlow = Map.groupBy(flowsIn(lines), ({ wifilogger: { flow_id } }) => flow_id);
    for (const parts of byFlow.values()) {
      assertEquals(parts.map(({ wifilogger: { part } }) => part), parts.map((_, i) => i));
    }
    const logged = flowsIn(lines).reduce((sum, { network: { packets } }) => sum + packets, 0);
    assertEquals(logged, packets.ipPackets - packets.internalPackets);
  },
);
