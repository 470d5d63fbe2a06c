/**
 * A ledger as a file: one line of JSON that says which days it holds, and a gzip member with a line of JSON for words and
 * devices and a column of varints for each field of the entries. 100,000 entries take about 1 MB.
 */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { VarintReader, VarintWriter } from "../../report/summary/varints.ts";
import { type SummarySource, unpacked } from "../../report/summary/summary_file.ts";
import type { SeenDevice, Spell } from "./device_seen.ts";
import { freeBytes } from "../../system/free_bytes.ts";
import type { LedgerBounds } from "./forgetting.ts";
import { type Forgotten, Ledger } from "./ledger.ts";
import { OWN_WORD, type Word } from "./words.ts";

/** The version of the form; a file of another one is made anew. */
const VERSION = 1;
const NEWLINE = 0x0a;
/** Columns in which every number is at least 0. */
const COLUMNS = [
  "device",
  "word",
  "first",
  "length",
  "upBytes",
  "downBytes",
  "flows",
  "evidence",
  "owner",
] as const;

/** The days that a ledger holds, by name: what each was read from. */
export type LedgerDays = Readonly<Record<string, SummarySource>>;

/** A ledger of days that are over. */
export interface SettledLedger {
  readonly days: LedgerDays;
  readonly ledger: Ledger;
}

interface Head {
  readonly wifilogger_firsts: number;
  readonly days: LedgerDays;
  readonly entries: number;
  readonly forgotten: Forgotten;
}

type SpellText = readonly [text: string, first: number, length: number];

interface Body {
  readonly words: readonly Word[];
  readonly devices: readonly {
    readonly key: string;
    readonly mac?: string;
    readonly names: readonly SpellText[];
    readonly ips: readonly SpellText[];
  }[];
  /** Bytes of each column. */
  readonly columns: readonly number[];
}

/** The bytes of the file. */
export async function encodeLedger({ days, ledger }: SettledLedger): Promise<Uint8Array> {
  const { entries, words, devices, forgotten } = ledger;
  const head: Head = { wifilogger_firsts: VERSION, days, entries: entries.length, forgotten };
  const columns = COLUMNS.map(() => new VarintWriter());
  for (let index = 0; index < entries.length; index++) {
    const { first, last, upBytes, downBytes, flows, evidence, owner } = entries.sightAt(index);
    const row = [
      entries.deviceAt(index),
      entries.wordAt(index),
      first,
      last - first,
      upBytes,
      downBytes,
      flows,
      evidence,
      owner,
    ];
    for (const [i, value] of row.entries()) columns[i].write(value);
  }
  const body: Body = {
    words: Array.from({ length: words.length }, (_, id) => words.wordOf(id)),
    devices: [...ledger.deviceKeys()].map(([key, device]) => {
      const { mac, names, ips } = devices[device];
      return { key, mac, names: spellTexts(names), ips: spellTexts(ips) };
    }),
    columns: columns.map(({ bytes }) => bytes.length),
  };
  const encoder = new TextEncoder();
  const packed = await promisify(gzip)(
    new Uint8Array(
      await new Blob([
        encoder.encode(JSON.stringify(body) + "\n"),
        ...columns.map(({ bytes }) => new Uint8Array(bytes)),
      ]).arrayBuffer(),
    ),
  );
  return new Uint8Array(
    await new Blob([encoder.encode(JSON.stringify(head) + "\n"), new Uint8Array(packed)])
      .arrayBuffer(),
  );
}

function spellTexts(spells: ReadonlyMap<string, Spell>): SpellText[] {
  return [...spells].map(([text, { first, last }]) => [text, first, last - first]);
}

/** Keeps nothing of `file`. @throws {Error} when the bytes are no ledger of this version */
export function decodeLedger(file: Uint8Array, bounds?: LedgerBounds): SettledLedger {
  const decoder = new TextDecoder();
  const headEnd = file.indexOf(NEWLINE);
  const head: Head = JSON.parse(decoder.decode(file.subarray(0, Math.max(0, headEnd))));
  if (head?.wifilogger_firsts !== VERSION) throw new Error("it is no ledger of this version");
  const bytes = unpacked(file.subarray(headEnd + 1));
  const start = bytes.indexOf(NEWLINE) + 1;
  const body: Body = JSON.parse(decoder.decode(bytes.subarray(0, start)));
  const ledger = new Ledger(bounds);
  Object.assign(ledger.forgotten, head.forgotten);
  const devices = body.devices.map(({ key, mac, names, ips }) =>
    ledger.device({ mac, names: spellsOf(names), ips: spellsOf(ips) } satisfies SeenDevice, key)
  );
  const words = body.words.map((word) => ledger.words.idOf(word));
  let at = start;
  const columns = body.columns.map((length) => {
    const column = new VarintReader(bytes.subarray(at, at + length));
    at += length;
    return column;
  });
  for (let i = 0; i < head.entries; i++) {
    const [device, word, first, length, upBytes, downBytes, flows, evidence, owner] = columns
      .map((column) => column.read());
    ledger.entries.add(devices[device], words[word], {
      first,
      last: first + length,
      upBytes,
      downBytes,
      flows,
      evidence,
      owner: owner === OWN_WORD ? OWN_WORD : words[owner],
    });
  }
  freeBytes(bytes);
  return { days: head.days, ledger };
}

function spellsOf(texts: readonly SpellText[]): Map<string, Spell> {
  return new Map(
    texts.map(([text, first, length]) => [text, { first, last: first + length }]),
  );
}
