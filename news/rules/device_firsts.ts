/** Everything that a device has met, and when first. */

import type { Ledger } from "../ledger/ledger.ts";
import type { Kind } from "../ledger/words.ts";
import type { Device } from "./household_devices.ts";
import { countryName, serviceName, sightFields } from "./news_item.ts";

/** Kinds of what a device meets. */
const MET: readonly Kind[] = ["site", "country", "owner", "service"];

/** One thing that a device has met. */
export interface DeviceFirst {
  readonly kind: "site" | "country" | "owner" | "service";
  readonly what: string;
  /** In a person's words. */
  readonly label: string;
  /** The beginning of the hour in which it was first met, milliseconds since 1970; and of the last. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly flows: number;
  readonly evidence: string;
}

/** What was met last for the first time stands first. */
export function deviceFirsts({ entries, words }: Ledger, device: Device): DeviceFirst[] {
  const numbers = new Set(device.numbers);
  const firsts = new Map<number, DeviceFirst>();
  for (let index = 0; index < entries.length; index++) {
    if (!numbers.has(entries.deviceAt(index))) continue;
    const word = entries.wordAt(index);
    const kind = words.kindOf(word);
    if (!MET.includes(kind)) continue;
    const what = words.textOf(word);
    const sight = entries.sightAt(index);
    const first: DeviceFirst = {
      kind: kind as DeviceFirst["kind"],
      what,
      label: kind === "country" ? countryName(what) : kind === "service" ? serviceName(what) : what,
      flows: sight.flows,
      ...sightFields(sight),
    };
    firsts.set(word, together(firsts.get(word), first));
  }
  return [...firsts.values()].sort((a, b) =>
    b.firstMs - a.firstMs || b.upBytes + b.downBytes - a.upBytes - a.downBytes
  );
}

/** What several MAC addresses of one device have met. */
function together(known: DeviceFirst | undefined, more: DeviceFirst): DeviceFirst {
  if (known === undefined) return more;
  return {
    ...(known.firstMs <= more.firstMs ? known : more),
    firstMs: Math.min(known.firstMs, more.firstMs),
    lastMs: Math.max(known.lastMs, more.lastMs),
    upBytes: known.upBytes + more.upBytes,
    downBytes: known.downBytes + more.downBytes,
    flows: known.flows + more.flows,
  };
}
