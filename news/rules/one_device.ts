/** The device that a person means. */

import { escapeText } from "../../record/escape_text.ts";
import { type Device, isCalled } from "./household_devices.ts";
import { NoOneDevice } from "./no_one_device.ts";

/** @throws {NoOneDevice} */
export function oneDevice(devices: readonly Device[], word: string): Device {
  const called = devices.filter((device) => isCalled(device, word));
  if (called.length === 1) return called[0];
  // An address may have been another device's before; the device's first MAC address is its own.
  const exact = called.filter(({ id, label, ips }) =>
    [id, label, ips.find((ip) => ip.includes("."))].some((text) =>
      text?.toLowerCase() === word.toLowerCase()
    )
  );
  if (exact.length === 1) return exact[0];
  const shown = escapeText(word);
  throw new NoOneDevice(
    called.length === 0
      ? `no device is called ${shown}. See: wifilogger devices`
      : `${called.length} devices are called ${shown}. Give a MAC address: ${
        called.map(({ macs, id }) => macs.at(-1) ?? id).join(", ")
      }`,
  );
}
