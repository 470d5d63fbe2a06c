/** What `numbered_writer.ts` says of the records that it gave to a log store. */

import { textOf } from "./scratch.ts";

/** Numbers of records. */
export interface GivenNumbers {
  /** Of those that were taken. */
  taken: number[];
  /** Of those whose fate the writer did not live to tell, or does not know yet. */
  unknown: number[];
}

/** Reads the acknowledgements at a path; a line without its end is left out. */
export function givenNumbers(path: string): GivenNumbers {
  const unknown = new Map<string, number[]>();
  const taken: number[] = [];
  for (const line of textOf(path).split("\n").slice(0, -1)) {
    const [what, first, length] = line.split(" ");
    if (what === "try") unknown.set(first, Array.from({ length: +length }, (_, i) => +first + i));
    if (what === "took") taken.push(...unknown.get(first)!);
    if (what !== "try") unknown.delete(first);
  }
  return { taken, unknown: [...unknown.values()].flat() };
}
