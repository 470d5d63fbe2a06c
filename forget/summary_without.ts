/**
 * A day's sums without what is forgotten: of days whose records are gone, where nothing else is left to make them of.
 * Sums are by the hour; of an hour that the order touches all is forgotten.
 */

import { isNameWithin } from "../record/record_filter.ts";
import type { Fact } from "../report/facts/fact.ts";
import type { DeviceWord, Vocabulary } from "../report/facts/vocabulary.ts";
import { SummaryBuilder } from "../report/summary/day_summary.ts";
import { encodeSummary, type OpenSummary } from "../report/summary/summary_file.ts";
import type { ForgetOrder, ForgottenDevice } from "./order.ts";

const EVER = { sinceMs: -Infinity, untilMs: Infinity };
const HOUR_MS = 3600e3;

/** The file without it; `undefined` where nothing of it was there. `rows`: how many went. */
export async function summaryWithout(
  summary: OpenSummary,
  order: ForgetOrder,
): Promise<{ readonly rows: number; readonly bytes: Uint8Array | undefined } | undefined> {
  const builder = new SummaryBuilder();
  const { vocabulary } = builder;
  summary.readWords(vocabulary);
  const isForgotten = forgottenFacts(order, vocabulary);
  let [rows, kept] = [0, 0];
  summary.readRows(vocabulary, EVER, {
    fact: (fact) => {
      if (isForgotten(fact)) rows++;
      else {
        kept++;
        builder.fact(fact);
      }
    },
    gap: (gap) => builder.gap(gap),
    foreign: () => {},
  });
  if (rows === 0) return undefined;
  const { day, source, foreign, folded } = summary.head;
  const rest = builder.finish();
  if (kept === 0 && rest.gaps.length === 0 && foreign === 0) return { rows, bytes: undefined };
  return { rows, bytes: await encodeSummary(day, source, { ...rest, foreign, folded }) };
}

function forgottenFacts(
  { device, site, sinceMs, untilMs }: ForgetOrder,
  { devices, names }: Vocabulary,
): (fact: Readonly<Fact>) => boolean {
  const ofDevice = device && devices.words.map((word) => isOfDevice(word, device, devices.words));
  const ofSite = site !== undefined
    ? names.words.map((name) => isNameWithin(name, site))
    : undefined;
  return (fact) =>
    fact.hourMs + HOUR_MS > sinceMs && fact.hourMs < untilMs &&
    (ofDevice?.[fact.device] ?? true) && (ofSite?.[fact.name] ?? true);
}

/** What has no MAC address is of the device that had the address on that day. */
function isOfDevice(
  { mac, ip, name }: DeviceWord,
  { macs, bare }: ForgottenDevice,
  words: readonly DeviceWord[],
): boolean {
  if (mac !== undefined) return macs.has(mac.toLowerCase());
  if (ip === undefined) return name !== undefined && bare.has(name.toLowerCase());
  const owners = words.filter((word) => word.ip === ip && word.mac !== undefined);
  if (owners.length === 0) return bare.has(ip.toLowerCase());
  return owners.some((owner) => macs.has(owner.mac!.toLowerCase()));
}
