/** Everything that is known about an address: by the databases, the cache file and reverse DNS. ipinfo.io is not asked. */

import { isPublicAddress } from "../enrich/public_address.ts";
import { mergePlaces } from "../enrich/place.ts";
import { Places, type SourcedPlace } from "../enrich/places.ts";
import ipaddr from "ipaddr.js";
import { LocalPlaces } from "./local_places.ts";
import type { EndFields } from "./log_record.ts";
import { asFields, geoFields } from "./place_fields.ts";
import { PtrQuestions } from "./ptr_questions.ts";
import type { Settings } from "./settings.ts";

/** What is known, with the names that the log uses. */
export interface AddressLookup {
  readonly ip: string;
  /** Local, reserved, multicast and documentation addresses have no place. */
  readonly isPublic: boolean;
  /** Reverse DNS, asked now. */
  readonly ptr?: string;
  /** What a record would say. */
  readonly geo: EndFields["geo"];
  readonly as: EndFields["as"];
  /** What each source says by itself, the most trusted first. */
  readonly sources: readonly {
    readonly source: string;
    /** When it was learnt there, or when the database was made. */
    readonly asOf: string;
    readonly geo: EndFields["geo"];
    readonly as: EndFields["as"];
  }[];
}

const PTR_TIMEOUT_MS = 3_000;

/**
 * Looks up an address, or all that a name has.
 *
 * @param warn is told what had to be left out
 * @throws {SettingError} when a database of the user's cannot be used
 * @throws {Error} when DNS knows no such name
 */
export async function lookUp(
  addressOrName: string,
  settings: Settings,
  warn: (message: string) => void,
): Promise<AddressLookup[]> {
  const addresses = ipaddr.isValid(addressOrName)
    ? [ipaddr.process(addressOrName).toString()]
    : await addressesOf(addressOrName);
  const { databases } = await LocalPlaces.open(settings.geoDbPaths);
  using places = new Places({ databases: () => databases });
  await loadCache(places, settings.placeCachePath, warn);
  return await Promise.all(addresses.map((ip) => lookUpAddress(ip, places)));
}

async function addressesOf(name: string): Promise<string[]> {
  const answers = await Promise.allSettled([
    Deno.resolveDns(name, "A"),
    Deno.resolveDns(name, "AAAA"),
  ]);
  const addresses = answers.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
  if (addresses.length > 0) return addresses;
  const cause = answers.find((answer) => answer.status === "rejected")?.reason;
  throw new Error(
    `cannot look up "${name}": it is no address, and DNS knows none of that name. ` +
      `Write an address, such as 9.9.9.9, or check the name`,
    { cause },
  );
}

/** Only reads: a file that cannot be used is the running logger's to set aside. */
async function loadCache(
  places: Places,
  path: string,
  warn: (message: string) => void,
): Promise<void> {
  try {
    places.load(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const why = error instanceof Deno.errors.PermissionDenied
      ? "it may not be read by this user. Run as the user that the logger runs as"
      : (error as Error).message;
    warn(`cannot use the cache of places ${path}: ${why}`);
  }
}

async function lookUpAddress(ip: string, places: Places): Promise<AddressLookup> {
  const isPublic = isPublicAddress(ip);
  const ptr = await new PtrQuestions().ask(ip, AbortSignal.timeout(PTR_TIMEOUT_MS))
    .catch(() => undefined); // it has none, or nobody answers
  const sources = isPublic ? places.sources(ip) : [];
  const place = mergePlaces(sources.map(({ place }) => place));
  return {
    ip,
    isPublic,
    ptr,
    geo: geoFields(place),
    as: asFields(place),
    sources: sources.map(sourceFields),
  };
}

function sourceFields({ source, asOf, place }: SourcedPlace): AddressLookup["sources"][number] {
  return { source, asOf: asOf.toISOString(), geo: geoFields(place), as: asFields(place) };
}
