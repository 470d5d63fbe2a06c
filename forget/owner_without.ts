/** What the owner has said, and what was told, without what is forgotten. */

import { isNameWithin } from "../record/record_filter.ts";
import type { OwnerWords } from "../news/owner/owner_file.ts";
import type { ToldState } from "../news/telling/told_file.ts";
import { type ForgetOrder, type ForgottenDevice, isForever } from "./order.ts";

/** Names and marks; those of a device go only with all of it. */
export function ownerWithout(words: OwnerWords, order: ForgetOrder): OwnerWords {
  if (!isForever(order)) return words;
  const { device, site } = order;
  const isOurs = (key: string | undefined) => key !== undefined && isKeyOf(key, device);
  const names = site !== undefined
    ? words.names
    : Object.fromEntries(Object.entries(words.names).filter(([key]) => !isOurs(key)));
  const known = words.known.filter((mark) => {
    const isOfDevice = device === undefined || isOurs(mark.device);
    const isOfSite = site === undefined ||
      mark.kind === "site" && mark.what !== undefined && isNameWithin(mark.what, site);
    return !(isOfDevice && isOfSite);
  });
  return { names, known };
}

/** What was told of it, and tellings on their way that speak of it. */
export function toldWithout(state: ToldState, order: ForgetOrder): ToldState {
  const { device, site, sinceMs, untilMs } = order;
  const isThen = (ms: number) => ms >= sinceMs && ms < untilMs;
  const told = Object.entries(state.told).filter(([key, atMs]) => {
    const [kind, of, ...rest] = key.split(" ");
    const isOfDevice = device === undefined || isKeyOf(of, device);
    const isOfSite = site === undefined ||
      kind === "site" && isNameWithin(rest[0] ?? "", site);
    return !(isThen(atMs) && isOfDevice && isOfSite);
  });
  const devices = Object.entries(state.devices).filter(([key, atMs]) =>
    !(isThen(atMs) && site === undefined && (device === undefined || isKeyOf(key, device)))
  );
  const words = [
    ...(device === undefined ? [] : [...device.macs, ...device.bare, ...device.names]),
    ...(site === undefined ? [] : [site]),
  ];
  const outbox = state.outbox.filter(({ telling }) => {
    const text = JSON.stringify(telling).toLowerCase();
    const isAbout = words.length === 0 || words.some((word) => text.includes(word));
    return !(isThen(Date.parse(telling.time)) && isAbout);
  });
  return {
    ...state,
    told: Object.fromEntries(told),
    devices: Object.fromEntries(devices),
    outbox,
  };
}

function isKeyOf(key: string, device: ForgottenDevice | undefined): boolean {
  const lower = key.toLowerCase();
  return device !== undefined && (device.macs.has(lower) || device.bare.has(lower));
}
