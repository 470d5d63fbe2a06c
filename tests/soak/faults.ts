/** What goes wrong in the soak, and when: chosen by a seed, so that a run can be had again. */

import { FLOODS } from "../../scripts/bench/floods.ts";
import type { Random } from "../../scripts/seeded_random.ts";
import type { Manner } from "../forward/ledger/receiver.ts";

/** Every kind. */
export const KINDS = [
  "flood",
  "hostile packets",
  "link down and up",
  "interface renamed and back",
  "interface removed and made anew",
  "address changed",
  "MTU changed",
  "default route moved",
  "logger stopped by SIGSTOP",
  "logger stopped by SIGSTOP under a flood",
  "logger killed by SIGKILL",
  "logger restarted",
  "clock leaps",
  "card full",
  "card full for long, and a flood",
  "card read-only",
  "slow and dead control clients",
  "receiver refuses or is slow",
  "receiver down",
  "forwarder killed",
  "pages killed",
] as const;

export type Kind = (typeof KINDS)[number];

/** One fault: so long, and then so long nothing. */
export interface Fault {
  readonly kind: Kind;
  readonly forMs: number;
  readonly calmMs: number;
  /** Of a flood. */
  readonly flood?: keyof typeof FLOODS;
  /** Of a receiver. */
  readonly manner?: Manner;
}

/** How long each lasts, seconds. */
const SECONDS: Readonly<Record<Kind, readonly [least: number, most: number]>> = {
  "flood": [3, 8],
  "hostile packets": [3, 8],
  "link down and up": [0.5, 8],
  "interface renamed and back": [1, 6],
  "interface removed and made anew": [1, 6],
  "address changed": [1, 3],
  "MTU changed": [1, 3],
  "default route moved": [6, 15],
  "logger stopped by SIGSTOP": [1, 20],
  "logger stopped by SIGSTOP under a flood": [4, 10],
  "logger killed by SIGKILL": [8, 12],
  "logger restarted": [4, 8],
  "clock leaps": [15, 25],
  "card full": [10, 40],
  "card full for long, and a flood": [150, 180],
  "card read-only": [10, 40],
  "slow and dead control clients": [5, 15],
  "receiver refuses or is slow": [3, 12],
  "receiver down": [2, 12],
  "forwarder killed": [2, 5],
  "pages killed": [2, 5],
};
const CALM_SECONDS = [1, 9] as const;
const MANNERS: readonly Manner[] = [
  { status: 503 },
  { status: 500 },
  { status: 429 },
  { delayMs: 1500 },
];

/** Faults without end: each kind as often as the others, in an order by chance. */
export function* makeFaults(random: Random, kinds: readonly Kind[]): Generator<Fault, never> {
  const between = ([least, most]: readonly [number, number]) =>
    Math.round(1000 * (least + random() * (most - least)));
  const shuffled = <T>(list: readonly T[]) =>
    list.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at).map(({ one }) => one);
  const floods: (keyof typeof FLOODS)[] = [];
  for (;;) {
    for (const kind of shuffled(kinds)) {
      const isFlood = kind === "flood" || /(under|and) a flood$/.test(kind);
      if (isFlood && floods.length === 0) {
        floods.push(...shuffled(Object.keys(FLOODS) as (keyof typeof FLOODS)[]));
      }
      yield {
        kind,
        forMs: between(SECONDS[kind]),
        calmMs: between(CALM_SECONDS),
        ...(isFlood ? { flood: floods.pop() } : {}),
        ...(kind.startsWith("receiver refuses")
          ? { manner: MANNERS[Math.floor(random() * MANNERS.length)] }
          : {}),
      };
    }
  }
}
