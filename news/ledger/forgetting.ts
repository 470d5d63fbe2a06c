/**
 * What a ledger keeps when a day is over: names and addresses of a device that were seen last, sums of the last days, and,
 * beyond its bounds, not all entries. Sites that a chatty network serves go first, then other sites, then network owners
 * and services, countries last; of each those that were not seen for the longest time. Devices are kept by when they
 * were last seen, those without a MAC address going first, each with all that is known of it.
 */

import { type SeenDevice, trimmed } from "./device_seen.ts";
import type { EntryTable } from "./entry_table.ts";
import { type Kind, OWN_WORD, type Words } from "./words.ts";

/**
 * Days whose sums are kept, of those that have any: a month, and the month before it. So a day in 2038, logged while the
 * clock was wrong, costs one of them.
 */
const DAYS_KEPT = 63;
/** A network that serves so many sites to the household is chatty: a content network, or a large host. */
const CHATTY_SITES = 20;
/** So much is kept of what is allowed, so that not every day has to forget. */
const SHARE_KEPT = 0.9;

/** The higher, the longer it is kept. */
const RANKS: Readonly<Record<Kind, number>> = {
  site: 1,
  owner: 2,
  service: 2,
  country: 3,
  day: 4,
  device: 5,
};

/** The bounds of a ledger. */
export interface LedgerBounds {
  readonly maxEntries: number;
  readonly maxDevices: number;
}

/** What of a ledger matters here. */
interface Holdings {
  readonly entries: EntryTable;
  readonly words: Words;
  readonly devices: readonly SeenDevice[];
  readonly bounds: LedgerBounds;
  deviceKeys(): Iterable<[key: string, device: number]>;
}

/** By their numbers: devices, shortened; and the places of entries, in their order. */
interface Kept {
  readonly keptDevices: ReadonlyMap<number, SeenDevice>;
  readonly keptEntries: readonly number[];
  /** Entries of days that are too long ago: these are not missed. */
  readonly oldDays: number;
}

export function whatToKeep(ledger: Holdings): Kept {
  const { entries, words, bounds: { maxEntries } } = ledger;
  const keys = keysOf(ledger);
  const keptDevices = devicesToKeep(ledger, keys);
  const firstDay = firstDayKept(words);
  const chatty = chattyOwners(ledger);
  const kept: number[] = [];
  let oldDays = 0;
  for (let index = 0; index < entries.length; index++) {
    const word = entries.wordAt(index);
    if (!keptDevices.has(entries.deviceAt(index))) continue;
    if (words.kindOf(word) === "day" && words.textOf(word) < firstDay) oldDays++;
    else kept.push(index);
  }
  if (kept.length <= maxEntries) return { keptDevices, keptEntries: kept, oldDays };
  const rankOf = (index: number) => {
    const kind = words.kindOf(entries.wordAt(index));
    return kind === "site" && chatty.has(entries.ownerAt(index)) ? 0 : RANKS[kind];
  };
  const textOf = (index: number) =>
    `${keys[entries.deviceAt(index)]}\0${words.textOf(entries.wordAt(index))}`;
  const leastFirst = kept.toSorted((a, b) =>
    rankOf(a) - rankOf(b) || entries.lastAt(a) - entries.lastAt(b) ||
    (textOf(a) < textOf(b) ? -1 : 1)
  );
  const forgotten = new Set(leastFirst.slice(0, kept.length - Math.floor(maxEntries * SHARE_KEPT)));
  return { keptDevices, keptEntries: kept.filter((index) => !forgotten.has(index)), oldDays };
}

/** The words of network owners whose networks serve very many sites to the household. */
function chattyOwners({ entries, words }: Holdings): ReadonlySet<number> {
  const sites = new Map<number, number>();
  for (let index = 0; index < entries.length; index++) {
    if (entries.deviceAt(index) !== 0 || words.kindOf(entries.wordAt(index)) !== "site") continue;
    const owner = entries.ownerAt(index);
    if (owner !== OWN_WORD) sites.set(owner, (sites.get(owner) ?? 0) + 1);
  }
  return new Set([...sites].flatMap(([owner, count]) => count >= CHATTY_SITES ? [owner] : []));
}

function firstDayKept(words: Words): string {
  const days: string[] = [];
  for (let id = 0; id < words.length; id++) {
    if (words.kindOf(id) === "day") days.push(words.textOf(id));
  }
  return days.sort().at(-DAYS_KEPT) ?? "";
}

function devicesToKeep(
  { devices, entries, bounds: { maxDevices } }: Holdings,
  keys: readonly string[],
): Map<number, SeenDevice> {
  let numbers = devices.map((_, device) => device);
  if (devices.length > maxDevices) {
    const lastOf = (device: number) => {
      const index = entries.find(device, OWN_WORD);
      return index < 0 ? 0 : entries.lastAt(index);
    };
    const rankOf = (device: number) => device === 0 ? 0 : devices[device].mac !== undefined ? 1 : 2;
    numbers = numbers.sort((a, b) =>
      rankOf(a) - rankOf(b) || lastOf(b) - lastOf(a) || (keys[a] < keys[b] ? -1 : 1)
    ).slice(0, Math.floor(maxDevices * SHARE_KEPT));
  }
  return new Map(numbers.map((device) => [device, trimmed(devices[device])]));
}

function keysOf(ledger: Holdings): string[] {
  const keys: string[] = [];
  for (const [key, device] of ledger.deviceKeys()) keys[device] = key;
  return keys;
}
