/** Writing to standard output for a reader who may keep the writer waiting. */

/**
 * Writes all of a text.
 *
 * @throws {Deno.errors.BrokenPipe} when the reader has gone
 * @throws {Error} when it cannot be written, with the reason
 */
export function writeOut(text: string): void {
  writeBytesOut(new TextEncoder().encode(text));
}

/** Writes all of these bytes; throws as `writeOut()` does. */
export function writeBytesOut(bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length;) {
      written += Deno.stdout.writeSync(bytes.subarray(written));
    }
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.BrokenPipe) throw error;
    throw new Error(`cannot write to standard output: ${error.message}`, { cause: error });
  }
}
