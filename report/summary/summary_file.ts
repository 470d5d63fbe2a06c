/**
 * A day's summary as a file, `YYYY-MM-DD.summary`: one line of JSON that says whose summary it is, and a gzip member.
 * The member holds one more line of JSON with the words and the gaps, then a column of varints for each field of the
 * rows. Columns are small, because rows are in the order of their words, and quick to sum.
 *
 * A year of a household's days, 13,500 rows each, is 40 MB in this form and is summed in 1.1 s; the figures beside other
 * forms are in docs/report.md.
 */

import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import { freeBytes } from "../../system/free_bytes.ts";
import { emptyFact, type Fact, type FactSink, type GapFact } from "../facts/fact.ts";
import type { Span } from "../facts/line_facts.ts";
import type {
  CountryWord,
  DeviceWord,
  OwnerWord,
  ServiceWord,
  Vocabulary,
} from "../facts/vocabulary.ts";
import type { DaySummary } from "./day_summary.ts";
import { VarintReader, VarintWriter } from "./varints.ts";

/** The version of the form; files of another one are made anew. */
const VERSION = 1;
const NEWLINE = 0x0a;
const LEVEL = 6;

/** What a summary was made from: while the files are these, it is the summary of what they hold. */
export interface SummarySource {
  /** Of the compressed file; absent when there was none. */
  readonly gzipBytes?: number;
  /** The CRC-32 of its last member. */
  readonly gzipCrc?: number;
  /** Of the plain file; absent when there was none. */
  readonly plainBytes?: number;
}

/** Whether what was made from the one is what would be made from the other. */
export function sameSource(a: SummarySource | undefined, b: SummarySource): boolean {
  return a?.gzipBytes === b.gzipBytes && a?.gzipCrc === b.gzipCrc && a?.plainBytes === b.plainBytes;
}

/** The first line of a file. */
export interface SummaryHead {
  readonly wifilogger_summary: number;
  readonly day: string;
  readonly source: SummarySource;
  readonly records: number;
  readonly foreign: number;
  readonly rows: number;
  readonly folded: DaySummary["folded"];
}

/** Where words lie in the second line. */
interface Words {
  readonly baseHourMs: number;
  readonly devices: readonly DeviceWord[];
  readonly names: readonly string[];
  readonly countries: readonly CountryWord[];
  readonly owners: readonly OwnerWord[];
  readonly services: readonly ServiceWord[];
  readonly directions: readonly string[];
  readonly evidences: readonly string[];
  readonly gaps: readonly GapFact[];
  /** Bytes of each column. */
  readonly columns: readonly number[];
}

/** Columns of words, and where their words are. */
const WORD_COLUMNS = [
  ["device", "devices"],
  ["name", "names"],
  ["country", "countries"],
  ["owner", "owners"],
  ["service", "services"],
  ["direction", "directions"],
  ["evidence", "evidences"],
] as const;
const SUM_COLUMNS = ["upBytes", "downBytes", "packets", "flows"] as const;

/** The bytes of the file. */
export async function encodeSummary(
  day: string,
  source: SummarySource,
  summary: DaySummary,
): Promise<Uint8Array> {
  const { rows, records, foreign, folded, gaps, vocabulary } = summary;
  const head: SummaryHead = {
    wifilogger_summary: VERSION,
    day,
    source,
    records,
    foreign,
    rows: rows.length,
    folded,
  };
  const baseHourMs = rows.reduce((least, { hourMs }) => Math.min(least, hourMs), Infinity);
  const ids = WORD_COLUMNS.map(([field]) => usedIds(rows, field));
  const wordColumns = WORD_COLUMNS.map(([field], i) =>
    deltas(rows, (row) => ids[i].get(row[field])!)
  );
  const hours = deltas(rows, ({ hourMs }) => (hourMs - baseHourMs) / QUARTER_MS);
  const sums = SUM_COLUMNS.map((field) => {
    const column = new VarintWriter();
    for (const row of rows) column.write(row[field]);
    return column.bytes;
  });
  const columns = [hours, ...wordColumns, ...sums];
  const used = Object.fromEntries(
    WORD_COLUMNS.map((
      [, kind],
      i,
    ) => [kind, [...ids[i].keys()].map((id) => vocabulary[kind].words[id])]),
  ) as unknown as Words;
  const words: Words = {
    ...used,
    baseHourMs: Number.isFinite(baseHourMs) ? baseHourMs : 0,
    gaps,
    columns: columns.map(({ length }) => length),
  };
  const body = joined([new TextEncoder().encode(JSON.stringify(words) + "\n"), ...columns]);
  const packed = await promisify(gzip)(body, { level: LEVEL });
  return joined([new TextEncoder().encode(JSON.stringify(head) + "\n"), packed]);
}

