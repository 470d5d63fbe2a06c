/**
 * Reading facts from the lines of the log.
 *
 * A line is written by `record/flow_line.ts`, its fields always in one order. So the fields that questions ask for are
 * found by looking for their names from left to right, and the rest is not read: a fifth of the time that `JSON.parse()`
 * takes. A field's name between its quotes and a colon cannot lie inside a text, since quotes in texts are escaped. A
 * line in which anything is not as expected is read by `JSON.parse()`: merged flows, gaps, texts with escapes, and
 * lines of other versions or other programs.
 */

import type { EndFields } from "../../record/log_record.ts";
import { parseLine } from "../../record/logged_line.ts";
import { emptyFact, type Fact, type FactSink, takeRecord } from "./fact.ts";
import { hourStart } from "./hour_start.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** `@timestamp`s that are wanted, milliseconds since 1970: from `sinceMs` on, without `untilMs`. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const HEAD = '{"@timestamp":"';
/** `2026-11-22T12:00:00.000Z` */
const TIMESTAMP_LENGTH = 24;
/** `2026-11-22T12:00` */
const MINUTE_LENGTH = 16;
const COMMA = 0x2c;
const LETTER_Z = 0x5a;
const BRACE = 0x7d;
const [DIGIT_0, DIGIT_9] = [0x30, 0x39];

const BYTES = ',"bytes":';
const PORT = ',"port":';
const WIFILOGGER = ',"wifilogger":{"v":1,"flow_id":"';

/** Texts of places that are remembered; beyond it they are read anew. */
const MAX_PLACES = 50_000;

/** Reads lines, and hands what they say to a sink. */
export class LineFacts {
  readonly #vocabulary: Vocabulary;
  readonly #span: Span;
  readonly #sink: FactSink;
  readonly #since: string;
  readonly #until: string;
  readonly #decoder = new TextDecoder();
  readonly #fact: Fact = emptyFact();
  /** By the text of the place: countries and owners. */
  readonly #places = new Map<string, { readonly country: number; readonly owner: number }>();
  /** By address: the device that had it last. */
  readonly #devices = new Map<string, { mac: string; name: string; id: number }>();
  /** By port: the service that was spoken there last. */
  readonly #services = new Map<string, { transport: string; protocol: string; id: number }>();
  #text = "";
  /** Where the next field is looked for, and where the line ends. */
  #at = 0;
  #end = 0;
  /** Whether something was not as expected in this line. */
  #isOdd = false;
  #minute = "";
  #minuteHourMs = 0;

  constructor(vocabulary: Vocabulary, span: Span, sink: FactSink) {
    this.#vocabulary = vocabulary;
    this.#span = span;
    this.#sink = sink;
    this.#since = timestampText(span.sinceMs);
    this.#until = timestampText(span.untilMs);
  }

  /** Reads a block of whole lines, each with its `\n`. */
  read(block: Uint8Array): void {
    const text = this.#text = this.#decoder.decode(block);
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf("\n", start);
      const end = newline < 0 ? text.length : newline;
      this.#at = start;
      this.#end = end;
      this.#isOdd = false;
      if (!this.#readQuickly()) this.#readSlowly(text.slice(start, end));
      start = end + 1;
    }
  }

