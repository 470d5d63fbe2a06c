/**
 * Which of the devices that records name are one. A device is one over its addresses, leases and names, by its MAC
 * address; what has none belongs to the device that had the address at that time. A MAC address that a device made up
 * belongs to the device that had the same host name before, as long as both were not there together.
 */

import { isRandomised } from "../../enrich/vendor.ts";
import { OWN_WORD } from "../ledger/words.ts";
import { HOUSEHOLD, type Ledger } from "../ledger/ledger.ts";
import { type SeenDevice, type Spell, widen } from "../ledger/device_seen.ts";

/** A device of the household. Times are quarters of an hour since 1970. */
export interface Device {
  /** Its first MAC address, or its address or name where it has none. */
  readonly id: string;
  /** What it is called: by its owner, by itself, or by its address. */
  readonly label: string;
  readonly ownName: string | undefined;
  /** The newest first, as are the addresses. */
  readonly hostNames: readonly string[];
  /** The first one first. */
  readonly macs: readonly string[];
  readonly ips: readonly string[];
  /** Whether it makes its MAC address up. */
  readonly isRandomMac: boolean;
  readonly first: number;
  readonly last: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly flows: number;
  /** Its numbers in the ledger. */
  readonly numbers: readonly number[];
}

/** What its owner calls a device, by any of its MAC addresses, or by what it has instead. */
export type OwnNames = Readonly<Record<string, string>>;

interface Member {
  readonly number: number;
  readonly key: string;
  readonly seen: SeenDevice;
  readonly spell: Spell;
}

/** Two that were there together for less than this are still one: quarters of an hour. */
const HANDOVER = 4;

/** The devices, the household itself left out, in the order in which they came. */
export function householdDevices(ledger: Ledger, ownNames: OwnNames = {}): Device[] {
  const members: Member[] = [];
  for (const [key, number] of ledger.deviceKeys()) {
    const index = number === HOUSEHOLD ? -1 : ledger.entries.find(number, OWN_WORD);
    if (index < 0) continue;
    const spell = { first: ledger.entries.firstAt(index), last: ledger.entries.lastAt(index) };
    members.push({ number, key, seen: ledger.devices[number], spell });
  }
  members.sort((a, b) => a.spell.first - b.spell.first || (a.key < b.key ? -1 : 1));
  const groups: Member[][] = [];
  for (const member of members.filter(({ seen }) => seen.mac !== undefined)) {
    const same = isRandomised(member.seen.mac!) ? sameBefore(groups, member) : undefined;
    if (same === undefined) groups.push([member]);
    else same.push(member);
  }
  const withMac = groups.slice();
  for (const member of members.filter(({ seen }) => seen.mac === undefined)) {
    const owner = withAddress(withMac, member);
    if (owner === undefined) groups.push([member]);
    else owner.push(member);
  }
  return labelled(groups.map((group) => device(group, ledger, ownNames)))
    .sort((a, b) => a.first - b.first || (a.id < b.id ? -1 : 1));
}

/** The group that had one of the member's names before, and was gone when the member came. */
function sameBefore(groups: readonly Member[][], member: Member): Member[] | undefined {
  return groups.findLast((group) =>
    group.some(({ seen }) => [...seen.names.keys()].some((name) => member.seen.names.has(name))) &&
    group.every(({ spell }) => spell.last - member.spell.first <= HANDOVER)
  );
}

/** The group that had the member's address for the longest part of the time that the member was seen. */
function withAddress(groups: readonly Member[][], { seen, spell }: Member): Member[] | undefined {
  let [best, most] = [undefined as Member[] | undefined, -Infinity];
  for (const group of groups) {
    for (const { seen: { ips } } of group) {
      for (const ip of seen.ips.keys()) {
        const had = ips.get(ip);
        if (had === undefined) continue;
        const overlap = Math.min(had.last, spell.last) - Math.max(had.first, spell.first);
        if (overlap >= most) [best, most] = [group, overlap];
      }
    }
  }
  return best;
}

function device(group: readonly Member[], ledger: Ledger, ownNames: OwnNames): Device {
  const sum = { ...group[0].spell, upBytes: 0, downBytes: 0, flows: 0 };
  const [names, ips] = [new Map<string, Spell>(), new Map<string, Spell>()];
  for (const { number, seen, spell } of group) {
    const own = ledger.entries.sightAt(ledger.entries.find(number, OWN_WORD));
    sum.upBytes += own.upBytes;
    sum.downBytes += own.downBytes;
    sum.flows += own.flows;
    widen(sum, spell);
    addSpells(names, seen.names);
    addSpells(ips, seen.ips);
  }
  const keys = group.map(({ key }) => key);
  const macs = group.flatMap(({ seen: { mac } }) => mac === undefined ? [] : [mac]);
  const hostNames = newestFirst(names);
  const ownName = keys.map((key) => ownNames[key]).find((name) => name !== undefined);
  // People know the IPv4 address of a device, if any.
  const addresses = newestFirst(ips);
  const address = addresses.find((ip) => ip.includes(".")) ?? addresses[0];
  return {
    ...sum,
    id: keys[0],
    label: ownName ?? hostNames[0] ?? address ?? keys[0],
    ownName,
    hostNames,
    macs,
    ips: addresses,
    isRandomMac: macs.length > 0 && macs.every(isRandomised),
    numbers: group.map(({ number }) => number),
  };
}

function addSpells(all: Map<string, Spell>, more: ReadonlyMap<string, Spell>): void {
  for (const [text, spell] of more) {
    const known = all.get(text);
    if (known === undefined) all.set(text, { ...spell });
    else widen(known, spell);
  }
}

function newestFirst(spells: ReadonlyMap<string, Spell>): string[] {
  return [...spells].sort(([a, one], [b, other]) => other.last - one.last || (a < b ? -1 : 1))
    .map(([text]) => text);
}

/** Two devices may have one name; then something else tells them apart. */
function labelled(devices: readonly Device[]): Device[] {
  const counts = new Map<string, number>();
  for (const { label } of devices) counts.set(label, (counts.get(label) ?? 0) + 1);
  return devices.map((one) =>
    counts.get(one.label) === 1 || one.label === one.id
      ? one
      : { ...one, label: `${one.label} (${one.macs.at(-1) ?? one.ips[0] ?? one.id})` }
  );
}

/** Whether a person's word means the device: its own name, a host name, an address or a MAC address. */
export function isCalled(one: Device, word: string): boolean {
  const wanted = word.toLowerCase().replace(
    /^((?:[0-9a-f]{2}-){5}[0-9a-f]{2})$/,
    (mac) => mac.replaceAll("-", ":"),
  );
  return [one.label, one.ownName, one.id, ...one.hostNames, ...one.macs, ...one.ips]
    .some((text) => text?.toLowerCase() === wanted);
}

/** The word by which `--device` finds the records of a device. */
export function queryWord({ hostNames, macs, ips, id, label }: Device): string {
  const isOnlyOne = !label.endsWith(")");
  return (macs.length > 1 && isOnlyOne ? hostNames[0] : macs[0]) ?? ips[0] ?? id;
}
