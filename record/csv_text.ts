/** Rows of text for other programs. */

// @ts-types="../types/papaparse.d.ts"
import Papa from "papaparse";

const LINE_END = "\r\n";
/** What a spreadsheet takes for a formula, in the forms that it reads them. */
const FORMULA = /^[\s']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** Rows as CSV (RFC 4180), each with its end. A text that a spreadsheet would run gets a `'` before it. */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return Papa.unparse(rows, { newline: LINE_END, escapeFormulae: FORMULA }) + LINE_END;
}
