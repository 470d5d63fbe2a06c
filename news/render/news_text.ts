/** News for people and programs. */

import { csvText } from "../../record/csv_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { numberText } from "../../report/render/figures.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import type { Forgotten } from "../ledger/ledger.ts";
import { commandOf, type NewsItem, type Weight, WEIGHTS, whatText } from "../rules/news_item.ts";
import { bold, type TableLook, textTable } from "./text_table.ts";

const HEADINGS: Readonly<Record<Weight, string>> = {
  weighty: "Worth a look",
  plain: "New",
  small: "Small things",
};

const EVIDENCE_TEXTS: Readonly<Record<string, string>> = {
  tls_sni: "TLS",
  quic_sni: "QUIC",
  http_host: "HTTP",
  dns: "DNS",
  ptr: "reverse DNS",
  none: "address",
  mac: "MAC",
  random_mac: "random MAC",
  address: "address",
};

/** A table for each weight; `maxRows` rows of each at most. */
export function newsTable(
  items: readonly NewsItem[],
  { maxRows, ...look }: TableLook & { readonly maxRows: number },
): string {
  const parts = WEIGHTS.flatMap((weight) => {
    const ofWeight = items.filter((item) => item.weight === weight);
    if (ofWeight.length === 0) return [];
    const shown = ofWeight.slice(0, maxRows);
    const left = ofWeight.length - shown.length;
    const table = textTable(
      [
        { head: "since", isWhole: true },
        { head: "device" },
        { head: "kind", isWhole: true },
        { head: "new" },
        { head: "bytes", align: "right", isWhole: true },
        { head: "known by" },
      ],
      shown.map((item) => ({
        cells: [
          hourText(item.firstMs),
          item.device?.label ?? "all",
          item.kind,
          whatText(item) + (item.note === undefined ? "" : `: ${item.note}`),
          formatBytes(item.upBytes + item.downBytes),
          EVIDENCE_TEXTS[item.evidence] ?? item.evidence,
        ],
        below: weight === "weighty" ? commandOf(item) : undefined,
      })),
      look,
    );
    return [
      `${bold(HEADINGS[weight], look)}\n${table}` +
      (left > 0 ? `\nand ${left} more: with -n ${ofWeight.length}, or --format json` : ""),
    ];
  });
  return parts.length === 0 ? "Nothing new.\n" : parts.join("\n\n") + "\n";
}

/** What an owner has to know of the bounds of what is known. */
export function forgottenText({ entries, devices, otherBytes }: Forgotten): string {
  const texts: string[] = [];
  if (entries + devices > 0) {
    texts.push(
      `${numberText(entries)} firsts and ${
        numberText(devices)
      } devices of long ago were forgotten, ` +
        "to keep to the bound: they are new when they come back.",
    );
  }
  if (otherBytes > 0) {
    texts.push(
      `Of ${
        formatBytes(otherBytes)
      } in days of very many small conversations only the device is known.`,
    );
  }
  return texts.map((text) => `\n${text}\n`).join("");
}

/** The field names that programs rely on. */
export function newsFields(item: NewsItem) {
  const { kind, device, what, firstMs, lastMs, upBytes, downBytes, evidence } = item;
  return {
    kind,
    device: device?.label,
    mac: device?.macs.at(-1),
    what: kind === "device" ? device?.id : what,
    weight: item.weight,
    first: new Date(firstMs).toISOString(),
    last: new Date(lastMs).toISOString(),
    bytes: upBytes + downBytes,
    up_bytes: upBytes,
    down_bytes: downBytes,
    evidence,
    sites: item.sites,
    note: item.note,
    command: commandOf(item),
  };
}

/** One object a line. */
export function newsJson(items: readonly NewsItem[]): string {
  return items.map((item) => JSON.stringify(newsFields(item)) + "\n").join("");
}

const COLUMNS = [
  "kind",
  "device",
  "mac",
  "what",
  "weight",
  "first",
  "last",
  "bytes",
  "up_bytes",
  "down_bytes",
  "evidence",
  "sites",
  "note",
  "command",
] as const;

export function newsCsv(items: readonly NewsItem[]): string {
  const rows = items.map((item) => {
    const fields = newsFields(item);
    return COLUMNS.map((column) => {
      const value = fields[column];
      return typeof value === "string" ? escapeText(value) : value;
    });
  });
  return csvText([[...COLUMNS], ...rows]);
}

/** Local: `2026-11-22 18h`; firsts are known to the hour. */
function hourText(epochMs: number): string {
  return `${localDay(epochMs)} ${new Date(epochMs).toTimeString().slice(0, 2)}h`;
}
