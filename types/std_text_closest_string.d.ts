/** Types of `@std/text/closest-string`, as far as they are used. */

/** The one of `possibleWords` (at least one) that takes the fewest edits from `givenWord`. */
export function closestString(givenWord: string, possibleWords: readonly string[]): string;
