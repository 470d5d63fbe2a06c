/** Groups of sums. */

/** What a row is about: the value itself, and what a person calls it. */
export interface Group {
  readonly value: string | number | null;
  readonly label: string;
}
