/**
 * The ledger of firsts: for each device, and for the household, every site, country, network owner and service, with
 * when it was first and last seen, how much passed, and by which evidence. A function of the log's records: their order
 * within a day does not matter.
 *
 * It is bounded: with more than `MAX_ENTRIES` entries, or `MAX_DEVICES` devices, those are forgotten that matter least
 * (`forgetting.ts`), and counted.
 */

import type { Fact, FactSink } from "../../report/facts/fact.ts";
import { Vocabulary } from "../../report/facts/vocabulary.ts";
import { type SeenDevice, seenKey, type Spell, widen, widenIn } from "./device_seen.ts";
import { EntryTable, type Sight } from "./entry_table.ts";
import { type LedgerBounds, whatToKeep } from "./forgetting.ts";
import { QUARTER_MS } from "./quarter.ts";
import { FactWords, OWN_WORD, Words } from "./words.ts";

/** The household as a whole, among the devices of a ledger. */
export const HOUSEHOLD = 0;
export const MAX_ENTRIES = 100_000;
export const MAX_DEVICES = 2_000;
/** Beyond the bound by so much, a ledger does not wait for the end of a day. */
const OVERFLOW = 1.1;
/** Words of records that are held at once. */
const MAX_VOCABULARY = 4_000;

/** What a ledger has forgotten. */
export interface Forgotten {
  entries: number;
  devices: number;
  /** Bytes of facts that days of very many rows had summed as "other": of them only the device is known. */
  otherBytes: number;
}

