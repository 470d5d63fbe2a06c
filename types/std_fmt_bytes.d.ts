/** Types of `@std/fmt/bytes`, as far as they are used. */

/** `1337` is `1.34 kB`. */
export function format(bytes: number): string;