  /** Any line. */
  #readSlowly(line: string): void {
    const record = parseLine(line);
    if (record === undefined) return this.#sink.foreign(1);
    const timeMs = Date.parse(record["@timestamp"]);
    if (timeMs < this.#span.sinceMs || timeMs >= this.#span.untilMs) return;
    takeRecord(record, this.#vocabulary, this.#fact, this.#sink);
  }

  /** A line about one flow. @returns false when it is something else, of which nothing was taken */
  #readQuickly(): boolean {
    const text = this.#text;
    const end = this.#end;
    if (!this.#takes(HEAD)) return false;
    const timeAt = this.#at;
    const timestamp = text.slice(timeAt, timeAt + TIMESTAMP_LENGTH);
    if (timestamp.charCodeAt(TIMESTAMP_LENGTH - 1) !== LETTER_Z) return false;
    if (text.charCodeAt(end - 1) !== BRACE || text.charCodeAt(end - 2) !== BRACE) return false;
    const hourMs = this.#hourOf(timestamp);

    this.#skipTo(',"transport":"');
    const transport = this.#textHere();
    const protocol = this.#takes(',"protocol":"') ? this.#textHere() : "";
    this.#expect(',"direction":"');
    const direction = this.#textHere();
    if (this.#takes(',"community_id":"')) this.#skipText();
    this.#expect(BYTES);
    const bytes = this.#numberHere();
    this.#expect(',"packets":');
    const packets = this.#numberHere();

    this.#expect('},"source":{"ip":"');
    const sourceIp = this.#textHere();
    const sourcePlaceAt = this.#at;
    this.#skipTo(BYTES);
    const sourceBytesAt = this.#at;
    const sourceBytes = this.#numberHere();
    this.#expect(',"packets":');
    this.#numberHere();
    const mac = this.#takes(',"mac":"') ? this.#textHere() : "";
    const deviceName = this.#takes(',"domain":"') ? this.#textHere() : "";

    this.#expect('},"destination":{"ip":"');
    const destinationIp = this.#textHere();
    const placeAt = this.#at;
    this.#skipTo(BYTES);
    const destinationBytesAt = this.#at;
    const destinationBytes = this.#numberHere();
    this.#expect(',"packets":');
    this.#numberHere();
    this.#expect(',"domain":"');
    const name = this.#textHere();
    this.#expect("}");

    this.#skipTo(WIFILOGGER);
    this.#skipText();
    this.#expect(',"part":');
    const part = this.#numberHere();
    this.#expect(',"end_reason":"');
    this.#skipText();
    this.#expect(',"name_source":"');
    const evidence = this.#textHere();
    if (this.#isOdd || hourMs === undefined || sourceBytes + destinationBytes !== bytes) {
      return false;
    }
    // As texts of one width they compare as the instants do.
    if (timestamp < this.#since || timestamp >= this.#until) return true;

    const isInbound = direction === "inbound";
    const [port, portAt] = this.#portBefore(destinationBytesAt, placeAt);
    const place = isInbound
      ? this.#placeOf(sourcePlaceAt, this.#portBefore(sourceBytesAt, sourcePlaceAt)[1])
      : this.#placeOf(placeAt, portAt);
    const fact = this.#fact;
    fact.hourMs = hourMs;
    fact.device = isInbound
      ? this.#deviceOf("", "", destinationIp)
      : this.#deviceOf(mac, deviceName, sourceIp);
    fact.name = this.#vocabulary.name(name);
    fact.country = place.country;
    fact.owner = place.owner;
    fact.service = this.#serviceOf(transport, protocol, port);
    fact.direction = this.#vocabulary.direction(direction);
    fact.evidence = this.#vocabulary.evidence(evidence);
    fact.upBytes = isInbound ? destinationBytes : sourceBytes;
    fact.downBytes = isInbound ? sourceBytes : destinationBytes;
    fact.packets = packets;
    fact.flows = part === 0 ? 1 : 0;
    this.#sink.fact(fact);
    return true;
  }

  /** Undefined where it is no time. */
  #hourOf(timestamp: string): number | undefined {
    const minute = timestamp.slice(0, MINUTE_LENGTH);
    if (minute !== this.#minute) {
      const timeMs = Date.parse(timestamp);
      if (Number.isNaN(timeMs)) return undefined;
      this.#minute = minute;
      this.#minuteHourMs = hourStart(timeMs);
    }
    return this.#minuteHourMs;
  }

  #deviceOf(mac: string, name: string, ip: string): number {
    const last = this.#devices.get(ip);
    if (last !== undefined && last.mac === mac && last.name === name) return last.id;
    const id = this.#vocabulary.device(mac, name, ip);
    const word = this.#vocabulary.devices.words[id];
    const { mac: ownMac = "", name: ownName = "", ip: ownIp = "" } = word;
    this.#devices.set(ownIp, { mac: ownMac, name: ownName, id });
    return id;
  }

  #serviceOf(transport: string, protocol: string, port: string): number {
    const last = this.#services.get(port);
    if (last !== undefined && last.transport === transport && last.protocol === protocol) {
      return last.id;
    }
    const id = this.#vocabulary.service(transport, protocol, port);
    const word = this.#vocabulary.services.words[id];
    const own = word.port === undefined ? "" : String(word.port);
    this.#services.set(own, { transport: word.transport, protocol: word.protocol ?? "", id });
    return id;
  }

