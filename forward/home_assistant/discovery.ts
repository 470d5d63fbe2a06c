/**
 * What Home Assistant is told of devices: discovery messages for its MQTT integration, a device and its entities in each
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload).
 */

import { VERSION } from "../../service/program/version.ts";
import type { TalliedDevice } from "../tally/traffic_tally.ts";

/** Home Assistant's own prefix, unless somebody has changed it there. */
const PREFIX = "homeassistant";
/** Where it says that it has started: then it wants to be told all of it again. */
export const BIRTH_TOPIC = `${PREFIX}/status`;
/** All devices that anybody tells of. */
export const CONFIG_TOPICS = `${PREFIX}/device/+/config`;
/** By it our own messages are known among those of others. */
export const ORIGIN = "wifilogger";
/** A household device of which nothing was said for so long is shown as unavailable. */
const EXPIRES_S = 300;

/** The names of a site's topics. */
export interface SiteTopics {
  /** Everything below it is ours. */
  readonly base: string;
  /** `online`, or `offline` when the forwarder has gone. */
  readonly availability: string;
  readonly state: string;
  readonly gaps: string;
  device(id: string): string;
}

/** The topics on which figures are told. */
export function siteTopics(site: string): SiteTopics {
  const base = `wifilogger/${site}/home-assistant`;
  return {
    base,
    availability: `${base}/availability`,
    state: `${base}/state`,
    gaps: `${base}/gaps`,
    device: (id) => `${base}/devices/${id}`,
  };
}

/** The identifier of the logger; a name of a topic, of letters, digits, `_` and `-`. */
export function loggerId(site: string): string {
  return `wifilogger_${site.replace(/[^\w-]/g, "_")}`;
}

/** A MAC address without its colons, for identifiers and topics. */
export function deviceId(mac: string): string {
  return mac.toLowerCase().replace(/[^\da-f]/g, "");
}

/** The topic of the discovery message of a device with this identifier. */
export function configTopic(id: string): string {
  return `${PREFIX}/device/${id}/config`;
}

/** An entity: `p` is its platform. */
type Entity = Readonly<Record<string, unknown>>;

const BYTES = {
  p: "sensor",
  device_class: "data_size",
  unit_of_measurement: "B",
  state_class: "total_increasing",
};
const DIAGNOSTIC = { entity_category: "diagnostic" };

/** The discovery message of the logger. */
export function loggerConfig(site: string): Record<string, unknown> {
  const id = loggerId(site);
  const topics = siteTopics(site);
  const problem = { p: "binary_sensor", device_class: "problem", ...DIAGNOSTIC };
  return {
    device: {
      identifiers: [id],
      name: `wifilogger ${site}`,
      manufacturer: ORIGIN,
      model: "traffic logger",
      sw_version: VERSION,
    },
    ...shared(topics, topics.state),
    components: entities(id, {
      up_today: { ...BYTES, name: "Sent today" },
      down_today: { ...BYTES, name: "Received today" },
      active_devices: { p: "sensor", name: "Devices active", state_class: "measurement" },
      dropped_packets: {
        p: "sensor",
        name: "Packets dropped",
        state_class: "total_increasing",
        ...DIAGNOSTIC,
      },
      gaps_today: {
        p: "sensor",
        name: "Gaps today",
        state_class: "total_increasing",
        ...DIAGNOSTIC,
      },
      next_flush: { p: "sensor", name: "Next flush", device_class: "timestamp", ...DIAGNOSTIC },
      card_wear: {
        p: "sensor",
        name: "Card wear a year",
        unit_of_measurement: "%",
        state_class: "measurement",
        suggested_display_precision: 2,
        ...DIAGNOSTIC,
      },
      not_logging: { ...problem, name: "Logging" },
      records_lost: { ...problem, name: "Records lost" },
      flush_failed: { ...problem, name: "Flush" },
      clock_not_set: { ...problem, name: "Clock" },
      output_behind: { ...problem, name: "Outputs" },
      gap: {
        p: "event",
        name: "Gap in the log",
        state_topic: topics.gaps,
        event_types: ["kernel_drop", "interface_down", "ram_full", "restart", "undecodable"],
      },
    }),
  };
}

/** The discovery message of a device of the household whose MAC address is known. */
export function deviceConfig(
  site: string,
  { name, manufacturer, mac }: Pick<TalliedDevice, "name" | "manufacturer"> & { mac: string },
): Record<string, unknown> {
  const hex = deviceId(mac);
  const topics = siteTopics(site);
  const connection = hex.match(/../g)!.join(":");
  const sum = { ...BYTES, expire_after: EXPIRES_S };
  return {
    device: {
      // What else knows the device by this address, a router or a plug, is one device with it.
      connections: [["mac", connection]],
      name: name ?? connection,
      manufacturer,
      via_device: loggerId(site),
    },
    ...shared(topics, topics.device(hex)),
    components: entities(`${loggerId(site)}_${hex}`, {
      up_today: { ...sum, name: "Sent today" },
      down_today: { ...sum, name: "Received today" },
    }),
  };
}

function shared({ availability }: SiteTopics, stateTopic: string): Record<string, unknown> {
  return {
    origin: { name: ORIGIN, sw_version: VERSION },
    availability: [{ topic: availability }],
    state_topic: stateTopic,
    qos: 1,
  };
}

/** Each with an identifier of its own, and the field of the state that it shows. */
function entities(id: string, given: Readonly<Record<string, Entity>>): Record<string, Entity> {
  return Object.fromEntries(
    Object.entries(given).map(([key, entity]) => [key, {
      ...entity,
      unique_id: `${id}_${key}`,
      ...(entity.p === "event" ? {} : { value_template: `{{ value_json.${key} }}` }),
    }]),
  );
}
