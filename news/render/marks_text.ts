/** What the owner knows, for people and programs. */

import { csvText } from "../../record/csv_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import { keysOf, type KnownMark } from "../owner/owner_file.ts";
import type { Device } from "../rules/household_devices.ts";
import { type TableLook, textTable } from "./text_table.ts";

export function marksTable(
  marks: readonly KnownMark[],
  devices: readonly Device[],
  look: TableLook,
): string {
  if (marks.length === 0) return "Nothing is marked as known.\n";
  const rows = marks.map((mark) => {
    const { kind, what, device } = markFields(mark, devices);
    return { cells: [kind, what ?? "", device ?? "any device"] };
  });
  return textTable([{ head: "kind" }, { head: "known" }, { head: "device" }], rows, look) + "\n";
}

/** One object a line. */
export function marksJson(marks: readonly KnownMark[], devices: readonly Device[]): string {
  return marks.map((mark) => JSON.stringify(markFields(mark, devices)) + "\n").join("");
}

export function marksCsv(marks: readonly KnownMark[], devices: readonly Device[]): string {
  const rows = marks.map((mark) => {
    const { kind, what = "", device = "" } = markFields(mark, devices);
    return [kind, escapeText(what), escapeText(device)];
  });
  return csvText([["kind", "what", "device"], ...rows]);
}

export function markFields({ kind, what, device }: KnownMark, devices: readonly Device[]) {
  const found = devices.find((one) => device !== undefined && keysOf(one).includes(device));
  return { kind, what, device: found?.label ?? device };
}
