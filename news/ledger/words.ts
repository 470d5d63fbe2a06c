/** What a ledger has firsts of: sites, countries, network owners, services; and the words of facts as such. */

import { NAME_SOURCES } from "../../record/log_record.ts";
import type { Fact } from "../../report/facts/fact.ts";
import type { ServiceWord, Vocabulary } from "../../report/facts/vocabulary.ts";
import { siteOf, UNKNOWN } from "../../report/question/site.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { OTHER } from "../../report/summary/day_summary.ts";

/** Kinds of words; a device's own word says when the device was there, and its days how much passed on each. */
export const KINDS = ["device", "site", "country", "owner", "service", "day"] as const;
export type Kind = (typeof KINDS)[number];

/** A word, as a ledger and its file have it. */
export interface Word {
  readonly kind: Kind;
  /**
   * A registrable domain; two letters; an owner's name; `443/tcp`, or `443/tcp in` where the device was called; a local
   * day, `2026-11-22`.
   */
  readonly text: string;
}

/** What gave a name, the best first. */
export const EVIDENCES = NAME_SOURCES;
/** A name that the device said or asked for: what reverse DNS says is the network's word. */
const OWN_EVIDENCE = new Set<string>(["tls_sni", "quic_sni", "http_host", "dns"]);

/** The number of a device's own word. */
export const OWN_WORD = 0;
/** From here on ports are picked at random (RFC 6335, section 6): all of them are one. */
export const FIRST_DYNAMIC_PORT = 49152;
/** What stands behind the port of a service that was called from outside. */
export const FROM_OUTSIDE = " in";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Words by number. */
export class Words {
  readonly #ids = new Map<string, number>();
  readonly #keys: string[] = [];

  constructor() {
    this.idOf({ kind: "device", text: "" });
  }

  get length(): number {
    return this.#keys.length;
  }

  idOf({ kind, text }: Word): number {
    const key = KINDS.indexOf(kind) + text;
    const id = this.#ids.get(key);
    // Two texts that were put together would be kept besides the whole.
    return id ?? this.#add(decoder.decode(encoder.encode(key)));
  }

  /** The number here of a word of others. */
  idOfOther(others: Words, other: number): number {
    const key = others.#keys[other];
    return this.#ids.get(key) ?? this.#add(key);
  }

  #add(key: string): number {
    const id = this.#keys.push(key) - 1;
    this.#ids.set(key, id);
    return id;
  }

  kindOf(id: number): Kind {
    return KINDS[Number(this.#keys[id][0])];
  }

  textOf(id: number): string {
    return this.#keys[id].slice(1);
  }

  wordOf(id: number): Word {
    return { kind: this.kindOf(id), text: this.textOf(id) };
  }
}

/** The words that a fact is about, by a ledger's numbers. */
interface WordsOfFact {
  readonly words: readonly number[];
  readonly owner: number;
  readonly evidence: number;
}

/** Turns the ids of a vocabulary into numbers of words; each is looked at once. */
export class FactWords {
  readonly #vocabulary: Vocabulary;
  readonly #words: Words;
  readonly #sites: number[] = [];
  readonly #countries: number[] = [];
  readonly #owners: number[] = [];
  readonly #services: number[] = [];
  readonly #calledServices: number[] = [];
  readonly #days = new Map<number, number>();
  readonly #found: { words: number[]; owner: number; evidence: number } = {
    words: [],
    owner: 0,
    evidence: 0,
  };

  constructor(vocabulary: Vocabulary, words: Words) {
    this.#vocabulary = vocabulary;
    this.#words = words;
  }

  /** Whether a fact is the sum of small conversations whose words a summary did not keep. */
  isOther({ service }: Readonly<Fact>): boolean {
    return this.#vocabulary.services.words[service].transport === OTHER;
  }

  /**
   * The words of a fact, valid until the next call; `undefined` where it is not about the household and the world. Who
   * calls a device from outside is not its choice: then only the service counts.
   */
  wordsOf(fact: Readonly<Fact>): WordsOfFact | undefined {
    const { directions, evidences } = this.#vocabulary;
    const direction = directions.words[fact.direction];
    if (direction !== "outbound" && direction !== "inbound") return undefined;
    const found = this.#found;
    const evidence = evidences.words[fact.evidence];
    found.words.length = 0;
    found.words.push(OWN_WORD, this.#dayOf(fact.hourMs));
    found.owner = 0;
    const source = (EVIDENCES as readonly string[]).indexOf(evidence);
    found.evidence = source < 0 ? 0 : 1 << source;
    if (this.isOther(fact)) return found;
    if (direction === "inbound") {
      const called = this.#calledServices[fact.service] ??= this.#service(fact, FROM_OUTSIDE);
      if (called !== OWN_WORD) found.words.push(called);
      return found;
    }
    found.owner = this.#owners[fact.owner] ??= this.#owner(fact);
    const words = [
      OWN_EVIDENCE.has(evidence) ? this.#sites[fact.name] ??= this.#site(fact) : OWN_WORD,
      this.#countries[fact.country] ??= this.#country(fact),
      found.owner,
      this.#services[fact.service] ??= this.#service(fact, ""),
    ];
    for (const word of words) if (word !== OWN_WORD) found.words.push(word);
    return found;
  }

  #dayOf(hourMs: number): number {
    let word = this.#days.get(hourMs);
    if (word === undefined) {
      word = this.#words.idOf({ kind: "day", text: localDay(hourMs) });
      this.#days.set(hourMs, word);
    }
    return word;
  }

  #site({ name }: Readonly<Fact>): number {
    const text = this.#vocabulary.names.words[name];
    return text === UNKNOWN ? OWN_WORD : this.#words.idOf({ kind: "site", text: siteOf(text) });
  }

  #country({ country }: Readonly<Fact>): number {
    const { code, name } = this.#vocabulary.countries.words[country];
    const text = code ?? name;
    return text === undefined ? OWN_WORD : this.#words.idOf({ kind: "country", text });
  }

  #owner({ owner }: Readonly<Fact>): number {
    const { number, name } = this.#vocabulary.owners.words[owner];
    const text = name ?? (number === undefined ? undefined : `AS${number}`);
    return text === undefined ? OWN_WORD : this.#words.idOf({ kind: "owner", text });
  }

  #service({ service }: Readonly<Fact>, suffix: string): number {
    const text = serviceText(this.#vocabulary.services.words[service]);
    return text === "" ? OWN_WORD : this.#words.idOf({ kind: "service", text: text + suffix });
  }
}

/** `443/tcp`, `49152+/udp` for any port that is picked at random, `icmp` where there are no ports; empty where it is not kept. */
export function serviceText({ transport, port }: ServiceWord): string {
  if (port === undefined || /icmp/.test(transport)) return transport;
  return `${port < FIRST_DYNAMIC_PORT ? port : `${FIRST_DYNAMIC_PORT}+`}/${transport}`;
}
