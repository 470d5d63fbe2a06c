/** One end of a conversation on the wire. */

import type { AddressWords } from "./address.ts";
import type { Mac } from "./mac.ts";

/** An end of a conversation, as far as it is known. */
export interface Endpoint {
  readonly address: AddressWords;
  /** The MAC address that its packets come from, where the link has them. */
  readonly mac: Mac | undefined;
}