/** Hours begin where the local day begins, so that they are whole quarters of an hour apart in every time zone. */
const QUARTER_MS = 15 * 60e3;

/** The ids that rows use, each with its place among them. */
function usedIds(rows: DaySummary["rows"], field: keyof Fact): Map<number, number> {
  const ids = new Map<number, number>();
  for (const row of rows) if (!ids.has(row[field])) ids.set(row[field], ids.size);
  return ids;
}

function deltas(rows: DaySummary["rows"], valueOf: (row: Fact) => number): Uint8Array {
  const column = new VarintWriter();
  let last = 0;
  for (const row of rows) {
    const value = valueOf(row);
    column.writeSigned(value - last);
    last = value;
  }
  return column.bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The first line of a file, of which `bytes` is the beginning; `undefined` where it is none of this version. */
export function decodeHead(bytes: Uint8Array): SummaryHead | undefined {
  const end = bytes.indexOf(NEWLINE);
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, Math.max(0, end))));
    return head?.wifilogger_summary === VERSION ? head : undefined;
  } catch {
    return undefined;
  }
}

/** A file's words and columns, which take its unpacked size until they are disposed of. */
export interface OpenSummary extends Disposable {
  readonly head: SummaryHead;
  /** Adds the words to a vocabulary, as if records had said them. @returns their ids there */
  readWords(vocabulary: Vocabulary): WordIds;
  /**
   * Hands the rows of the hours whose first instants lie in the span to a sink, and the gaps. With `isByMonths`, rows of a
   * day that lies in it as a whole come as of the day's first hour, those of the same words as one.
   */
  readRows(
    vocabulary: Vocabulary,
    hours: Span,
    sink: FactSink,
    options?: { readonly isByMonths?: boolean },
  ): void;
}

/** Keeps nothing of `file`. @throws {Error} when the file is damaged */
export function decodeSummary(file: Uint8Array): OpenSummary {
  const head = decodeHead(file);
  if (head === undefined) throw new Error("it is no summary of this version");
  const body = unpacked(file.subarray(file.indexOf(NEWLINE) + 1));
  const start = body.indexOf(NEWLINE) + 1;
  const words: Words = JSON.parse(new TextDecoder().decode(body.subarray(0, start)));
  return {
    head,
    readWords: (vocabulary) => idsIn(words, vocabulary),
    readRows: (vocabulary, hours, sink, { isByMonths = false } = {}) => {
      const ids = idsIn(words, vocabulary);
      const columns = columnsOf(body, start, words);
      const { baseHourMs } = words;
      const isInside = baseHourMs >= hours.sinceMs && baseHourMs + LONGEST_DAY_MS <= hours.untilMs;
      const { rows } = head;
      if (isByMonths && isInside && DAY.test(head.day)) {
        readDay(rows, columns, { words, ids, sink });
      } else readHours(rows, columns, { words, ids, hours, sink });
      for (const gap of words.gaps) {
        if (gap.hourMs >= hours.sinceMs && gap.hourMs < hours.untilMs) sink.gap(gap);
      }
    },
    [Symbol.dispose]: () => freeBytes(body),
  };
}

