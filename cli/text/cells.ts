/** Text in cells of a terminal: how many it takes, and cutting and filling it to a number of them. */

import { escapeText } from "../../record/escape_text.ts";
import type { Terminal } from "./terminal.ts";

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian Wide and Fullwidth (Unicode Standard Annex 11), by block, and what is shown as a picture. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

/** Cells that a text takes, in which there are no controls. */
export function cellWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += widthOf(character);
  return cells;
}

function widthOf(character: string): 0 | 1 | 2 {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How a text stands in its cells. */
export interface Cells {
  readonly width: number;
  /** @default "left" */
  readonly align?: "left" | "right";
}

/** The text in exactly `width` cells, what the network may have put in it made harmless; cut with a mark where it is longer. */
export function inCells(
  text: string,
  { width, align = "left" }: Cells,
  terminal: Terminal,
): string {
  const shown = shownText(text, terminal);
  const cut = cellWidth(shown) <= width ? shown : cutTo(shown, width, terminal);
  const fill = " ".repeat(Math.max(0, width - cellWidth(cut)));
  return align === "left" ? cut + fill : fill + cut;
}

/** Without what a terminal obeys, and without characters that it cannot show. */
export function shownText(text: string, { isUtf8 }: Terminal): string {
  const harmless = escapeText(text);
  if (isUtf8) return harmless;
  // deno-lint-ignore no-control-regex
  return harmless.replace(/[^\x00-\x7f]/g, (unit) => {
    return "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
  });
}

function cutTo(text: string, width: number, { isUtf8 }: Terminal): string {
  if (width <= 0) return "";
  let kept = "";
  let cells = 1; // of the mark
  for (const character of text) {
    cells += widthOf(character);
    if (cells > width) break;
    kept += character;
  }
  return kept + (isUtf8 ? "…" : "~");
}
