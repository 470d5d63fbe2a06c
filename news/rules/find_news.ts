/** What counts as new. The rules are in docs/news.md in an owner's words; here they are in the same order. */

import { FIRST_DYNAMIC_PORT, FROM_OUTSIDE, type Kind, OWN_WORD } from "../ledger/words.ts";
import { HOUSEHOLD, type Ledger } from "../ledger/ledger.ts";
import { QUARTER_MS } from "../ledger/quarter.ts";
import type { Sight } from "../ledger/entry_table.ts";
import { widen } from "../ledger/device_seen.ts";
import { type Device, householdDevices, type OwnNames } from "./household_devices.ts";
import { byWeight, type NewsItem, sightFields, type Weight } from "./news_item.ts";

/** What is asked of a ledger. */
export interface NewsQuestion {
  /** What was first seen from then on, and before then, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** How long a device, and the household at first, is learnt. */
  readonly learningMs: number;
  readonly ownNames?: OwnNames;
  /** Whether the owner has looked at it. @default nothing is known */
  readonly isKnown?: (item: NewsItem) => boolean;
}

const HOUR = 3600e3 / QUARTER_MS;
const DAY = 24 * HOUR;
/** What a device does of late: within so many quarters of an hour. */
const OF_LATE = 30 * DAY;
/** A device that meets no more sites of late has settled habits. */
const SETTLED_SITES = 30;
/** Of a network in which a device met so many sites, a further one tells nothing. */
const ROTATING_SITES = 10;
/** So many devices, if not half of the others, make a site one of the household's. */
const MANY_DEVICES = 5;
/** Services that every device may come to use. */
const EVERYDAY = new Set([
  "53/udp",
  "53/tcp",
  "80/tcp",
  "123/udp",
  "443/tcp",
  "443/udp",
  "icmp",
  "ipv6-icmp",
]);
/** Who only was refused has answered with a bare packet. */
const ANSWERED_BYTES_A_FLOW = 200;

/** The news in a ledger, the weightiest first. */
export function findNews(ledger: Ledger, question: NewsQuestion): NewsItem[] {
  const { ownNames, isKnown = () => false } = question;
  const search = new Search(ledger, householdDevices(ledger, ownNames), question);
  return search.items().filter((item) => !isKnown(item)).sort(byWeight);
}

/** A device's sight of a word. */
interface Candidate {
  readonly device: Device;
  readonly word: number;
  readonly kind: Exclude<Kind, "day">;
  readonly text: string;
  readonly sight: Sight;
}

class Search {
  readonly #ledger: Ledger;
  readonly #devices: readonly Device[];
  readonly #question: NewsQuestion;
  readonly #learning: number;
  /** By a number of the ledger. */
  readonly #deviceOf: Device[] = [];
  /** By device: when it met its sites. */
  readonly #sites = new Map<Device, Sight[]>();

  constructor(ledger: Ledger, devices: readonly Device[], question: NewsQuestion) {
    this.#ledger = ledger;
    this.#devices = devices;
    this.#question = question;
    this.#learning = question.learningMs / QUARTER_MS;
    for (const device of devices) {
      for (const number of device.numbers) this.#deviceOf[number] = device;
    }
  }

  items(): NewsItem[] {
    const { entries } = this.#ledger;
    const [since, until] = [this.#question.sinceMs, this.#question.untilMs]
      .map((ms) => ms / QUARTER_MS);
    const household = entries.find(HOUSEHOLD, OWN_WORD);
    if (household < 0) return [];
    const learntAt = entries.firstAt(household) + this.#learning;
    const items: NewsItem[] = [];
    const rotating = new Map<string, NewsItem>();
    const seen = new Set<string>();
    for (let index = 0; index < entries.length; index++) {
      const first = entries.firstAt(index);
      // An hour that has begun before may have seen it after.
      if (first + HOUR <= since || first >= until || first < learntAt) continue;
      const device = this.#deviceOf[entries.deviceAt(index)];
      if (device === undefined) continue;
      const word = entries.wordAt(index);
      const kind = this.#ledger.words.kindOf(word);
      if (kind === "day") continue;
      const key = `${device.id} ${word}`;
      if (device.numbers.length > 1 && seen.has(key)) continue;
      if (device.numbers.length > 1) seen.add(key);
      const sight = this.#sightOf(device, word)!;
      // Another of its MAC addresses has met it before.
      if (sight.first < first && (sight.first + HOUR <= since || sight.first < learntAt)) continue;
      this.#judge(
        {
          device,
          word,
          kind,
          text: this.#ledger.words.textOf(word),
          sight,
        },
        items,
        rotating,
      );
    }
    return [...items, ...rotating.values()];
  }

