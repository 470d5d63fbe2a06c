/** What the live tests share: a household with servers and a real DNS server, and the log that is kept in it. */

import { LAN, type Server, SERVERS } from "../../scripts/household/addresses.ts";
import { Household } from "../../scripts/household/household.ts";
import { RAM_LOG, readArchive } from "../../scripts/household/logger.ts";
import type { Machine } from "../../scripts/household/network.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import type { FlowRecord, LogRecord } from "../../record/log_record.ts";
import { isGap } from "../../record/log_record.ts";
import { whyNoNamespaces } from "../namespaces_missing.ts";
import { lacks } from "../skip.ts";

/** Why no live test can run here; null when they can. */
export const liveMissing = lacks({
  root: true,
  commands: ["ip", "unshare", "nsenter", "tcpdump", "tshark", "dnsmasq", "curl"],
}) ?? await whyNoNamespaces(Household.open);

/** A household whose Internet serves and whose router answers DNS, by dnsmasq. */
export async function openLiveHousehold(): Promise<Household> {
  const household = await Household.open();
  try {
    await household.startOwn("internet", "internet.ts", SCRATCH);
    const dnsmasq = household.start("router", ["dnsmasq", ...DNSMASQ_FLAGS]);
    await dnsmasq.said("started");
    return household;
  } catch (error) {
    await household[Symbol.asyncDispose]();
    throw error;
  }
}

const DNSMASQ_FLAGS = [
  ...["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--pid-file="],
  ...["--user=root", "--no-hosts", "--no-resolv"],
  ...["--bind-interfaces", `--listen-address=${LAN.router.ipv4}`],
  ...Object.values<Server>(SERVERS).flatMap(dnsmasqRecords),
];

function dnsmasqRecords({ host, canonicalHost, ipv4, ipv6 }: Server): string[] {
  if (host === undefined) return [];
  const name = canonicalHost ?? host;
  return [
    `--host-record=${[name, ipv4, ipv6].filter((part) => part !== undefined).join(",")}`,
    ...(canonicalHost === undefined ? [] : [`--cname=${host},${canonicalHost}`]),
  ];
}

/** Fetches with curl; `args` end with the URL. @throws {Error} when curl fails */
export async function curl(household: Household, machine: Machine, ...args: string[]) {
  const argv = ["curl", "--silent", "--show-error", "--fail", "--output", "/dev/null", ...args];
  const { code, stderr } = await household.run(machine, argv);
  if (code !== 0) throw new Error(`curl on ${machine} ended with ${code}: ${stderr.join(" ")}`);
}

/** The lines of the RAM log; none when it is not there. */
export function ramLines(household: Household): string[] {
  try {
    const text = Deno.readTextFileSync(household.path(RAM_LOG));
    return text.split("\n").slice(0, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The lines of the archive; none before the first flush. */
export function archiveLines(household: Household): string[] {
  try {
    return readArchive(household).lines;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The records among some lines that are of flows. */
export function flowsIn(lines: readonly string[]): FlowRecord[] {
  return recordsIn(lines).filter((record) => !isGap(record)) as FlowRecord[];
}

/** The reasons of the gaps among some lines. */
export function gapsIn(lines: readonly string[]): string[] {
  return recordsIn(lines).flatMap((record) => isGap(record) ? record.wifilogger.gap.reason : []);
}

function recordsIn(lines: readonly string[]): LogRecord[] {
  return lines.map((line) => JSON.parse(line));
}
