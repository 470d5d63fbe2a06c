/** A device's manners for people and programs, alone or beside those of an earlier span. */

import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { spanText } from "../../report/render/figures.ts";
import { type Contact, contactKey, type Profile } from "../profile/profile.ts";
import { serviceName } from "../rules/news_item.ts";
import { bold, type TableLook, textTable } from "./text_table.ts";

/** What has changed between two spans, each contact as one of its site. */
export interface Changes {
  readonly come: readonly Contact[];
  readonly gone: readonly Contact[];
}

export function changesBetween(before: Profile, now: Profile): Changes {
  const keysOf = ({ contacts }: Profile) => new Set(contacts.map(contactKey));
  const [known, still] = [keysOf(before), keysOf(now)];
  return {
    come: bySite(now.contacts.filter((contact) => !known.has(contactKey(contact)))),
    gone: bySite(
      before.contacts.filter((one) => one.isRegular && !still.has(contactKey(one))),
    ),
  };
}

/** Names of one site and service as one contact; of the days the most. */
function bySite(contacts: readonly Contact[]): Contact[] {
  return [...Map.groupBy(contacts, contactKey).values()].map((group) => ({
    ...group[0],
    name: group.length === 1 ? group[0].name : undefined,
    days: Math.max(...group.map(({ days }) => days)),
    flows: group.reduce((sum, { flows }) => sum + flows, 0),
    upBytes: group.reduce((sum, { upBytes }) => sum + upBytes, 0),
    downBytes: group.reduce((sum, { downBytes }) => sum + downBytes, 0),
    isRegular: group.some(({ isRegular }) => isRegular),
  }));
}

export function profileText(profile: Profile, look: TableLook, changes?: Changes): string {
  const { device, span, days, contacts } = profile;
  const sites = bySite(contacts);
  const regular = sites.filter(({ isRegular }) => isRegular);
  const rest = sites.length - regular.length;
  const parts = [
    `${bold(escapeText(device.label), look)}: ${spanText(span.sinceMs, span.untilMs)}, ` +
    `seen on ${days} ${days === 1 ? "day" : "days"}`,
    regular.length === 0 ? "It speaks to nothing regularly." : table(regular, look),
    ...(rest === 0 ? [] : [`and ${rest} that were seen now and then`]),
  ];
  if (changes !== undefined) {
    const { come, gone } = changes;
    parts.push(
      bold("New since the time before", look) + "\n" +
        (come.length === 0 ? "nothing" : table(come, look)),
    );
    parts.push(
      bold("No longer there", look) + "\n" +
        (gone.length === 0 ? "nothing" : table(gone, look)),
    );
  }
  return parts.join("\n\n") + "\n";
}

function table(contacts: readonly Contact[], look: TableLook): string {
  return textTable(
    [
      { head: "speaks to" },
      { head: "service" },
      { head: "days", align: "right", isWhole: true },
      { head: "flows", align: "right", isWhole: true },
      { head: "up", align: "right", isWhole: true },
      { head: "down", align: "right", isWhole: true },
    ],
    contacts.map(({ site, owner, service, direction, days, flows, upBytes, downBytes }) => ({
      cells: [
        site ?? (direction === "inbound" ? "from outside" : `${owner ?? "unknown"} (no name)`),
        serviceName(service),
        String(days),
        String(flows),
        formatBytes(upBytes),
        formatBytes(downBytes),
      ],
    })),
    look,
  );
}

/** One object. */
export function profileJson(profile: Profile, changes?: Changes): string {
  return JSON.stringify(profileFields(profile, changes)) + "\n";
}

/** What that object has. */
export function profileFields({ device, span, days, contacts }: Profile, changes?: Changes) {
  return {
    device: device.label,
    macs: device.macs,
    since: new Date(span.sinceMs).toISOString(),
    until: new Date(span.untilMs).toISOString(),
    days,
    contacts: contacts.map(contactFields),
    ...(changes && {
      new: changes.come.map(contactFields),
      gone: changes.gone.map(contactFields),
    }),
  };
}

function contactFields(contact: Contact) {
  const { name, site, owner, service, direction, days, flows, upBytes, downBytes, isRegular } =
    contact;
  return {
    name,
    site,
    owner,
    service,
    direction,
    days,
    flows,
    up_bytes: upBytes,
    down_bytes: downBytes,
    regular: isRegular,
  };
}
