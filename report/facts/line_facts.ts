/**
 * Reading facts from the lines of the log.
 *
 * A line is written by `record/flow_line.ts`, its fields always in one order. So its bytes are walked once, from left to
 * right, without making a text of them: what stands between the fields that questions ask for is compared or skipped,
 * and a field's bytes are looked up among those of earlier lines (`SegmentMemo`), since the same words stand in most
 * lines. That takes 1.15 us a line, where `JSON.parse()` takes 3. A field's name between its quotes and a colon cannot
 * lie inside a text, since quotes in texts are escaped. A line in which anything is not as expected is read by `JSON.parse()`: merged flows, gaps,
 * texts with escapes, and lines of other versions or other programs.
 */

import type { EndFields } from "../../record/log_record.ts";
import { parseLine } from "../../record/logged_line.ts";
import { emptyFact, type Fact, type FactSink, takeRecord } from "./fact.ts";
import { hourStart } from "./hour_start.ts";
import { HASH_START, hashByte, SegmentMemo } from "./segment_memo.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** `@timestamp`s that are wanted, milliseconds since 1970: from `sinceMs` on, without `untilMs`. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const WORD_BYTES = 4;

/** What stands between fields: four bytes or more, which are compared four at a time; the last four may overlap those before. */
interface Literal {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

function literal(text: string): Literal {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const words = Array.from(
    { length: Math.ceil(bytes.length / WORD_BYTES) },
    (_, i) => view.getInt32(Math.min(i * WORD_BYTES, bytes.length - WORD_BYTES)),
  );
  return { bytes, words: Int32Array.from(words) };
}

const HEAD = literal('{"@timestamp":"');
const EVENT = literal('","event":{"start":"');
const END = literal('","end":"');
const DURATION = literal('","duration":');
const NETWORK = literal('},"network":{"type":"ipv');
const TRANSPORT = literal(',"transport":"');
const PROTOCOL = literal(',"protocol":"');
const DIRECTION = literal(',"direction":"');
const COMMUNITY_ID = literal(',"community_id":"');
const BYTES = literal(',"bytes":');
const PACKETS = literal(',"packets":');
const SOURCE = literal('},"source":{"ip":"');
const PORT = literal(',"port":');
const MAC = literal(',"mac":"');
const DOMAIN = literal(',"domain":"');
const DESTINATION = literal('},"destination":{"ip":"');
const WIFILOGGER = literal(',"wifilogger":{"v":1,"flow_id":"');
const PART = literal(',"part":');
const END_REASON = literal(',"end_reason":"');
const NAME_SOURCE = literal(',"name_source":"');

/** `2026-11-22T12:00:00.000Z`, and `2026-11-22T12:00:00.000000Z` */
const TIMESTAMP_LENGTH = 24;
const LONG_TIMESTAMP_LENGTH = 27;
/** `2026-11-22T12:00` */
const MINUTE_LENGTH = 16;
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LETTER_B = 0x62;
const LETTER_P = 0x70;
const LETTER_Z = 0x5a;
const BRACE = 0x7d;
const [DIGIT_0, DIGIT_9] = [0x30, 0x39];
const COLON = 0x3a;
const POINT = 0x2e;
const NO_PORT = -1;
const INBOUND = literal("inbound");

/** Numbers of words are below this, so that two of them make one whole number. */
const WORD_LIMIT = 2 ** 26;
/** Below these, two numbers make one that V8 keeps without an object of its own; every port is below the second. */
const [SMALL_ONE, SMALL_OTHER] = [2 ** 13, 2 ** 17];
/** Pairs of words that are remembered; beyond it they are found anew. */
const MAX_PAIRS = 50_000;

/** A piece of the block: from `from` to `to`, without the latter, and the hash of its bytes. */
interface Piece {
  from: number;
  to: number;
  hash: number;
}

function noPiece(): Piece {
  return { from: 0, to: 0, hash: HASH_START };
}

const NOTHING: Piece = noPiece();

/** Reads lines, and hands what they say to a sink. */
export class LineFacts {
  readonly #vocabulary: Vocabulary;
  readonly #span: Span;
  readonly #sink: FactSink;
  readonly #decoder = new TextDecoder();
  readonly #fact: Fact = emptyFact();
  readonly #names: SegmentMemo;
  readonly #directions: SegmentMemo;
  readonly #evidences: SegmentMemo;
  /** Of `,"geo":{...},"as":{...}`: country and owner as one number. */
  readonly #places: SegmentMemo;
  /** Of words that make a device or a service together: numbers of no meaning. */
  #parts: SegmentMemo;
  #partCount = 0;
  /** By the numbers of the address and of `,"mac":"...","domain":"..."`. */
  readonly #devices = new Map<number, number>();
  /** By the numbers of `tcp","protocol":"tls` and of the port. */
  readonly #services = new Map<number, number>();
  #block: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the next field is looked for. */
  #at = 0;
  /** Whether something was not as expected in this line. */
  #isOdd = false;
  /** The minute of the last line as it was written, when it began, and when its hour did. */
  #minute: Uint8Array = new Uint8Array(MINUTE_LENGTH);
  #minuteMs = NaN;
  #hourMs = 0;
  // What was found in this line.
  readonly #transport = noPiece();
  readonly #protocol = noPiece();
  /** `tcp","protocol":"tls"` */
  readonly #spoken = noPiece();
  readonly #direction = noPiece();
  readonly #sourceIp = noPiece();
  readonly #sourcePlace = noPiece();
  readonly #mac = noPiece();
  readonly #deviceName = noPiece();
  /** `,"mac":"...","domain":"..."` */
  readonly #naming = noPiece();
  readonly #destinationIp = noPiece();
  readonly #destinationPlace = noPiece();
  readonly #name = noPiece();
  readonly #evidence = noPiece();