  #judge(candidate: Candidate, items: NewsItem[], rotating: Map<string, NewsItem>): void {
    const { device, kind, text, sight } = candidate;
    if (kind === "device") {
      items.push(this.#item(candidate, device.label, device.macs.length > 0 ? "weighty" : "plain"));
      return;
    }
    if (sight.first < device.first + this.#learning) return;
    switch (kind) {
      case "site": {
        if (!this.#isRotating(candidate)) {
          items.push(this.#item(candidate, text, this.#weightOfSite(candidate)));
          return;
        }
        const owner = this.#ledger.words.textOf(sight.owner);
        const key = `${device.id} ${owner}`;
        const sum = rotating.get(key);
        const item = this.#item(candidate, owner, "small");
        rotating.set(key, { ...merged(sum, item), kind: "owner", sites: (sum?.sites ?? 0) + 1 });
        return;
      }
      case "country":
        items.push(this.#item(candidate, text, this.#weightOfCountry(candidate)));
        return;
      case "owner":
        // Where there were names, these are told.
        if (hasOwnNames(sight)) return;
        items.push(this.#item(candidate, text, this.#weightOfOwner(candidate)));
        return;
      case "service": {
        const weight = this.#weightOfService(candidate);
        if (weight !== undefined) items.push(this.#item(candidate, text, weight));
        return;
      }
    }
  }

  #item({ device, kind, sight }: Candidate, what: string, weight: Weight): NewsItem {
    const evidence = kind === "device"
      ? {
        evidence: device.macs.length === 0 ? "address" : device.isRandomMac ? "random_mac" : "mac",
      }
      : {};
    return { kind, device, what, weight, ...sightFields(sight), ...evidence };
  }

  #weightOfSite(candidate: Candidate): Weight {
    const knowing = this.#knowing(candidate);
    if (this.#isOfHousehold(candidate, knowing)) return "small";
    if (this.#isSettled(candidate)) return knowing === 0 ? "weighty" : "plain";
    return knowing === 0 ? "plain" : "small";
  }

  /** A network that a device knows may answer from a further country. */
  #weightOfCountry(candidate: Candidate): Weight {
    const knowing = this.#knowing(candidate);
    if (!this.#isSettled(candidate)) return knowing === 0 ? "plain" : "small";
    const { device, sight: { owner, first } } = candidate;
    const network = owner === OWN_WORD ? undefined : this.#sightOf(device, owner);
    const knowsNetwork = network !== undefined && network.first < first;
    return knowsNetwork ? "small" : "weighty";
  }

  #weightOfOwner(candidate: Candidate): Weight {
    if (!this.#isSettled(candidate)) return "small";
    return this.#knowing(candidate) === 0 ? "weighty" : "plain";
  }

  #weightOfService(candidate: Candidate): Weight | undefined {
    const { text, sight: { upBytes, flows } } = candidate;
    if (text.endsWith(FROM_OUTSIDE)) {
      return upBytes / Math.max(1, flows) >= ANSWERED_BYTES_A_FLOW ? "weighty" : undefined;
    }
    if (EVERYDAY.has(text)) return "small";
    if (this.#isSettled(candidate)) return "weighty";
    const isDynamic = text.startsWith(`${FIRST_DYNAMIC_PORT}+`);
    return this.#knowing(candidate) === 0 && !isDynamic ? "plain" : "small";
  }

  /** How many other devices had met the word before. */
  #knowing({ device, word, sight }: Candidate): number {
    return this.#devices.filter((other) => {
      const seen = other === device ? undefined : this.#sightOf(other, word);
      return seen !== undefined && seen.first < sight.first;
    }).length;
  }

  #isOfHousehold({ device, sight: { first } }: Candidate, knowing: number): boolean {
    const others =
      this.#devices.filter((other) =>
        other !== device && other.first < first && other.last >= first - OF_LATE
      ).length;
    return knowing >= MANY_DEVICES || knowing >= 2 && knowing >= others / 2;
  }

  #isSettled({ device, sight: { first } }: Candidate): boolean {
    return this.#sitesOf(device).filter((site) =>
      site.first < first && site.last >= first - OF_LATE
    ).length <= SETTLED_SITES;
  }

  #isRotating({ device, sight: { owner, first } }: Candidate): boolean {
    return owner !== OWN_WORD &&
      this.#sitesOf(device).filter((site) => site.owner === owner && site.first < first).length >=
        ROTATING_SITES;
  }

  #sitesOf(device: Device): readonly Sight[] {
    const known = this.#sites.get(device);
    if (known !== undefined) return known;
    const { entries, words } = this.#ledger;
    for (const one of this.#devices) this.#sites.set(one, []);
    for (let index = 0; index < entries.length; index++) {
      const owner = this.#deviceOf[entries.deviceAt(index)];
      if (owner === undefined || words.kindOf(entries.wordAt(index)) !== "site") continue;
      this.#sites.get(owner)!.push(entries.sightAt(index));
    }
    return this.#sites.get(device)!;
  }

  /** Of all of a device's MAC addresses together. */
  #sightOf(device: Device, word: number): Sight | undefined {
    const { entries } = this.#ledger;
    let sum: Sight | undefined;
    for (const number of device.numbers) {
      const index = entries.find(number, word);
      if (index < 0) continue;
      const sight = entries.sightAt(index);
      if (sum === undefined) {
        sum = sight;
        continue;
      }
      if (sight.first < sum.first) sum.owner = sight.owner;
      widen(sum, sight);
      sum.upBytes += sight.upBytes;
      sum.downBytes += sight.downBytes;
      sum.flows += sight.flows;
      sum.evidence |= sight.evidence;
    }
    return sum;
  }
}

const NAMELESS = new Set(["ptr", "none"]);

function hasOwnNames(sight: Sight): boolean {
  return !NAMELESS.has(sightFields(sight).evidence);
}

function merged(sum: NewsItem | undefined, item: NewsItem): NewsItem {
  if (sum === undefined) return item;
  return {
    ...sum,
    firstMs: Math.min(sum.firstMs, item.firstMs),
    lastMs: Math.max(sum.lastMs, item.lastMs),
    upBytes: sum.upBytes + item.upBytes,
    downBytes: sum.downBytes + item.downBytes,
  };
}
