/**
 * What Home Assistant takes as a discovery message of a device, after its documentation
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and the pages of the platforms).
 */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import type { Json } from "./run_forwarder.ts";

const ROOT = ["device", "origin", "availability", "components", "state_topic", "qos"];
const DEVICE = [
  "identifiers",
  "connections",
  "name",
  "manufacturer",
  "model",
  "sw_version",
  "via_device",
];
const ENTITY = [
  "p",
  "unique_id",
  "name",
  "device_class",
  "entity_category",
  "value_template",
  "state_topic",
];
const PLATFORMS: Readonly<Record<string, readonly string[]>> = {
  sensor: ["unit_of_measurement", "state_class", "expire_after", "suggested_display_precision"],
  binary_sensor: ["expire_after"],
  event: ["event_types"],
};
/** By device class: the units that it takes. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  data_size: ["bit", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB"],
};

/** Fails on a message that Home Assistant would refuse or not understand. Gives the entities. */
export function checkDiscovery(topic: string, config: Json): Record<string, Json> {
  assertMatch(topic, /^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
  assertOnly(config, ROOT);
  const { device, origin, availability, components, qos } = config;
  assertOnly(device, DEVICE);
  assert(
    device.identifiers?.length > 0 || device.connections?.length > 0,
    "a device has an identifier or a connection",
  );
  for (const connection of device.connections ?? []) {
    assertEquals(connection.length, 2);
    if (connection[0] === "mac") assertMatch(connection[1], /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  }
  assertOnly(origin, ["name", "sw_version", "support_url"]);
  assertEquals(typeof origin.name, "string");
  for (const one of availability) assertEquals(Object.keys(one), ["topic"]);
  assert([0, 1, 2].includes(qos));
  const ids = new Set<string>();
  for (const [key, entity] of Object.entries<Json>(components)) {
    assertMatch(key, /^[a-zA-Z0-9_-]+$/);
    assert(entity.p in PLATFORMS, entity.p);
    assertOnly(entity, [...ENTITY, ...PLATFORMS[entity.p]]);
    assert(!ids.has(entity.unique_id), "an identifier is there once");
    ids.add(entity.unique_id);
    if (entity.p === "event") assert(entity.event_types.length > 0);
    const units = UNITS[entity.device_class];
    if (units !== undefined) assert(units.includes(entity.unit_of_measurement));
    if (entity.device_class === "timestamp") assertEquals(entity.unit_of_measurement, undefined);
  }
  return components;
}

/** Fails on a state that has not a field for each entity that shows one, of a kind that its platform takes. */
export function checkState(components: Record<string, Json>, state: Json): void {
  for (const [key, entity] of Object.entries<Json>(components)) {
    const field = /^\{\{ value_json\.(\w+) \}\}$/.exec(entity.value_template ?? "")?.[1];
    if (field === undefined) continue;
    assert(field in state, `${key}: no ${field}`);
    const value = state[field];
    if (value === null) continue;
    if (entity.p === "binary_sensor") assert(["ON", "OFF"].includes(value), `${key}: ${value}`);
    else if (entity.device_class === "timestamp") assertMatch(value, /^\d{4}-.*T.*Z$/);
    else assert(Number.isFinite(value), `${key}: ${value}`);
  }
}

function assertOnly(value: object, known: readonly string[]): void {
  assertEquals(Object.keys(value).filter((key) => !known.includes(key)), []);
}
