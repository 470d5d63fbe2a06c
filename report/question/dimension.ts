/** What sums can be grouped by. */

import { localDay } from "../../storage/day/calendar_day.ts";
import type { Fact } from "../facts/fact.ts";
import type { Vocabulary } from "../facts/vocabulary.ts";
import { OTHER } from "../summary/day_summary.ts";
import { siteOf, UNKNOWN } from "./site.ts";
import { DeviceGroups } from "./device_groups.ts";
import type { Dimension } from "./dimension_words.ts";
import type { Group } from "./group.ts";

/** Groups facts by one dimension. */
export interface Grouping {
  /** The field of a fact that it goes by. */
  readonly field: keyof Fact;
  /** A number for what the field's value is grouped by; values with one number are one group. */
  idOf(value: number): number;
  /** The group of a number; to be asked for when all facts have been read. */
  groupOf(id: number): Group;
}

/** The grouping for a dimension. */
export function groupingBy(
  dimension: Dimension,
  vocabulary: Vocabulary,
  { billingDay = 1 } = {},
): Grouping {
  const { names, countries, owners, services, directions, evidences } = vocabulary;
  switch (dimension) {
    case "device": {
      const groups = new DeviceGroups(vocabulary.devices);
      return { field: "device", idOf: (id) => id, groupOf: (id) => groups.groupOf(id) };
    }
    case "name":
      return grouping("name", (id) => named(names.words[id]));
    case "site":
      return grouping("name", (id) => named(siteOf(names.words[id])));
    case "country":
      return grouping("country", (id) => {
        const { code, name } = countries.words[id];
        return { value: code ?? name ?? UNKNOWN, label: name ?? code ?? UNKNOWN };
      });
    case "owner":
      return grouping("owner", (id) => {
        const { number, name } = owners.words[id];
        return named(name ?? (number === undefined ? UNKNOWN : `AS${number}`));
      });
    case "port":
      return grouping("service", (id) => {
        const { port, transport } = services.words[id];
        if (transport === OTHER) return named(OTHER);
        return { value: port ?? null, label: port === undefined ? "none" : String(port) };
      });
    case "protocol":
      return grouping("service", (id) => {
        const { transport, protocol } = services.words[id];
        return named((protocol ?? transport) || UNKNOWN);
      });
    case "direction":
      return grouping("direction", (id) => named(directions.words[id]));
    case "evidence":
      return grouping("evidence", (id) => named(evidences.words[id]));
    case "hour":
      return grouping(
        "hourMs",
        (hourMs) => named(`${localDay(hourMs)}T${new Date(hourMs).toTimeString().slice(0, 5)}`),
      );
    case "day":
      return grouping("hourMs", (hourMs) => named(localDay(hourMs)));
    case "month":
      return grouping("hourMs", (hourMs) => named(billingMonth(hourMs, billingDay)));
  }
}

/** Groups facts by the first instants of their hours, milliseconds since 1970. */
export function groupingOfHours(): Grouping {
  return grouping("hourMs", (hourMs) => ({ value: hourMs, label: String(hourMs) }));
}

function named(text: string): Group {
  return { value: text, label: text };
}

/** A grouping whose groups are known as soon as the value is. */
function grouping(field: keyof Fact, groupOf: (value: number) => Group): Grouping {
  // Values are ids of words, few and dense, or the beginnings of hours.
  const ids: number[] | Map<number, number> = field === "hourMs" ? new Map() : [];
  const idsOfValues = new Map<Group["value"], number>();
  const groups: Group[] = [];
  return {
    field,
    idOf(value) {
      let id = Array.isArray(ids) ? ids[value] : ids.get(value);
      if (id !== undefined) return id;
      const group = groupOf(value);
      id = idsOfValues.get(group.value);
      if (id === undefined) {
        id = groups.push(group) - 1;
        idsOfValues.set(group.value, id);
      }
      if (Array.isArray(ids)) ids[value] = id;
      else ids.set(value, id);
      return id;
    },
    groupOf: (id) => groups[id],
  };
}

/** The month that began on the last billing day, `2026-11`. */
function billingMonth(epochMs: number, billingDay: number): string {
  const date = new Date(epochMs);
  const isBefore = date.getDate() < billingDay;
  return localDay(new Date(date.getFullYear(), date.getMonth() - (isBefore ? 1 : 0), 1).getTime())
    .slice(0, 7);
}
