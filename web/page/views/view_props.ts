import type { SignedInAnswer } from "../../api/answers.ts";
import type { Address } from "../question/address.ts";

/** What a page is given. */
export interface ViewProps {
  readonly address: Address;
  readonly session: SignedInAnswer;
}
