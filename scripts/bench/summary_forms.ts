/** A day's summary in three forms: the product's own, SQLite and Parquet; what each takes to write, to sum, and to keep. */

import { DatabaseSync } from "node:sqlite";
import { join } from "@std/path";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { Vocabulary } from "../../report/facts/vocabulary.ts";
import type { DaySummary } from "../../report/summary/day_summary.ts";
import { decodeSummary, encodeSummary } from "../../report/summary/summary_file.ts";
import { median } from "./table.ts";

/** How a form did, a day each: medians. */
export interface FormFigures {
  readonly form: string;
  readonly bytes: number;
  readonly writeSeconds: number;
  readonly sumSeconds: number;
}

type Sums = Map<string, number>;

/** One way to keep a summary. */
interface Form {
  readonly form: string;
  write(path: string, day: string, summary: DaySummary): Promise<void> | void;
  /** Bytes by name. */
  sum(path: string): Promise<Sums> | Sums;
}

const WORDS = ["device", "name", "country", "owner", "service", "direction", "evidence"] as const;
const NUMBERS = ["hourMs", "upBytes", "downBytes", "packets", "flows"] as const;

/** Writes each summary in each form and sums it. @throws {Error} when two forms give different sums */
export async function compareForms(
  folder: string,
  days: ReadonlyMap<string, DaySummary>,
): Promise<FormFigures[]> {
  const figures: FormFigures[] = [];
  const expected = new Map<string, string>();
  for (const form of FORMS) {
    const taken = { bytes: [] as number[], write: [] as number[], sum: [] as number[] };
    for (const [day, summary] of days) {
      const path = join(folder, `${day}.${form.form.replace(/\W/g, "_")}`);
      const startedAt = performance.now();
      await form.write(path, day, summary);
      const writtenAt = performance.now();
      const sums = await form.sum(path);
      taken.sum.push((performance.now() - writtenAt) / 1e3);
      taken.write.push((writtenAt - startedAt) / 1e3);
      taken.bytes.push((await Deno.stat(path)).size);
      await Deno.remove(path);
      const text = JSON.stringify([...sums].sort());
      if ((expected.get(day) ?? text) !== text) throw new Error(`${form.form}: other sums`);
      expected.set(day, text);
    }
    figures.push({
      form: form.form,
      bytes: median(taken.bytes),
      writeSeconds: median(taken.write),
      sumSeconds: median(taken.sum),
    });
  }
  return figures;
}

const own: Form = {
  form: "columns in gzip",
  async write(path, day, summary) {
    await Deno.writeFile(path, await encodeSummary(day, {}, summary));
  },
  async sum(path) {
    const vocabulary = new Vocabulary();
    const sums = new Map<number, number>();
    const span = { sinceMs: -Infinity, untilMs: Infinity };
    decodeSummary(await Deno.readFile(path)).readRows(vocabulary, span, {
      fact: ({ name, upBytes, downBytes }) =>
        sums.set(name, (sums.get(name) ?? 0) + upBytes + downBytes),
      gap() {},
      foreign() {},
    });
    return new Map([...sums].map(([id, bytes]) => [vocabulary.names.words[id], bytes]));
  },
};

const sqlite: Form = {
  form: "SQLite (node:sqlite)",
  write(path, _day, summary) {
    using database = new DatabaseSync(path);
    database.exec("pragma journal_mode = off; pragma synchronous = off; begin");
    database.exec("create table word (id integer primary key, text text unique)");
    database.exec(`create table sums (${[...WORDS, ...NUMBERS].map((of) => `${of} integer`)})`);
    const ids = new Map<string, number>();
    const addWord = database.prepare("insert into word values (?, ?)");
    const idOf = (text: string) => {
      const known = ids.get(text);
      if (known !== undefined) return known;
      ids.set(text, ids.size);
      addWord.run(ids.size - 1, text);
      return ids.size - 1;
    };
    const marks = [...WORDS, ...NUMBERS].map(() => "?");
    const addRow = database.prepare(`insert into sums values (${marks})`);
    for (const row of rowsOf(summary)) {
      addRow.run(...WORDS.map((of) => idOf(row[of])), ...NUMBERS.map((of) => row[of]));
    }
    database.exec("commit");
  },
  sum(path) {
    using database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare(
      "select text, sum(upBytes + downBytes) as bytes from sums join word on id = name group by 1",
    ).all();
    return new Map(rows.map(({ text, bytes }) => [text as string, bytes as number]));
  },
};

const parquet: Form = {
  form: "Parquet (hyparquet-writer)",
  write(path, _day, summary) {
    const rows = [...rowsOf(summary)];
    const words = WORDS.map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      type: "STRING" as const,
    }));
    const numbers = NUMBERS.map((name) => ({
      name,
      data: rows.map((row) => BigInt(row[name])),
      type: "INT64" as const,
    }));
    const bytes = parquetWriteBuffer({ columnData: [...words, ...numbers] });
    Deno.writeFileSync(path, new Uint8Array(bytes));
  },
  async sum(path) {
    const { buffer } = await Deno.readFile(path);
    const columns = ["name", "upBytes", "downBytes"];
    const sums: Sums = new Map();
    for (const row of await parquetReadObjects({ file: buffer, columns })) {
      sums.set(row.name, (sums.get(row.name) ?? 0) + Number(row.upBytes) + Number(row.downBytes));
    }
    return sums;
  },
};

const FORMS: readonly Form[] = [own, sqlite, parquet];

/** The rows with their words as texts. */
function* rowsOf({ rows, vocabulary }: DaySummary) {
  const words = {
    device: vocabulary.devices.words.map((word) => JSON.stringify(word)),
    name: vocabulary.names.words,
    country: vocabulary.countries.words.map((word) => JSON.stringify(word)),
    owner: vocabulary.owners.words.map((word) => JSON.stringify(word)),
    service: vocabulary.services.words.map((word) => JSON.stringify(word)),
    direction: vocabulary.directions.words,
    evidence: vocabulary.evidences.words,
  };
  for (const { hourMs, upBytes, downBytes, packets, flows, ...ids } of rows) {
    yield {
      ...{ hourMs, upBytes, downBytes, packets, flows },
      device: words.device[ids.device],
      name: words.name[ids.name],
      country: words.country[ids.country],
      owner: words.owner[ids.owner],
      service: words.service[ids.service],
      direction: words.direction[ids.direction],
      evidence: words.evidence[ids.evidence],
    };
  }
}
