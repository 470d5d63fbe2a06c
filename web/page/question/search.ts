/** What a person types to find records: the words of the command line, and names. */

import { type Filter, FILTERS, type Question } from "./address.ts";

/** What was understood, or what was not. */
export type Search = { readonly filters: Question } | { readonly problem: string };

const KNOWN: ReadonlySet<string> = new Set(FILTERS);

/**
 * Reads `--device tv --site example.org`, `device:tv site=example.org`, or a bare word, which is part of a name. Values
 * with spaces stand in quotes.
 */
export function parseSearch(text: string): Search {
  const filters: Partial<Record<Filter, string>> = {};
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word);
  for (let i = 0; i < words.length; i++) {
    const match = /^(--)?([a-z]+)(?:[:=](.*))?$/.exec(words[i]);
    const isFilter = match !== null && KNOWN.has(match[2]) &&
      (match[1] !== undefined || match[3] !== undefined);
    if (match?.[1] !== undefined && !isFilter) return { problem: unknownWord(match[2]) };
    const [word, value] = isFilter
      ? [match[2] as Filter, match[3] ?? words[++i]]
      : ["name" as const, words[i]];
    if (value === undefined || bare(value) === "") {
      return { problem: `${word} has no value. Write ${word}:VALUE` };
    }
    if (filters[word] !== undefined) {
      return { problem: `${word} is there twice: a record has one. Leave one out` };
    }
    filters[word] = bare(value);
  }
  return { filters };
}

function unknownWord(word: string): string {
  return `There is no --${word}. Choose of ${FILTERS.join(", ")}`;
}

function bare(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, "$2");
}

/** The same as somebody would have typed it. */
export function searchText(question: Question): string {
  return FILTERS.filter((word) => question[word]).map((word) => {
    const value = question[word]!;
    const isPlain = /^[^\s"']+$/.test(value);
    return `${word}:${isPlain ? value : value.includes('"') ? `'${value}'` : `"${value}"`}`;
  }).join(" ");
}
