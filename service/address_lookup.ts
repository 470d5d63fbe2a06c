/**
 * Everything that is known about an address: by the running logger or, with none, by the databases and the cache file;
 * and by reverse DNS. ipinfo.io is not asked.
 */

import ipaddr from "ipaddr.js";
import { systemClock } from "../system/clock.ts";
import { Places } from "../enrich/places.ts";
import { type AddressPlaces, addressPlaces } from "./places/address_places.ts";
import { askPlaces, NoLoggerError } from "./control/control_client.ts";
import { databasePaths, LocalPlaces } from "./places/local_places.ts";
import { PtrQueries } from "./live/ptr_queries.ts";
import type { Settings } from "./settings/settings.ts";
import { readOwnText } from "../system/files/own_file.ts";

/** What is known. */
export interface AddressLookup extends AddressPlaces {
  readonly ip: string;
  /** Reverse DNS, asked now. */
  readonly ptr?: string;
}

/** How to look up. */
export interface LookUpOptions {
  readonly settings: Settings;
  /** Read the files of the settings even when a logger is running. */
  readonly fromFiles: boolean;
  /** Called with what had to be left out. */
  readonly warn: (message: string) => void;
}

/** Tells what is known of an address's place. */
type Know = (ip: string) => AddressPlaces | Promise<AddressPlaces>;

const PTR_TIMEOUT_MS = 3_000;
const NAME_TIMEOUT_MS = 5_000;

/**
 * Looks up an address, or all that a name has.
 *
 * @throws {SettingError} when a database of the user's cannot be used
 * @throws {Error} when DNS knows no such name, or does not answer
 */
export async function lookUp(
  addressOrName: string,
  options: LookUpOptions,
): Promise<AddressLookup[]> {
  const addresses = ipaddr.isValid(addressOrName)
    ? [ipaddr.process(addressOrName).toString()]
    : await addressesOf(addressOrName);
  const know = await whoKnows(options);
  return await Promise.all(
    addresses.map(async (ip) => ({ ip, ptr: await ptrOf(ip), ...await know(ip) })),
  );
}

async function addressesOf(name: string): Promise<string[]> {
  const signal = AbortSignal.timeout(NAME_TIMEOUT_MS);
  const answers = await Promise.allSettled([
    Deno.resolveDns(name, "A", { signal }),
    Deno.resolveDns(name, "AAAA", { signal }),
  ]);
  const addresses = answers.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
  if (addresses.length > 0) return addresses;
  const cause = answers.find((answer) => answer.status === "rejected")?.reason;
  const why = signal.aborted
    ? "no name server answers. Try again when the network is there, or write an address, such as 9.9.9.9"
    : "it is no address, and DNS knows none of that name. Write an address, such as 9.9.9.9, or check the name";
  throw new Error(`cannot look up "${name}": ${why}`, { cause });
}

/** The running logger knows what it learnt since it last wrote the cache file. */
async function whoKnows({ settings, fromFiles, warn }: LookUpOptions): Promise<Know> {
  const { controlSocketPath, placeCachePath } = settings;
  if (!fromFiles) {
    try {
      await askPlaces(controlSocketPath, "::"); // whether it answers this user
      return (ip) => askPlaces(controlSocketPath, ip);
    } catch (error) {
      if (!(error instanceof NoLoggerError)) {
        warn(`cannot ask the running logger: ${(error as Error).message}. Going by its files`);
      }
    }
  }
  const { databases } = await LocalPlaces.open(databasePaths(settings));
  const places = new Places({ databases: () => databases, clock: systemClock });
  await loadCache(places, placeCachePath, warn);
  return (ip) => addressPlaces(ip, places);
}

/** Only reads: a file that cannot be used is the running logger's to set aside. */
async function loadCache(
  places: Places,
  path: string,
  warn: (message: string) => void,
): Promise<void> {
  try {
    places.load(await readOwnText(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const why = error instanceof Deno.errors.PermissionDenied
      ? "it may not be read by this user. Run as the user that the logger runs as"
      : (error as Error).message;
    warn(`cannot use the cache of places ${path}: ${why}`);
  }
}

async function ptrOf(ip: string): Promise<string | undefined> {
  try {
    return await new PtrQueries().ask(ip, AbortSignal.timeout(PTR_TIMEOUT_MS));
  } catch {
    return undefined; // it has none, or nobody answers
  }
}
