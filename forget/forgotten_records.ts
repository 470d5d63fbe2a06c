/** Which lines of the log are forgotten. */

import { type FlowRecord, isGap, type LogRecord, type MergedRecord } from "../record/log_record.ts";
import { parseLine } from "../record/logged_line.ts";
import { isNameWithin } from "../record/record_filter.ts";
import type { AddressOwners } from "./address_owners.ts";
import type { ForgetOrder, ForgottenDevice } from "./order.ts";

/** Whether a line, without its newline, is forgotten. A gap never is, nor what is no record: it is nobody's. */
export function forgottenLines(
  order: ForgetOrder,
  owners: AddressOwners,
): (line: string) => boolean {
  const needles = needlesOf(order, owners);
  return (line) => {
    // Most lines do not even hold the words.
    if (!needles.every((needle) => needle.test(line))) return false;
    const record = parseLine(line);
    return record !== undefined && isForgotten(record, order, owners);
  };
}

function needlesOf({ device, site }: ForgetOrder, owners: AddressOwners): RegExp[] {
  const needles: RegExp[] = [];
  if (device !== undefined) {
    const words = [...device.macs, ...device.bare, ...owners.addressesOf(device.macs)];
    needles.push(new RegExp(words.map((word) => `"${RegExp.escape(word)}"`).join("|"), "i"));
  }
  if (site !== undefined) needles.push(new RegExp(`${RegExp.escape(site)}"`, "i"));
  return needles;
}

function isForgotten(record: LogRecord, order: ForgetOrder, owners: AddressOwners): boolean {
  if (isGap(record)) return false;
  const timeMs = Date.parse(record["@timestamp"]);
  if (timeMs < order.sinceMs || timeMs >= order.untilMs) return false;
  if (order.site !== undefined && !isOfSite(record, order.site)) return false;
  return order.device === undefined || isOfDevice(record, order.device, { owners, timeMs });
}

/** By its name, or by any evidence that it holds. */
function isOfSite(record: FlowRecord | MergedRecord, site: string): boolean {
  const { tls, url, dns, wifilogger }: Partial<FlowRecord> = record as FlowRecord;
  return [
    record.destination.domain,
    tls?.client?.server_name,
    url?.domain,
    dns?.question?.name,
    wifilogger?.ptr,
  ].some((name) => typeof name === "string" && isNameWithin(name, site));
}

function isOfDevice(
  { source, destination, network: { direction } }: FlowRecord | MergedRecord,
  device: ForgottenDevice,
  moment: { readonly owners: AddressOwners; readonly timeMs: number },
): boolean {
  const ends = [
    ...(direction !== "inbound" ? [source] : []),
    ...(direction !== "outbound" ? [{ ip: destination.ip }] : []),
  ];
  return ends.some((end) => isEndOf(end, device, moment));
}

function isEndOf(
  { ip, mac, domain }: { readonly ip?: string; readonly mac?: string; readonly domain?: string },
  { macs, bare }: ForgottenDevice,
  { owners, timeMs }: { readonly owners: AddressOwners; readonly timeMs: number },
): boolean {
  if (mac !== undefined) return macs.has(mac.toLowerCase());
  if (ip === undefined) return domain !== undefined && bare.has(domain.toLowerCase());
  const owner = owners.ownerOf(ip, timeMs);
  return owner === undefined ? bare.has(ip.toLowerCase()) : macs.has(owner.toLowerCase());
}
