/** Reading JSON from a server that may not be what it seems. */

/**
 * The JSON in a response.
 *
 * @throws {RangeError} when it is longer than `maxBytes`, of which no more is read
 * @throws {SyntaxError} when it is no JSON
 * @throws what reading throws, when it ends before its end
 */
export async function readJsonBody(response: Response, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > maxBytes) throw new RangeError(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(await new Blob(chunks).text());
}
