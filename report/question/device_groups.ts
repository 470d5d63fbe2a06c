/**
 * Which words mean one device. A device has one MAC address, and over time several addresses and names; records about it
 * may hold only some of them: a flow from outside only its address, one through another router no MAC address.
 */

import type { DeviceWord, Dictionary } from "../facts/vocabulary.ts";
import { UNKNOWN } from "./site.ts";
import type { Group } from "./group.ts";

/** Names the devices of a vocabulary, which must be complete when the first one is asked for. */
export class DeviceGroups {
  readonly #devices: Dictionary<DeviceWord>;
  #groups: Group[] | undefined;

  constructor(devices: Dictionary<DeviceWord>) {
    this.#devices = devices;
  }

  /** The device that the word with this id means: words of one device have one value. */
  groupOf(id: number): Group {
    this.#groups ??= groupsOf(this.#devices.words);
    return this.#groups[id];
  }
}

function groupsOf(words: readonly DeviceWord[]): Group[] {
  const macs = new Map<string, string>();
  for (const { mac, ip } of words) if (mac !== undefined && ip !== undefined) macs.set(ip, mac);
  const keyOf = ({ mac, ip, name }: DeviceWord) =>
    mac ?? macs.get(ip ?? "") ?? ip ?? name ?? UNKNOWN;
  // What was said last: of a device that was renamed, its new name.
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const word of words) {
    const key = keyOf(word);
    if (word.name !== undefined) names.set(key, word.name);
    // People know the IPv4 address of a device, if any.
    if (word.ip !== undefined && (!addresses.get(key)?.includes("."))) addresses.set(key, word.ip);
  }
  const keysOfNames = new Map<string, Set<string>>();
  for (const [key, name] of names) {
    keysOfNames.set(name, (keysOfNames.get(name) ?? new Set()).add(key));
  }
  return words.map((word) => {
    const key = keyOf(word);
    const name = names.get(key);
    const address = addresses.get(key) ?? key;
    // Two devices may have one name; then the address tells them apart.
    const isAmbiguous = name !== undefined && keysOfNames.get(name)!.size > 1;
    const label = name === undefined ? address : isAmbiguous ? `${name} (${address})` : name;
    return { value: label, label };
  });
}
