/** The ledger of firsts for a person who waits: the first time it is made, that takes a while. */

import { type KeptLedger, type LedgerPlace, openLedger } from "../../news/ledger/kept_ledger.ts";
import { ProgressBar } from "./progress_bar.ts";

/** All of the log up to now. @throws {Error} when the log cannot be opened */
export async function shownLedger(place: LedgerPlace): Promise<KeptLedger> {
  const bar = new ProgressBar("reading what was seen before");
  return await openLedger({ ...place, progress: bar.show }).finally(() => bar.clear());
}
