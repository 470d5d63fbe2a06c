/** `@std/fmt/bytes` with its types, which the package on npm lacks. */

// @ts-types="../../types/std_fmt_bytes.d.ts"
import { format } from "@std/fmt/bytes";

/** A size for a person: `1.2 kB`, decimal units. */
export function formatBytes(bytes: number): string {
  return format(bytes);
}
