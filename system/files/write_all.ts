/**
 * Writes all of `bytes` at the file's position: write(2) may take less than it is given.
 *
 * @throws what the failing write throws; a part may then have been written.
 */
export async function writeAll(file: Pick<Deno.FsFile, "write">, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
