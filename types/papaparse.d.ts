/** Types of `papaparse`, as far as it is used. */

interface UnparseOptions {
  readonly header?: boolean;
  readonly newline?: string;
  /** Puts `'` before a text that a spreadsheet would run. */
  readonly escapeFormulae?: boolean | RegExp;
}

declare const Papa: {
  /** Rows as CSV (RFC 4180), without the end of the last line. */
  unparse(rows: readonly (readonly unknown[])[], options?: UnparseOptions): string;
  /** CSV as rows of text. */
  parse(text: string): { readonly data: string[][]; readonly errors: readonly unknown[] };
};
export default Papa;
