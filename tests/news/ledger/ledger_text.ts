/** A ledger as text: equal for equal ledgers, whatever came first. */

import type { Ledger } from "../../../news/ledger/ledger.ts";
import type { Spell } from "../../../news/ledger/device_seen.ts";

export function ledgerText(ledger: Ledger): string[] {
  const { entries, words, devices, forgotten } = ledger;
  const keys = new Map([...ledger.deviceKeys()].map(([key, number]) => [number, key]));
  const spells = (all: ReadonlyMap<string, Spell>) =>
    [...all].map(([text, { first, last }]) => JSON.stringify([text, first, last])).sort();
  const lines = Array.from({ length: entries.length }, (_, i) => {
    const { owner, ...sight } = entries.sightAt(i);
    const { kind, text } = words.wordOf(entries.wordAt(i));
    const device = keys.get(entries.deviceAt(i));
    return JSON.stringify({ device, kind, text, ...sight, owner: words.textOf(owner) });
  });
  const seen = devices.map((device, number) =>
    JSON.stringify([keys.get(number), device.mac, spells(device.names), spells(device.ips)])
  );
  return [...lines.sort(), ...seen.sort(), JSON.stringify(forgotten)];
}
