/** What goes wrong in a run of the ledger: chosen by a seed, so that a run can be had again. */

import type { Random } from "../../../scripts/seeded_random.ts";
import type { Manner } from "./receiver.ts";

/** Whose link is cut. */
export type Link = "broker" | "receiver";

/** One fault; `forMs` is how long it lasts before it is mended. */
export type Fault =
  & { readonly forMs: number }
  & (
    /** `isHolding`: while it holds records that nobody takes; otherwise at whatever moment it is. */
    | { readonly kind: "forwarder killed"; readonly isHolding: boolean }
    | { readonly kind: "logger killed" | "broker killed" | "broker's disk full" }
    | { readonly kind: "link cut"; readonly link: Link }
    | { readonly kind: "slow receiver" | "refusing receiver"; readonly manner: Manner }
  );

const KINDS = [
  "forwarder killed",
  "logger killed",
  "broker killed",
  "link cut",
  "broker's disk full",
  "slow receiver",
  "refusing receiver",
] as const;
/** Not those that say that a record is at fault, which is then left out, and a gap sent in its place. */
const REFUSALS = [401, 403, 429, 500, 503, 507];
/** One cut in so many, and one slow receiver, lasts longer than the forwarder waits for an answer. */
const LONG_EVERY = 5;
const LONG_MS = 34_000;

/** So many faults: each kind as often as the others, in an order by chance. `mayBeLong`: some outlast any patience. */
export function makeFaults(count: number, random: Random, mayBeLong: boolean): Fault[] {
  const drawn = Array.from({ length: count }, (_, i) => ({ i, at: random() }))
    .sort((a, b) => a.at - b.at);
  return drawn.map(({ i }) => {
    const kind = KINDS[i % KINDS.length];
    const round = Math.floor(i / KINDS.length);
    const isLong = mayBeLong && round % LONG_EVERY === 1;
    const forMs = Math.round(200 + random() * 1300);
    switch (kind) {
      case "forwarder killed":
        return { kind, isHolding: round % 2 === 0, forMs };
      case "link cut": {
        const link = random() < 0.5 ? "broker" : "receiver";
        return { kind, link, forMs: isLong ? LONG_MS : forMs };
      }
      case "slow receiver": {
        const delayMs = isLong ? LONG_MS : Math.round(100 + random() * 900);
        return { kind, manner: { delayMs }, forMs };
      }
      case "refusing receiver":
        return {
          kind,
          manner: { status: REFUSALS[Math.floor(random() * REFUSALS.length)] },
          forMs,
        };
      default:
        return { kind, forMs };
    }
  });
}
