/** Reverse DNS as a command asks it, where no capture has to tell its queries from others'. */

import { systemClock } from "../../system/clock.ts";
import { ReverseDns } from "../../enrich/reverse_dns.ts";
import { PtrQueries } from "../live/ptr_queries.ts";

export type { ReverseDns };

/** Asks the system's name servers. */
export function openReverseDns(): ReverseDns {
  const queries = new PtrQueries();
  return new ReverseDns({
    resolve: (address, signal) => queries.ask(address, signal),
    clock: systemClock,
  });
}
