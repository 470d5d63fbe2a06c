/** Text in cells of a terminal: how many it takes, and cutting and filling it to a number of them. */

import { escapeText, unicodeEscape } from "../../record/escape_text.ts";

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

/** What a terminal can show. */
export interface CharacterSet {
  /** Whether characters other than ASCII are shown as what they are. */
  readonly isUtf8: boolean;
}

/** How a text stands in its cells. */
export interface Cells {
  readonly width: number;
  /** @default "left" */
  readonly align?: "left" | "right";
  /** Where what does not fit is left out: of names and addresses both ends tell something. @default "end" */
  readonly cut?: "end" | "middle";
}

/** The text in exactly `width` cells, what the network may have put in it made harmless; cut with a mark where it is longer. */
export function inCells(
  text: string,
  { width, align = "left", cut }: Cells,
  charset: CharacterSet,
): string {
  const shown = shownText(text, charset);
  const fitting = cellWidth(shown) <= width ? shown : cutTo(shown, { width, cut }, charset);
  const fill = " ".repeat(Math.max(0, width - cellWidth(fitting)));
  return align === "left" ? fitting + fill : fill + fitting;
}

/** Without what a terminal obeys, and without characters that it cannot show. */
function shownText(text: string, { isUtf8 }: CharacterSet): string {
  const harmless = escapeText(text);
  if (isUtf8) return harmless;
  // deno-lint-ignore no-control-regex
  return harmless.replace(/[^\x00-\x7f]/g, unicodeEscape);
}

function cutTo(text: string, { width, cut = "end" }: Cells, { isUtf8 }: CharacterSet): string {
  if (width <= 0) return "";
  const characters = [...text];
  const endWidth = cut === "middle" ? Math.floor(width * 0.6) : 0;
  const end = fittingIn(characters.toReversed(), endWidth).reverse().join("");
  const front = fittingIn(characters, width - 1 - cellWidth(end)).join("");
  return front + (isUtf8 ? "…" : "~") + end;
}

/** The first characters that fit. */
function fittingIn(characters: readonly string[], width: number): string[] {
  let cells = 0;
  const tooMany = characters.findIndex((character) => (cells += widthOf(character)) > width);
  return tooMany === -1 ? [...characters] : characters.slice(0, tooMany);
}
