/** Who is told: what a receiver can do, and how it fails. */

import type { Telling } from "../../news/telling/telling.ts";
import type { Secret } from "../../service/settings/secret.ts";

/** A receiver of tellings. */
export interface Receiver {
  /** Names it to people, without anything secret. */
  readonly name: string;
  /**
   * Tells, and resolves when the receiver has answered for it. With `mayHaveIt` it was told before, and nobody knows
   * whether that arrived: where the receiver can be asked, it is not told twice; each telling has its `id`, by which others can tell.
   *
   * @throws {SendFailure} why the receiver does not have it
   */
  tell(
    telling: Telling,
    options: { readonly mayHaveIt: boolean; readonly stop: AbortSignal },
  ): Promise<void>;
  close(): void;
}

/** What opening one needs besides its URL. */
export interface ReceiverOptions {
  readonly site: string;
  /** Signs what is posted to a webhook. */
  readonly secret: Secret | undefined;
}
