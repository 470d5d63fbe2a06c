/** What a live logger says of packets that it could not see, because it was not let run while they came. */

import { SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { assert, assertEquals } from "../assert.ts";
import { parseRecord } from "../record_schema.ts";
import { testWhen } from "../skip.ts";
import { isGap } from "../../record/log_record.ts";
import { archiveLines, liveMissing, openLiveHousehold } from "./live_household.ts";

/** Twice what the ring in the kernel can hold. */
const FLOOD_PACKETS = 100_000;

/** Sends that many datagrams to the discard port of a server, as fast as it goes. */
const FLOOD = `
  import { createSocket } from "node:dgram";
  const socket = createSocket("udp4");
  const payload = new Uint8Array(100);
  await new Promise((connected) => socket.connect(9, "${SERVERS.nameless.ipv4}", connected));
  for (let sent = 0; sent < ${FLOOD_PACKETS};) {
    // In turns, each waited for: a socket takes no more than it can hold.
    const turn = Array.from({ length: 100 }, () => new Promise((done) => socket.send(payload, done)));
    sent += (await Promise.all(turn)).length;
  }
  socket.close();`;

testWhen(
  liveMissing,
  "run tells how many packets the kernel dropped, and all others are in the log",
  async () => {
    await using household = await openLiveHousehold();
    const logger = await startLogger(household);
    logger.signal("SIGSTOP");
    const flood = await household.run("laptop", [Deno.execPath(), "eval", FLOOD]);
    logger.resume();
    assertEquals(flood.code, 0, flood.stderr.join("\n"));

    const status = await eventually("all that was received read", async () => {
      const argv = wifilogger("status", "--format", "json");
      const { stdout } = await household.run("router", argv);
      const status: LoggerStatus = JSON.parse(stdout.join("\n"));
      const [{ statistics: { received, droppedByKernel } }] = status.interfaces;
      return status.packets.frames + droppedByKernel === received && status;
    });
    const [{ statistics: { droppedByKernel } }] = status.interfaces;
    assert(droppedByKernel > 0, "the ring held all of it: send more");

    logger.signal("SIGTERM");
    await logger.ended;
    let dropped = 0;
    let logged = 0;
    for (const record of archiveLines(household).map(parseRecord)) {
      if (!isGap(record)) logged += record.network.packets;
      else if (record.wifilogger.gap.reason === "kernel_drop") {
        dropped += record.wifilogger.gap.count!;
      }
    }
    assertEquals(dropped, droppedByKernel);
    assertEquals(logged, status.packets.ipPackets - status.packets.internalPackets);
    assert(logged + dropped >= FLOOD_PACKETS, `${logged} logged, ${dropped} dropped`);
  },
);