/** Firsts of devices and words, by their numbers. */
export class Ledger implements FactSink {
  readonly bounds: LedgerBounds;
  readonly forgotten: Forgotten = { entries: 0, devices: 0, otherBytes: 0 };
  #words = new Words();
  #entries = this.#newTable();
  #devices: SeenDevice[] = [];
  #devicesByKey = new Map<string, number>();
  /** The words of the records that are read now, and what each is here. */
  #vocabulary = new Vocabulary();
  #factWords = new FactWords(this.#vocabulary, this.#words);
  #seen: { readonly device: number; readonly spells: readonly Spell[] }[] = [];
  readonly #sight: Sight = {
    first: 0,
    last: 0,
    upBytes: 0,
    downBytes: 0,
    flows: 0,
    evidence: 0,
    owner: 0,
  };
  /** Entries that are new since this was last looked at. */
  #added = 0;

  constructor(bounds: LedgerBounds = { maxEntries: MAX_ENTRIES, maxDevices: MAX_DEVICES }) {
    this.bounds = bounds;
    this.device({ mac: undefined, names: new Map(), ips: new Map() }, "household");
  }

  #newTable(): EntryTable {
    return new EntryTable((a, b) => this.#words.textOf(a) < this.#words.textOf(b));
  }

  get entries(): EntryTable {
    return this.#entries;
  }

  get words(): Words {
    return this.#words;
  }

  /** Number `HOUSEHOLD` is the household. */
  get devices(): readonly SeenDevice[] {
    return this.#devices;
  }

  /**
   * Where facts' words are looked up now; to be asked for at each block, since it is renewed when it has grown large, or
   * when the ledger has had to forget.
   */
  get vocabulary(): Vocabulary {
    const { maxEntries, maxDevices } = this.bounds;
    const isTooMuch = this.#entries.length > maxEntries * OVERFLOW ||
      this.#devices.length > maxDevices * OVERFLOW;
    if (isTooMuch) this.forget();
    if (this.#vocabulary.names.words.length > MAX_VOCABULARY) this.#renewVocabulary();
    return this.#vocabulary;
  }

  /** How many entries came since this was last asked. */
  takeAdded(): number {
    const added = this.#added;
    this.#added = 0;
    return added;
  }

  /** Adds a fact whose words are of `vocabulary`. */
  fact(fact: Readonly<Fact>): void {
    const words = this.#factWords;
    const isOther = words.isOther(fact);
    if (isOther) this.forgotten.otherBytes += fact.upBytes + fact.downBytes;
    const found = words.wordsOf(fact);
    if (found === undefined) return;
    const quarter = fact.hourMs / QUARTER_MS;
    const sight = this.#sight;
    sight.first = sight.last = quarter;
    sight.upBytes = fact.upBytes;
    sight.downBytes = fact.downBytes;
    sight.flows = fact.flows;
    sight.evidence = found.evidence;
    sight.owner = found.owner;
    const device = this.#deviceOf(fact.device, quarter);
    for (const word of found.words) {
      if (this.#entries.add(HOUSEHOLD, word, sight)) this.#added++;
      if (device !== HOUSEHOLD && this.#entries.add(device, word, sight)) this.#added++;
    }
  }

  gap(): void {}

  foreign(): void {}

  /**
   * The number of a device that a record names, by an id of `vocabulary`; it is seen at that time. Of a record that names
   * none, the household's.
   */
  #deviceOf(id: number, quarter: number): number {
    let seen = this.#seen[id];
    if (seen === undefined) {
      const { mac, name, ip } = this.#vocabulary.devices.words[id];
      const spell = () => ({ first: quarter, last: quarter });
      const key = seenKey({ mac, name, ip });
      // Of what is left out, and of merged flows of many.
      if (key === "") return HOUSEHOLD;
      const device = this.device({ mac, names: new Map(), ips: new Map() }, key);
      const { names, ips } = this.#devices[device];
      const spells: Spell[] = [];
      if (name !== undefined) spells.push(widenIn(names, name, spell()));
      if (ip !== undefined) spells.push(widenIn(ips, ip, spell()));
      seen = this.#seen[id] = { device, spells };
    }
    for (const spell of seen.spells) widen(spell, { first: quarter, last: quarter });
    return seen.device;
  }

  /** The number of the device with this key; its names and addresses are added. */
  device({ mac, names, ips }: SeenDevice, key = seenKey({ mac, name: undefined, ip: undefined })) {
    let device = this.#devicesByKey.get(key);
    if (device === undefined) {
      device = this.#devices.push({ mac, names: new Map(), ips: new Map() }) - 1;
      this.#devicesByKey.set(key, device);
    }
    const known = this.#devices[device];
    for (const [name, spell] of names) widenIn(known.names, name, { ...spell });
    for (const [ip, spell] of ips) widenIn(known.ips, ip, { ...spell });
    return device;
  }

  /** The key that `device()` was given for a device. */
  *deviceKeys(): Generator<[key: string, device: number]> {
    yield* this.#devicesByKey;
  }

  /** Forgets what is beyond the bounds; to be called when a day is over. */
  forget(): void {
    const { keptDevices, keptEntries, oldDays } = whatToKeep(this);
    const [words, entries, keys] = [this.#words, this.#entries, this.#devicesByKey];
    this.forgotten.entries += entries.length - keptEntries.length - oldDays;
    this.forgotten.devices += this.#devices.length - keptDevices.size;
    this.#words = new Words();
    this.#entries = this.#newTable();
    [this.#devices, this.#devicesByKey] = [[], new Map()];
    const numbers = new Map<number, number>();
    for (const [key, device] of keys) {
      const kept = keptDevices.get(device);
      if (kept !== undefined) numbers.set(device, this.device(kept, key));
    }
    const wordsHere: number[] = [];
    const here = (word: number) => wordsHere[word] ??= this.#words.idOfOther(words, word);
    for (const index of keptEntries) {
      const sight = entries.sightAt(index);
      if (sight.owner !== OWN_WORD) sight.owner = here(sight.owner);
      const word = here(entries.wordAt(index));
      this.#entries.add(numbers.get(entries.deviceAt(index))!, word, sight);
    }
    entries.free();
    this.#renewVocabulary();
  }

  #renewVocabulary(): void {
    this.#vocabulary = new Vocabulary();
    this.#factWords = new FactWords(this.#vocabulary, this.#words);
    this.#seen = [];
  }
}
