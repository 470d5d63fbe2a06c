/** What a ledger knows of a device by itself: one MAC address, or an address or a name where no MAC address was seen. */

import type { DeviceWord } from "../../report/facts/vocabulary.ts";

/** When something was first and last seen, in quarters of an hour since 1970. */
export interface Spell {
  first: number;
  last: number;
}

/** A device as records name it. */
export interface SeenDevice {
  readonly mac: string | undefined;
  /** Names that it gave itself, and when. */
  readonly names: Map<string, Spell>;
  readonly ips: Map<string, Spell>;
}

/** Names and addresses of one device that are kept, those that were seen last; an IPv6 address may change each day. */
const MAX_NAMES = 8;
const MAX_IPS = 24;
/** And at the most, until a day is over. */
const MAX_UNTRIMMED = 200;

/** Tells a device from all others that records name. */
export function seenKey({ mac, name, ip }: DeviceWord): string {
  return mac ?? ip ?? name ?? "";
}

/** The longer spell of both. */
export function widen(spell: Spell, more: Readonly<Spell>): void {
  if (more.first < spell.first) spell.first = more.first;
  if (more.last > spell.last) spell.last = more.last;
}

/** Adds a spell of a text to those that are known. @returns the one that holds it */
export function widenIn(spells: Map<string, Spell>, text: string, spell: Spell): Spell {
  const known = spells.get(text);
  if (known === undefined && spells.size < MAX_UNTRIMMED) spells.set(text, spell);
  else if (known !== undefined) widen(known, spell);
  return known ?? spell;
}

/** Without the names and addresses that are too many. */
export function trimmed({ mac, names, ips }: SeenDevice): SeenDevice {
  return { mac, names: newest(names, MAX_NAMES), ips: newest(ips, MAX_IPS) };
}

function newest(spells: ReadonlyMap<string, Spell>, most: number): Map<string, Spell> {
  const sorted = [...spells].sort(([a, { last }], [b, { last: otherLast }]) =>
    otherLast - last || (a < b ? -1 : 1)
  );
  return new Map(sorted.slice(0, most).map(([text, spell]) => [text, { ...spell }]));
}
