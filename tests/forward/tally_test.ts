/** The tally against records of all kinds, and against a log that grows and is flushed. */

import { assertEquals } from "../assert.ts";
import { MAX_DEVICES, TrafficTally } from "../../forward/tally/traffic_tally.ts";
import { TalliedLog } from "../../forward/tally/tallied_log.ts";
import type { LogRecord } from "../../record/log_record.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { LogStore } from "../../storage/log_store.ts";
import { systemClock } from "../../system/clock.ts";
import { scratch } from "../storage/scratch.ts";

const NOW = "2026-11-27T12:00:00.000Z";
const TODAY = localDay(Date.parse(NOW));

interface Ends {
  at?: string;
  mac?: string;
  ip?: string;
  name?: string;
  isInbound?: boolean;
}

/** 10 bytes up, 1000 down. */
function record({ at = NOW, mac, ip = "192.168.1.7", name, isInbound = false }: Ends): LogRecord {
  const local = { ip, bytes: 10, packets: 1 };
  const remote = { ip: "192.0.2.1", bytes: 1000, packets: 1 };
  return {
    "@timestamp": at,
    event: { start: at, end: at, duration: 0 },
    network: { direction: isInbound ? "inbound" : "outbound" },
    source: isInbound ? remote : { ...local, mac, domain: name },
    destination: { ...(isInbound ? local : remote), domain: "unknown" },
    wifilogger: { v: 1, flow_id: "f", part: 0 },
  } as unknown as LogRecord;
}

const gap = { "@timestamp": NOW, event: { action: "gap" } } as unknown as LogRecord;

Deno.test("a tally knows a device by its MAC address, also where a record has only its address", () => {
  const tally = new TrafficTally(TODAY);
  tally.add(record({ mac: "02:00:00:00:00:01", name: "phone" }));
  tally.add(record({ isInbound: true }));
  tally.add(record({ ip: "192.168.1.9", isInbound: true }));
  assertEquals([...tally.devices].map(({ key, name, today }) => [key, name, today]), [
    ["02:00:00:00:00:01", "phone", { up: 20, down: 2000 }],
    ["192.168.1.9", undefined, { up: 10, down: 1000 }],
  ]);
  assertEquals(tally.today, { up: 30, down: 3000 });
});

Deno.test("a tally counts today apart, and begins it anew at midnight", () => {
  const tally = new TrafficTally(TODAY);
  tally.add(record({ at: "2026-11-20T12:00:00.000Z" }));
  tally.add(record({}), { isCounted: false });
  tally.add(gap);
  const [device] = tally.devices;
  assertEquals([tally.today, device.counted, tally.gapsToday], [
    { up: 10, down: 1000 },
    { up: 10, down: 1000 },
    1,
  ]);
  tally.setDay("2026-11-28");
  assertEquals([tally.today.up, device.today.down, device.counted.up, tally.gapsToday], [
    0,
    0,
    10,
    0,
  ]);
});

Deno.test("a tally tells so many devices apart, keeps every byte, and lets silent ones go", () => {
  const tally = new TrafficTally(TODAY);
  for (let i = 0; i < MAX_DEVICES + 5; i++) tally.add(record({ ip: `10.0.0.${i}` }));
  const devices = [...tally.devices];
  assertEquals(devices.length, MAX_DEVICES);
  assertEquals(tally.others.counted, { up: 50, down: 5000 });
  const up = devices.reduce((sum, { counted }) => sum + counted.up, tally.others.counted.up);
  assertEquals(up, (MAX_DEVICES + 5) * 10);
  const later = "2026-11-28T12:00:01.000Z";
  tally.add(record({ ip: "10.0.1.1", at: later }));
  assertEquals([...tally.devices].at(-1)?.key, "10.0.1.1");
  assertEquals([...tally.devices].length, MAX_DEVICES);
});

Deno.test("a tallied log counts each record once, over flushes, and gives new gaps once", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  const now = () => new Date(systemClock.wallMs()).toISOString();
  const append = (one: LogRecord) => store.append(JSON.stringify(one) + "\n", 1);
  append(record({ at: now() }));
  const { ramLogPath, archiveDir } = place;
  const log = new TalliedLog({ ramLogPath, archiveDir }, systemClock);
  await log.refresh();
  append(record({ at: now() }));
  const newGap = {
    "@timestamp": now(),
    event: { action: "gap", start: now(), end: now(), duration: 0 },
    wifilogger: { v: 1, gap: { reason: "kernel_drop", count: 7 } },
  } as unknown as LogRecord;
  append(newGap);
  await store.flush();
  append(record({ at: now() }));
  await Promise.all([log.refresh(), log.refresh()]);
  const [device] = log.tally.devices;
  assertEquals([log.tally.today.up, device.counted.up, log.tally.gapsToday], [30, 20, 1]);
  assertEquals(log.takeGaps().map(({ wifilogger }) => wifilogger.gap.count), [7]);
  assertEquals(log.takeGaps(), []);
});