/** What is in a gzip member, in memory of its own. @throws {Error} when it is damaged */
export function unpacked(member: Uint8Array): Uint8Array<ArrayBuffer> {
  // It ends with the length of that (RFC 1952, section 2.3.1), of which deflate packs 1032 bytes into one at best.
  const trailer = new DataView(member.buffer, member.byteOffset, member.byteLength);
  const length = trailer.getUint32(member.byteLength - 4, true);
  // In a piece of the right size nothing has to be joined, and there is one buffer to be freed.
  const chunkSize = Math.max(POOL_BYTES, Math.min(length, member.byteLength * 1032) + 1);
  const bytes = gunzipSync(member, { chunkSize });
  if (bytes.byteLength < POOL_BYTES) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** Buffers of Node that are smaller may lie in memory that they share. */
const POOL_BYTES = 8192;

/** For each kind of words, the id that each has in the vocabulary. */
export type WordIds = Readonly<Record<(typeof WORD_COLUMNS)[number][0], Uint32Array>>;

function idsIn(words: Words, vocabulary: Vocabulary): WordIds {
  return {
    device: Uint32Array.from(
      words.devices,
      ({ mac, name, ip }) => vocabulary.device(mac, name, ip),
    ),
    name: Uint32Array.from(words.names, (name) => vocabulary.name(name)),
    country: Uint32Array.from(words.countries, ({ code, name }) => vocabulary.country(code, name)),
    owner: Uint32Array.from(
      words.owners,
      ({ number, name }) => vocabulary.owner(number, name),
    ),
    service: Uint32Array.from(
      words.services,
      ({ transport, protocol, port }) => vocabulary.service(transport, protocol, port),
    ),
    direction: Uint32Array.from(words.directions, (word) => vocabulary.direction(word)),
    evidence: Uint32Array.from(words.evidences, (word) => vocabulary.evidence(word)),
  };
}

function columnsOf(body: Uint8Array, start: number, { columns }: Words): VarintReader[] {
  let at = start;
  return columns.map((length) => {
    const column = new VarintReader(body.subarray(at, at + length));
    at += length;
    return column;
  });
}

/** What is summarised may be a month, too: see month_sums.ts. */
const DAY = /^\d{4}-\d\d-\d\d$/;
/** One on which clocks go back by an hour, as most do; Lord Howe Island's by half of one. */
const LONGEST_DAY_MS = 25 * 3600e3;

interface ColumnReading {
  readonly words: Words;
  readonly ids: WordIds;
  readonly sink: FactSink;
}

/** Rows as of one hour, without reading theirs: this takes two thirds of the time of `readHours()`. */
function readDay(
  rows: number,
  columns: readonly VarintReader[],
  { words: { baseHourMs }, ids, sink }: ColumnReading,
): void {
  const [, device, name, country, owner, service, direction, evidence, ...sums] = columns;
  const [upBytes, downBytes, packets, flows] = sums;
  const fact = { ...emptyFact(), hourMs: baseHourMs };
  let [atDevice, atName, atCountry, atOwner, atService, atDirection, atEvidence] = [
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  for (let i = 0; i < rows; i++) {
    const toDevice = device.readSigned();
    const toName = name.readSigned();
    const toCountry = country.readSigned();
    const toOwner = owner.readSigned();
    const toService = service.readSigned();
    const toDirection = direction.readSigned();
    const toEvidence = evidence.readSigned();
    const isSame = toDevice === 0 && toName === 0 && toCountry === 0 && toOwner === 0 &&
      toService === 0 && toDirection === 0 && toEvidence === 0;
    if (!isSame || i === 0) {
      if (i > 0) sink.fact(fact);
      fact.device = ids.device[atDevice += toDevice];
      fact.name = ids.name[atName += toName];
      fact.country = ids.country[atCountry += toCountry];
      fact.owner = ids.owner[atOwner += toOwner];
      fact.service = ids.service[atService += toService];
      fact.direction = ids.direction[atDirection += toDirection];
      fact.evidence = ids.evidence[atEvidence += toEvidence];
      fact.upBytes = 0;
      fact.downBytes = 0;
      fact.packets = 0;
      fact.flows = 0;
    }
    fact.upBytes += upBytes.read();
    fact.downBytes += downBytes.read();
    fact.packets += packets.read();
    fact.flows += flows.read();
  }
  if (rows > 0) sink.fact(fact);
}

function readHours(
  rows: number,
  columns: readonly VarintReader[],
  { words: { baseHourMs }, ids, hours: { sinceMs, untilMs }, sink }: ColumnReading & {
    readonly hours: Span;
  },
): void {
  const [hour, device, name, country, owner, service, direction, evidence, ...sums] = columns;
  const [upBytes, downBytes, packets, flows] = sums;
  const fact = emptyFact();
  const at = {
    hour: 0,
    device: 0,
    name: 0,
    country: 0,
    owner: 0,
    service: 0,
    direction: 0,
    evidence: 0,
  };
  for (let i = 0; i < rows; i++) {
    fact.hourMs = baseHourMs + (at.hour += hour.readSigned()) * QUARTER_MS;
    fact.device = ids.device[at.device += device.readSigned()];
    fact.name = ids.name[at.name += name.readSigned()];
    fact.country = ids.country[at.country += country.readSigned()];
    fact.owner = ids.owner[at.owner += owner.readSigned()];
    fact.service = ids.service[at.service += service.readSigned()];
    fact.direction = ids.direction[at.direction += direction.readSigned()];
    fact.evidence = ids.evidence[at.evidence += evidence.readSigned()];
    fact.upBytes = upBytes.read();
    fact.downBytes = downBytes.read();
    fact.packets = packets.read();
    fact.flows = flows.read();
    if (fact.hourMs >= sinceMs && fact.hourMs < untilMs) sink.fact(fact);
  }
}
