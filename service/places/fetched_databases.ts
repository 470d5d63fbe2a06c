/** The databases of places that can be fetched: whose they are, on what terms, and which of them the settings ask for. */

import { join } from "@std/path";
import type { IpinfoUse } from "../settings/setting_types.ts";
import type { Settings } from "../settings/settings.ts";

/** One of them. */
export interface FetchedDatabase {
  /** What it is called: its file's name without `.mmdb`. */
  readonly name: string;
  /** For a person. */
  readonly title: string;
  readonly maker: "ipinfo" | "dbip";
  readonly licence: string;
  /** What its makers ask to be said of them. */
  readonly attribution: string;
  /** What it knows of an address. */
  readonly knows: readonly ("country" | "owner")[];
}

const IPINFO_LITE: FetchedDatabase = {
  name: "ipinfo_lite",
  title: "IPinfo Lite",
  maker: "ipinfo",
  licence: "CC BY-SA 4.0",
  attribution: "IP address data is powered by IPinfo, https://ipinfo.io",
  knows: ["country", "owner"],
};

function ofDbip(what: string, title: string, knows: "country" | "owner"): FetchedDatabase {
  return {
    name: `dbip-${what}-lite`,
    title,
    maker: "dbip",
    licence: "CC BY 4.0",
    attribution: "IP Geolocation by DB-IP, https://db-ip.com",
    knows: [knows],
  };
}

const DBIP_COUNTRY = ofDbip("country", "IP to Country Lite by DB-IP", "country");
const DBIP_CITY = ofDbip("city", "IP to City Lite by DB-IP", "country");
const DBIP_OWNERS = ofDbip("asn", "IP to ASN Lite by DB-IP", "owner");

/** All that there are. */
export const FETCHED_DATABASES: readonly FetchedDatabase[] = [
  IPINFO_LITE,
  DBIP_CITY,
  DBIP_COUNTRY,
  DBIP_OWNERS,
];

/** The settings that say what is fetched. */
type FetchSettings = Pick<Settings, "ipinfoToken" | "ipinfoUse" | "placesUpdate" | "placesDir">;

/** Those that the settings ask for, the most trusted first: IPinfo's are made anew daily, DB-IP's monthly. */
export function fetchedDatabases(settings: FetchSettings): FetchedDatabase[] {
  const { ipinfoToken, ipinfoUse, placesUpdate } = settings;
  const ofIpinfo = ipinfoToken !== undefined && (ipinfoUse === "database" || ipinfoUse === "both");
  return [
    // Cities know more than countries, and so go first.
    ...(placesUpdate === "dbip-city" ? [DBIP_CITY] : []),
    ...(ofIpinfo ? [IPINFO_LITE] : []),
    ...(placesUpdate === "dbip" ? [DBIP_COUNTRY] : []),
    ...(placesUpdate === "off" ? [] : [DBIP_OWNERS]),
  ];
}

/** Where one lies. */
export function fetchedPath({ placesDir }: FetchSettings, { name }: FetchedDatabase): string {
  return join(placesDir, `${name}.mmdb`);
}

/** Whether ipinfo.io is asked for addresses one by one. */
export function asksForAddresses(use: IpinfoUse): boolean {
  return use === "addresses" || use === "both";
}
