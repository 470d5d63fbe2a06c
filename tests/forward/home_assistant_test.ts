/** What Home Assistant would see on a real broker, from a log on this machine. */

import { connectAsync } from "mqtt";
import { join } from "node:path";
import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { forgetSites, runForwarder } from "../../forward/forwarder.ts";
import { loggerConfig } from "../../forward/home_assistant/discovery.ts";
import { loggerState } from "../../forward/home_assistant/state_values.ts";
import { TalliedLog } from "../../forward/tally/tallied_log.ts";
import { tellHomeAssistant } from "../../forward/mqtt/home_assistant.ts";
import { TrafficTally } from "../../forward/tally/traffic_tally.ts";
import { outputUrls } from "../../service/settings/output_url.ts";
import { readSettings } from "../../service/settings/read_settings.ts";
import { LogStore } from "../../storage/log_store.ts";
import { systemClock } from "../../system/clock.ts";
import { MADE_UP_STATUS } from "../service/control/made_up_status.ts";
import { scratch } from "../storage/scratch.ts";
import { inTheOpen, startBroker } from "./broker.ts";
import { checkDiscovery, checkState } from "./discovery_shape.ts";
import type { Json } from "./run_forwarder.ts";

const missing = lacks({ root: true, commands: ["mosquitto"] });
const LOGGER = "homeassistant/device/wifilogger_my_home/config";
const PHONE = "homeassistant/device/wifilogger_my_home_020000000001/config";
const BASE = "wifilogger/my.home/home-assistant";

const now = () => new Date(systemClock.wallMs()).toISOString();

function flowLine(bytes: number): string {
  const at = now();
  return JSON.stringify({
    "@timestamp": at,
    event: { start: at, end: at, duration: 0 },
    network: { type: "ipv4", transport: "tcp", direction: "outbound", bytes, packets: 1 },
    source: { ip: "192.168.1.7", mac: "02:00:00:00:00:01", domain: "phone", bytes, packets: 1 },
    destination: { ip: "192.0.2.1", domain: "a.example", bytes: 0, packets: 0 },
    wifilogger: { v: 1, flow_id: String(bytes), part: 0 },
  }) + "\n";
}

function gapLine(): string {
  const at = now();
  return JSON.stringify({
    "@timestamp": at,
    event: { action: "gap", start: at, end: at, duration: 0 },
    observer: { ingress: { interface: { name: "wlan0" } } },
    wifilogger: { v: 1, gap: { reason: "kernel_drop", count: 7 } },
  }) + "\n";
}

