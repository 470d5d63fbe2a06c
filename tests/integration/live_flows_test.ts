/** A download while it goes on: on the control socket, in `run` and `tail -f`, and through the logger's death. */

import { DEVICES, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import { askFlows } from "../../service/control/control_client.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

testWhen(
  liveMissing,
  "a download is shown while it goes on, with what its records tell once more, and is no record then",
  async () => {
    await using household = await openLiveHousehold();
    const shown: string[] = [];
    await startLogger(household, ["--format", "text"], {
      env: { WIFILOGGER_ACTIVE_TIMEOUT: "3s" },
      onLine: (line) => shown.push(line),
    });
    const socket = household.path("/run/wifilogger/control.sock");
    const url = `http://${SERVERS.news.host}/600000`;
    const download = curl(household, "laptop", "--ipv4", "--limit-rate", "100k", url);
    const first = await eventually("the flow", async () => {
      const { flows } = await askFlows(socket);
      return flows.find(({ destination }) => destination.bytes > 100_000) ?? false;
    });
    assertEquals(first.destination.domain, SERVERS.news.host);
    assertEquals(first.source.ip, DEVICES.laptop.ipv4);
    assertEquals(first.destination.geo?.country_iso_code, SERVERS.news.country);
    assertEquals(ramLines(household).filter((line) => line.includes("flow_id")), []);
    const line = await eventually(
      "a line",
      () => shown.find((line) => line.endsWith("so far")) ?? false,
    );
    assertStringIncludes(line, SERVERS.news.host);

    const later = await eventually("a flow with a record", async () => {
      const { flows } = await askFlows(socket);
      return flows.find(({ wifilogger: { part } }) => part > 0) ?? false;
    });
    const { source, destination } = later.unwritten;
    // What the logger has just made a record of is in the RAM log a moment later.
    await eventually("its records", () => {
      const written = flowsIn(ramLines(household)).filter(({ wifilogger }) =>
        wifilogger.flow_id === later.wifilogger.flow_id &&
        wifilogger.part < later.wifilogger.part
      );
      const inRecords = written.reduce((sum, { network }) => sum + network.bytes, 0);
      return inRecords + source.bytes + destination.bytes === later.network.bytes;
    });
    await download;
    assert(shown.filter((line) => line.endsWith("so far")).length <= 2, shown.join("\n"));
  },
);

testWhen(
  liveMissing,
  "`tail -f` prints each record once beside a logger that flushes, is killed and starts again",
  async () => {
    await using household = await openLiveHousehold();
    const env = { WIFILOGGER_ACTIVE_TIMEOUT: "1s" };
    let logger = await startLogger(household, [], { env });
    const printed: string[] = [];
    const argv = wifilogger("tail", "-f", "--since", "1h", "--format", "json");
    const tail = household.start("router", argv, { onLine: (line) => printed.push(line) });
    const fetch = () => curl(household, "laptop", "--ipv4", `http://${SERVERS.news.host}/2000`);
    const isPrinted = (count: number) =>
      eventually(`${count} records`, () => flowsIn(printed).length >= count);
    await fetch();
    await isPrinted(1);
    await household.run("router", wifilogger("--flush-now"));
    await fetch();
    await isPrinted(2);
    logger.signal("SIGKILL");
    await logger.ended;
    logger = await startLogger(household, [], { env });
    await fetch();
    await isPrinted(3);
    logger.signal("SIGTERM");
    await logger.ended;
    const kept = archiveLines(household);
    await eventually("all that is in the archive", () => printed.length >= kept.length);
    tail.signal("SIGTERM");
    await tail.ended;
    assertEquals(printed.toSorted(), kept.toSorted());
  },
);
