/** A table of texts for a terminal: columns as wide as what they hold, the widest cut in its middle where room is short. */

import { escapeText } from "../../record/escape_text.ts";
import { cellWidth, inCells } from "../../report/render/cells.ts";

/** How it is shown. */
export interface TableLook {
  /** Columns of the terminal. */
  readonly width: number;
  readonly isUnicode: boolean;
  readonly isColoured: boolean;
}

/** A column. */
export interface Column {
  readonly head: string;
  readonly align?: "right";
  /** Whether half of it would tell nothing. */
  readonly isWhole?: boolean;
}

const GAP = "  ";
const MIN_WIDTH = 6;

/** The lines of a table; below a row may stand a line of its own, as long as it is. */
export function textTable(
  columns: readonly Column[],
  rows: readonly { readonly cells: readonly string[]; readonly below?: string }[],
  look: TableLook,
): string {
  const texts = rows.map(({ cells }) => cells.map(escapeText));
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...texts.map((row) => cellWidth(row[i])))
  );
  const space = look.width - GAP.length * (columns.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > space) {
    const most = Math.max(...widths.filter((_, i) => !columns[i].isWhole));
    const widest = widths.findIndex((width, i) => width === most && !columns[i].isWhole);
    if (widest < 0 || most <= MIN_WIDTH) break;
    widths[widest]--;
  }
  const charset = { isUtf8: look.isUnicode };
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) =>
      inCells(cell, { width: widths[i], align: columns[i].align, cut: "middle" }, charset)
    ).join(GAP).trimEnd();
  return [
    dim(line(columns.map(({ head }) => head)), look),
    ...texts.flatMap((cells, i) => {
      const { below } = rows[i];
      return below === undefined
        ? [line(cells)]
        : [line(cells), dim(`${GAP}${escapeText(below)}`, look)];
    }),
  ].join("\n");
}

export function dim(text: string, { isColoured }: TableLook): string {
  return isColoured ? `\x1b[2m${text}\x1b[22m` : text;
}

export function bold(text: string, { isColoured }: TableLook): string {
  return isColoured ? `\x1b[1m${text}\x1b[22m` : text;
}