/** Somebody who subscribes to everything: messages in order, `isKept` where the broker had it before. */
async function startReader(url: string) {
  const client = await connectAsync(url);
  const messages: { topic: string; text: string; isKept: boolean }[] = [];
  client.on("message", (topic, payload, { retain }) => {
    messages.push({ topic, text: payload.toString(), isKept: retain });
  });
  await client.subscribeAsync("#", { qos: 1 });
  return {
    client,
    messages,
    last: (topic: string): Json => {
      const text = messages.findLast((one) => one.topic === topic)?.text;
      return text ? JSON.parse(text) : undefined;
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}

testWhen(
  missing,
  "Home Assistant is told of logger and devices, again when it starts, and of gaps",
  async () => {
    await using broker = await startBroker(inTheOpen);
    using place = scratch();
    await using store = await LogStore.open(place.options);
    store.append(flowLine(1000), 1);
    const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
    await using reader = await startReader(brokerUrl);
    const stop = new AbortController();
    const { ramLogPath, archiveDir } = place;
    const run = tellHomeAssistant({
      url: outputUrls(`${brokerUrl}?home-assistant=devices`, "/")[0],
      site: "my.home",
      controlSocketPath: join(place.folder, "nobody.sock"),
      states: () => [],
      log: new TalliedLog({ ramLogPath, archiveDir }, systemClock),
      clock: systemClock,
      say: () => {},
      tellMs: 100,
    }, stop.signal);
    await eventually("state of the phone", () => reader.last(`${BASE}/devices/020000000001`));
    const components = checkDiscovery(LOGGER, reader.last(LOGGER));
    checkState(components, reader.last(`${BASE}/state`));
    const { device, state_topic } = reader.last(PHONE);
    checkState(checkDiscovery(PHONE, reader.last(PHONE)), reader.last(state_topic));
    assertEquals([device.name, device.connections, device.via_device], [
      "phone",
      [["mac", "02:00:00:00:00:01"]],
      "wifilogger_my_home",
    ]);

    store.append(flowLine(500), 1);
    store.append(gapLine(), 1);
    await eventually("more of the phone", () => reader.last(state_topic).up_today === 1500);
    await eventually("a gap", () => reader.last(`${BASE}/gaps`) !== undefined);
    const gap = reader.last(`${BASE}/gaps`);
    assert(components.gap.event_types.includes(gap.event_type), gap.event_type);
    assertEquals([components.gap.state_topic, gap.event_type, gap.count, gap.interface], [
      `${BASE}/gaps`,
      "kernel_drop",
      7,
      "wlan0",
    ]);
    await eventually("it counted", () => reader.last(`${BASE}/state`).gaps_today === 1);
    // No logger runs, and nobody knows of drops then.
    const state = reader.last(`${BASE}/state`);
    assertEquals([state.not_logging, state.dropped_packets, state.active_devices], ["ON", null, 1]);

    const told = () => reader.messages.filter(({ topic }) => topic === LOGGER).length;
    assertEquals(told(), 1);
    await reader.client.publishAsync("homeassistant/status", "online");
    await eventually("it told again", () => told() === 2);
    stop.abort();
    await run;
    await using later = await startReader(brokerUrl);
    await eventually("what is kept", () => later.messages.length >= 5);
    assertEquals(
      later.messages.map(({ topic, isKept }) => [topic, isKept]).sort(),
      [LOGGER, PHONE, `${BASE}/availability`, `${BASE}/devices/020000000001`, `${BASE}/state`]
        .map((topic) => [topic, true]).sort(),
    );
    assertEquals(
      later.messages.find(({ topic }) => topic.endsWith("availability"))?.text,
      "offline",
    );
  },
);

testWhen(
  missing,
  "a broker forgets this site, and nothing of others; how far records are sent stays",
  async () => {
    await using broker = await startBroker(inTheOpen);
    using place = scratch();
    await using store = await LogStore.open(place.options);
    store.append(flowLine(1000), 1);
    const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
    await using reader = await startReader(brokerUrl);
    const others = [
      [
        "homeassistant/device/wifilogger_my_home_2/config",
        JSON.stringify(loggerConfig("my.home_2")),
      ],
      ["homeassistant/device/kettle/config", '{"origin":{"name":"kettle"}}'],
      ["wifilogger/my.home.2/status", "online"],
    ];
    for (const [topic, text] of others) {
      await reader.client.publishAsync(topic, text, { qos: 1, retain: true });
    }
    const settings = {
      ...readSettings({
        environment: {
          HOME: place.folder,
          WIFILOGGER_FORWARD: `${brokerUrl}?home-assistant=devices`,
          WIFILOGGER_SITE: "my.home",
          WIFILOGGER_ARCHIVE_DIR: place.archiveDir,
          WIFILOGGER_CONTROL_SOCKET: join(place.folder, "nobody.sock"),
        },
      }),
      ramLogPath: place.ramLogPath,
      forwardDir: join(place.ramFolder, "forward"),
    };
    const stop = new AbortController();
    const run = runForwarder({ settings, clock: systemClock, say: () => {} }, stop.signal);
    await eventually(
      "a record and a device",
      () =>
        [`wifilogger/my.home/records`, `${BASE}/devices/020000000001`].every((topic) =>
          reader.last(topic)
        ),
    );
    stop.abort();
    await run;
    const progress = () => [...Deno.readDirSync(settings.forwardDir)].map(({ name }) => name);
    const before = progress();
    const removed = await forgetSites(settings);
    assertEquals([...removed], [[brokerUrl, [
      LOGGER,
      PHONE,
      `${BASE}/availability`,
      `${BASE}/devices/020000000001`,
      `${BASE}/state`,
      "wifilogger/my.home/status",
    ]]]);
    await using later = await startReader(brokerUrl);
    await eventually("what is kept", () => later.messages.length >= others.length);
    assertEquals(
      later.messages.map(({ topic }) => topic).sort(),
      others.map(([topic]) => topic).sort(),
    );
    assertEquals(progress(), before);
  },
);

Deno.test("the state of a running logger has a value for each entity", () => {
  const components = loggerConfig("home").components as Record<string, Json>;
  const tally = new TrafficTally("2026-11-27");
  const parts = { status: MADE_UP_STATUS, tally, isOutputFailing: true, nowMs: 0 };
  const state = loggerState(parts);
  checkState(components, state);
  assertEquals(Object.values(state).filter((value) => value === null), []);
  assertEquals(state.output_behind, "ON");
});
