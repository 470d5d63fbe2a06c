/** Why a request gets no answer: a status of HTTP and a sentence for a person. */
export class HttpFault extends Error {
  override name = "HttpFault";

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