  constructor(vocabulary: Vocabulary, span: Span, sink: FactSink) {
    this.#vocabulary = vocabulary;
    this.#span = span;
    this.#sink = sink;
    this.#names = new SegmentMemo((text) => vocabulary.name(text));
    this.#directions = new SegmentMemo((text) => vocabulary.direction(text));
    this.#evidences = new SegmentMemo((text) => vocabulary.evidence(text));
    this.#places = new SegmentMemo((text) => this.#placeOf(text));
    this.#parts = this.#newParts();
  }

  /** Reads a block of whole lines, each with its `\n`. */
  read(block: Uint8Array): void {
    this.#block = block;
    this.#renumber();
    this.#view = new DataView(block.buffer, block.byteOffset, block.length);
    for (let start = 0; start < block.length;) {
      this.#at = start;
      this.#isOdd = false;
      const isRead = this.#readQuickly();
      const end = isRead ? this.#at : this.#lineEnd(start);
      if (!isRead) this.#readSlowly(this.#decoder.decode(block.subarray(start, end)));
      start = end + 1;
    }
  }

  #lineEnd(from: number): number {
    const block = this.#block;
    let at = from;
    while (at < block.length && block[at] !== NEWLINE) at++;
    return at;
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
    if (!this.#takes(HEAD)) return false;
    const timeMs = this.#timeHere();

    this.#expect(EVENT);
    this.#at += LONG_TIMESTAMP_LENGTH;
    this.#expect(END);
    this.#at += LONG_TIMESTAMP_LENGTH;
    this.#expect(DURATION);
    this.#numberHere();
    this.#expect(NETWORK);
    this.#at += 2; // 4" or 6"
    this.#expect(TRANSPORT);
    const spokenAt = this.#at;
    this.#textHere(this.#transport);
    this.#takeText(PROTOCOL, this.#protocol);
    this.#takePiece(this.#spoken, spokenAt);
    this.#expect(DIRECTION);
    this.#textHere(this.#direction);
    if (this.#takes(COMMUNITY_ID)) this.#skipText();
    this.#expect(BYTES);
    const bytes = this.#numberHere();
    this.#expect(PACKETS);
    const packets = this.#numberHere();

    this.#expect(SOURCE);
    this.#textHere(this.#sourceIp);
    this.#placeHere(this.#sourcePlace);
    if (this.#takes(PORT)) this.#numberHere();
    this.#expect(BYTES);
    const sourceBytes = this.#numberHere();
    this.#expect(PACKETS);
    this.#numberHere();
    const namingAt = this.#at;
    this.#takeText(MAC, this.#mac);
    this.#takeText(DOMAIN, this.#deviceName);
    this.#takePiece(this.#naming, namingAt);

    this.#expect(DESTINATION);
    this.#textHere(this.#destinationIp);
    this.#placeHere(this.#destinationPlace);
    const port = this.#takes(PORT) ? this.#numberHere() : NO_PORT;
    this.#expect(BYTES);
    const destinationBytes = this.#numberHere();
    this.#expect(PACKETS);
    this.#numberHere();
    this.#expect(DOMAIN);
    this.#textHere(this.#name);
    if (this.#isOdd || this.#block[this.#at] !== BRACE) return false;

    this.#skipTo(WIFILOGGER);
    this.#skipText();
    this.#expect(PART);
    const part = this.#numberHere();
    this.#expect(END_REASON);
    this.#skipText();
    this.#expect(NAME_SOURCE);
    this.#textHere(this.#evidence);
    const end = this.#at = this.#lineEnd(this.#at);
    if (this.#block[end - 1] !== BRACE || this.#block[end - 2] !== BRACE) return false;
    if (this.#isOdd || sourceBytes + destinationBytes !== bytes) return false;
    if (timeMs < this.#span.sinceMs || timeMs >= this.#span.untilMs) return true;

    const { from, to } = this.#direction;
    const isInbound = to - from === INBOUND.bytes.length && this.#stands(INBOUND, from);
    const place = this.#number(
      this.#places,
      isInbound ? this.#sourcePlace : this.#destinationPlace,
    );
    const fact = this.#fact;
    fact.hourMs = this.#hourMs;
    fact.device = isInbound
      ? this.#deviceOf(this.#destinationIp, NOTHING)
      : this.#deviceOf(this.#sourceIp, this.#naming);
    fact.name = this.#number(this.#names, this.#name);
    fact.country = Math.floor(place / WORD_LIMIT);
    fact.owner = place % WORD_LIMIT;
    fact.service = this.#serviceOf(port);
    fact.direction = this.#number(this.#directions, this.#direction);
    fact.evidence = this.#number(this.#evidences, this.#evidence);
    fact.upBytes = isInbound ? destinationBytes : sourceBytes;
    fact.downBytes = isInbound ? sourceBytes : destinationBytes;
    fact.packets = packets;
    fact.flows = part === 0 ? 1 : 0;
    this.#sink.fact(fact);
    return true;
  }

  /** The number that a memory has for a piece. */
  #number(memo: SegmentMemo, { from, to, hash }: Piece): number {
    return memo.numberOf(this.#view, from, to, hash);
  }

  #text({ from, to }: Piece): string {
    return from === to ? "" : this.#decoder.decode(this.#block.subarray(from, to));
  }

  /** @param naming what is said of it beside its address; `NOTHING`, or what this line says */
  #deviceOf(ip: Piece, naming: Piece): number {
    const key = pairKey(this.#number(this.#parts, ip), this.#number(this.#parts, naming));
    let id = this.#devices.get(key);
    if (id === undefined) {
      const [mac, name] = naming === NOTHING ? [NOTHING, NOTHING] : [this.#mac, this.#deviceName];
      id = this.#vocabulary.device(this.#text(mac), this.#text(name), this.#text(ip));
      if (this.#devices.size >= MAX_PAIRS) this.#devices.clear();
      this.#devices.set(key, id);
    }
    return id;
  }

  #serviceOf(port: number): number {
    const key = pairKey(this.#number(this.#parts, this.#spoken), port + 1);
    let id = this.#services.get(key);
    if (id === undefined) {
      const [transport, protocol] = [this.#text(this.#transport), this.#text(this.#protocol)];
      id = this.#vocabulary.service(transport, protocol, port === NO_PORT ? "" : port);
      if (this.#services.size >= MAX_PAIRS) this.#services.clear();
      this.#services.set(key, id);
    }
    return id;
  }

  /** Country and owner, as one number, of `,"geo":{...},"as":{...}`. */
  #placeOf(text: string): number {
    const { geo, as }: Pick<EndFields, "geo" | "as"> = JSON.parse(`{${text.slice(1)}}`);
    const country = this.#vocabulary.country(geo?.country_iso_code, geo?.country_name);
    return country * WORD_LIMIT + this.#vocabulary.owner(as?.number, as?.organization?.name);
  }

  /** Numbers of words grow with what is forgotten and read again: they begin anew before they are too large. */
  #renumber(): void {
    if (this.#partCount < WORD_LIMIT / 2) return;
    this.#partCount = 0;
    this.#parts = this.#newParts();
    this.#devices.clear();
    this.#services.clear();
  }

  #newParts(): SegmentMemo {
    return new SegmentMemo(() => this.#partCount++);
  }

  /** The time here, milliseconds since 1970, and the hour that it is in; goes on behind it. */
  #timeHere(): number {
    const block = this.#block;
    const at = this.#at;
    this.#at += TIMESTAMP_LENGTH;
    const isKnown = this.#isSameMinute(at) || this.#readMinute(at);
    const seconds = this.#twoDigits(at + 17);
    const milliseconds = this.#twoDigits(at + 20) * 10 + block[at + 22] - DIGIT_0;
    const isSound = isKnown && block[at + 16] === COLON && block[at + 19] === POINT &&
      isDigit(block[at + 22]) && block[at + 23] === LETTER_Z && seconds < 60;
    if (!isSound) this.#isOdd = true;
    return this.#minuteMs + seconds * 1e3 + milliseconds;
  }

  #isSameMinute(at: number): boolean {
    const [block, minute] = [this.#block, this.#minute];
    for (let i = MINUTE_LENGTH - 1; i >= 0; i--) if (block[at + i] !== minute[i]) return false;
    return true;
  }

  #readMinute(at: number): boolean {
    const bytes = this.#block.slice(at, at + MINUTE_LENGTH);
    const text = this.#decoder.decode(bytes);
    const minuteMs = MINUTE.test(text) ? Date.parse(`${text}:00.000Z`) : NaN;
    if (Number.isNaN(minuteMs)) return false;
    this.#minute = bytes;
    this.#minuteMs = minuteMs;
    this.#hourMs = hourStart(minuteMs);
    return true;
  }

  #twoDigits(at: number): number {
    const [tens, ones] = [this.#block[at], this.#block[at + 1]];
    if (!isDigit(tens) || !isDigit(ones)) this.#isOdd = true;
    return (tens - DIGIT_0) * 10 + ones - DIGIT_0;
  }

  /** Whether `literal` stands there. */
  #stands({ words, bytes }: Literal, at: number): boolean {
    const view = this.#view;
    const last = at + bytes.length - WORD_BYTES;
    if (last + WORD_BYTES > view.byteLength) return false;
    for (let i = 0; i < words.length; i++) {
      if (view.getInt32(Math.min(at + i * WORD_BYTES, last)) !== words[i]) return false;
    }
    return true;
  }

  /** Whether `literal` stands here; if so, goes on behind it. */
  #takes(literal: Literal): boolean {
    const stands = this.#stands(literal, this.#at);
    if (stands) this.#at += literal.bytes.length;
    return stands;
  }

  #expect(literal: Literal): void {
    if (!this.#takes(literal)) this.#isOdd = true;
  }

  /** Goes on behind the place in the rest of this line where a field begins: its name cannot lie in a text. */
  #skipTo(field: Literal): void {
    const block = this.#block;
    const letter = field.bytes[2];
    let at = this.#at;
    while (block[at] >= SPACE) {
      if (block[at] === COMMA && block[at + 2] === letter && this.#stands(field, at)) break;
      at++;
    }
    if (!(block[at] >= SPACE)) this.#isOdd = true;
    this.#at = at + field.bytes.length;
  }

  /** The text whose opening quote is behind; goes on behind its closing one. */
  #textHere(into: Piece): void {
    const block = this.#block;
    let at = into.from = this.#at;
    let hash = HASH_START;
    for (; block[at] !== QUOTE; at++) {
      // An escape (a quote that does not end the text is one), or the end of the line.
      if (block[at] === BACKSLASH || !(block[at] >= SPACE)) {
        this.#isOdd = true;
        break;
      }
      hash = hashByte(hash, block[at]);
    }
    into.to = at;
    into.hash = hash;
    this.#at = at + 1;
  }

  /** A text behind `name`, where that stands here; nothing otherwise. */
  #takeText(name: Literal, into: Piece): void {
    if (this.#takes(name)) this.#textHere(into);
    else into.from = into.to = 0;
  }

  /** What stands between `from` and here. */
  #takePiece(into: Piece, from: number): void {
    const block = this.#block;
    let hash = HASH_START;
    for (let at = from; at < this.#at; at++) hash = hashByte(hash, block[at]);
    into.from = from;
    into.to = this.#at;
    into.hash = hash;
  }

  /** The fields of a place, which may be none: up to the port, or the bytes. */
  #placeHere(into: Piece): void {
    const block = this.#block;
    let at = into.from = this.#at;
    let hash = HASH_START;
    for (; block[at] >= SPACE; at++) {
      const byte = block[at];
      if (byte === COMMA) {
        // Only there can one of both begin: this is not slower for a place of many fields.
        const letter = block[at + 2];
        if (letter === LETTER_B && this.#stands(BYTES, at)) break;
        if (letter === LETTER_P && this.#stands(PORT, at)) break;
      }
      hash = hashByte(hash, byte);
    }
    if (!(block[at] >= SPACE)) this.#isOdd = true;
    into.to = at;
    into.hash = hash;
    this.#at = at;
  }

  /** Goes on behind the closing quote of a text that holds no escape, since no name is in it. */
  #skipText(): void {
    const block = this.#block;
    let at = this.#at;
    while (block[at] !== QUOTE && block[at] >= SPACE) at++;
    if (block[at] !== QUOTE) this.#isOdd = true;
    this.#at = at + 1;
  }

  /** The whole number here; goes on behind it. */
  #numberHere(): number {
    const block = this.#block;
    let at = this.#at;
    let value = 0;
    for (; isDigit(block[at]); at++) value = value * 10 + block[at] - DIGIT_0;
    const next = block[at];
    if (at === this.#at || value > Number.MAX_SAFE_INTEGER || next !== COMMA && next !== BRACE) {
      this.#isOdd = true;
    }
    this.#at = at;
    return value;
  }
}

/** Two numbers as one. Of small ones it is small: a `Map` takes half as long to find those. */
function pairKey(one: number, other: number): number {
  if (one < SMALL_ONE && other < SMALL_OTHER) return one * SMALL_OTHER + other;
  return -1 - (one * WORD_LIMIT + other);
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}
