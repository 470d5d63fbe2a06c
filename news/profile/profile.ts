/** What a device speaks to regularly: read from summaries and records of a span. */

import type { Fact } from "../../report/facts/fact.ts";
import type { Span } from "../../report/facts/line_facts.ts";
import { type DeviceWord, Vocabulary } from "../../report/facts/vocabulary.ts";
import { type LogPlace, readFacts } from "../../report/question/log_facts.ts";
import { siteOf, UNKNOWN } from "../../report/question/site.ts";
import { OTHER } from "../../report/summary/day_summary.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { serviceText } from "../ledger/words.ts";
import type { Device } from "../rules/household_devices.ts";

/** One name and service that a device spoke to, or was called on. */
export interface Contact {
  /** `undefined` where nobody said one. */
  readonly name: string | undefined;
  readonly site: string | undefined;
  readonly owner: string | undefined;
  /** `443/tcp` */
  readonly service: string;
  readonly direction: "outbound" | "inbound";
  /** Days on which it was seen. */
  readonly days: number;
  readonly flows: number;
  readonly upBytes: number;
  readonly downBytes: number;
  /** Whether it is one of the device's manners. */
  readonly isRegular: boolean;
}

/** A device's manners in a span. */
export interface Profile {
  readonly device: Device;
  readonly span: Span;
  /** Days on which the device was seen. */
  readonly days: number;
  /** The most regular first. */
  readonly contacts: readonly Contact[];
  readonly faults: readonly Error[];
}

/** What is regular was seen on two days at least, and on such a share of the days. */
const MIN_DAYS = 2;
const MIN_SHARE = 0.1;

interface Sum {
  readonly fact: Pick<Fact, "name" | "owner" | "service" | "direction">;
  readonly days: Set<string>;
  flows: number;
  upBytes: number;
  downBytes: number;
}

/** Reads a device's manners. @throws {Error} when the log cannot be opened */
export async function readProfile(log: LogPlace, device: Device, span: Span): Promise<Profile> {
  const vocabulary = new Vocabulary();
  const sums = new Map<string, Sum>();
  const days = new Set<string>();
  const isOfDevice: boolean[] = [];
  const day = { hourMs: NaN, name: "" };
  const { faults } = await readFacts(log, {
    span,
    filter: {},
    vocabulary,
    sink: {
      fact: (fact) => {
        const isOurs = isOfDevice[fact.device] ??= isWord(
          device,
          vocabulary.devices.words[fact.device],
        );
        if (!isOurs) return;
        if (day.hourMs !== fact.hourMs) {
          day.hourMs = fact.hourMs;
          day.name = localDay(fact.hourMs);
        }
        days.add(day.name);
        addFact(sums, fact, day.name);
      },
      gap: () => {},
      foreign: () => {},
    },
  });
  const contacts = [...sums.values()].flatMap((sum) => {
    const contact = contactOf(sum, vocabulary);
    return contact === undefined ? [] : [contact];
  });
  return { device, span, days: days.size, contacts: merged(contacts, days.size), faults };
}

function isWord({ macs, ips, id }: Device, { mac, ip, name }: DeviceWord): boolean {
  if (mac !== undefined) return macs.includes(mac);
  return ip === undefined ? name === id : ips.includes(ip) || ip === id;
}

function addFact(sums: Map<string, Sum>, fact: Readonly<Fact>, day: string): void {
  const { name, owner, service, direction } = fact;
  const key = `${name} ${owner} ${service} ${direction}`;
  let sum = sums.get(key);
  if (sum === undefined) {
    sum = {
      fact: { name, owner, service, direction },
      days: new Set(),
      flows: 0,
      upBytes: 0,
      downBytes: 0,
    };
    sums.set(key, sum);
  }
  sum.days.add(day);
  sum.flows += fact.flows;
  sum.upBytes += fact.upBytes;
  sum.downBytes += fact.downBytes;
}

/** A contact whose days are still named. */
type OpenContact = Omit<Contact, "days" | "isRegular"> & { readonly onDays: ReadonlySet<string> };

function contactOf(
  { fact, days, flows, upBytes, downBytes }: Sum,
  { names, owners, services, directions }: Vocabulary,
): OpenContact | undefined {
  const direction = directions.words[fact.direction];
  const service = services.words[fact.service];
  if (
    direction !== "outbound" && direction !== "inbound" || ["", OTHER].includes(service.transport)
  ) {
    return undefined;
  }
  const said = direction === "inbound" ? UNKNOWN : names.words[fact.name];
  const name = said === UNKNOWN ? undefined : said;
  const { name: owner, number } = owners.words[fact.owner];
  const isOwnerTold = name === undefined && direction === "outbound";
  return {
    name,
    site: name === undefined ? undefined : siteOf(name),
    owner: isOwnerTold ? owner ?? (number === undefined ? undefined : `AS${number}`) : undefined,
    service: serviceText(service),
    direction,
    onDays: days,
    flows,
    upBytes,
    downBytes,
  };
}

/** The same name and service are one contact, whatever protocol was seen there and in whose network. */
function merged(contacts: readonly OpenContact[], allDays: number): Contact[] {
  const groups = Map.groupBy(
    contacts,
    ({ name = "", owner = "", service, direction }) => [name, owner, service, direction].join("\0"),
  );
  const wanted = Math.max(MIN_DAYS, allDays * MIN_SHARE);
  return [...groups.values()].map((group): Contact => {
    const { onDays: _, ...first } = group[0];
    const days = new Set(group.flatMap(({ onDays }) => [...onDays])).size;
    const sum = (field: "flows" | "upBytes" | "downBytes") =>
      group.reduce((all, contact) => all + contact[field], 0);
    return {
      ...first,
      days,
      flows: sum("flows"),
      upBytes: sum("upBytes"),
      downBytes: sum("downBytes"),
      isRegular: days >= wanted,
    };
  }).sort((a, b) =>
    b.days - a.days || b.upBytes + b.downBytes - a.upBytes - a.downBytes ||
    (contactKey(a) < contactKey(b) ? -1 : 1)
  );
}

/** The same for the same contact in another span; names of one site are one. */
export function contactKey({ site, owner, service, direction }: Contact): string {
  return [site ?? owner ?? UNKNOWN, service, direction].join(" ");
}