  /** The digits of the port that may stand before an end's bytes, and where its field begins; without one where it would. */
  #portBefore(bytesAt: number, placeAt: number): [digits: string, at: number] {
    const bytesField = bytesAt - BYTES.length;
    // At most five digits.
    const at = this.#text.indexOf(PORT, Math.max(placeAt, bytesField - PORT.length - 5));
    if (at < 0 || at >= bytesField) return ["", bytesField];
    return [this.#text.slice(at + PORT.length, bytesField), at];
  }

  /** What the fields `,"geo":{...},"as":{...}` say. */
  #placeOf(start: number, end: number): { readonly country: number; readonly owner: number } {
    const text = this.#text.slice(start, end);
    let place = this.#places.get(text);
    if (place === undefined) {
      const { geo, as }: Pick<EndFields, "geo" | "as"> = JSON.parse(`{${text.slice(1)}}`);
      place = {
        country: this.#vocabulary.country(geo?.country_iso_code, geo?.country_name),
        owner: this.#vocabulary.owner(as?.number, as?.organization?.name),
      };
      if (this.#places.size >= MAX_PLACES) this.#places.clear();
      this.#places.set(JSON.parse(JSON.stringify(text)), place);
    }
    return place;
  }

  /** Whether `literal` stands here; if so, goes on behind it. */
  #takes(literal: string): boolean {
    const stands = this.#text.startsWith(literal, this.#at);
    if (stands) this.#at += literal.length;
    return stands;
  }

  #expect(literal: string): void {
    if (!this.#takes(literal)) this.#isOdd = true;
  }

  /** Goes on behind the next `literal` of this line. */
  #skipTo(literal: string): void {
    const at = this.#isOdd ? -1 : this.#text.indexOf(literal, this.#at);
    if (at < 0 || at >= this.#end) this.#isOdd = true;
    else this.#at = at + literal.length;
  }

  /** The text whose opening quote is behind; goes on behind its closing one. */
  #textHere(): string {
    const start = this.#at;
    const quote = this.#text.indexOf('"', start);
    // The quote may be an escaped one; then a backslash stands before it, as before any other escape.
    const found = quote < 0 ? "" : this.#text.slice(start, quote);
    if (quote < 0 || quote >= this.#end || found.includes("\\")) this.#isOdd = true;
    else this.#at = quote + 1;
    return found;
  }

  /** Goes on behind the closing quote of a text that holds no escape, since no name is in it. */
  #skipText(): void {
    const quote = this.#text.indexOf('"', this.#at);
    if (quote < 0 || quote >= this.#end) this.#isOdd = true;
    else this.#at = quote + 1;
  }

  /** The whole number here; goes on behind it. */
  #numberHere(): number {
    const text = this.#text;
    let at = this.#at;
    let value = 0;
    for (;; at++) {
      const digit = text.charCodeAt(at);
      if (digit < DIGIT_0 || digit > DIGIT_9 || Number.isNaN(digit)) break;
      value = value * 10 + digit - DIGIT_0;
    }
    const next = text.charCodeAt(at);
    if (at === this.#at || value > Number.MAX_SAFE_INTEGER || next !== COMMA && next !== BRACE) {
      this.#isOdd = true;
    }
    this.#at = at;
    return value;
  }
}

/** A timestamp as records have it; of what no record is before or after, a text that none is before or after. */
function timestampText(epochMs: number): string {
  if (epochMs === -Infinity) return "";
  if (epochMs === Infinity) return "~";
  return new Date(epochMs).toISOString();
}
