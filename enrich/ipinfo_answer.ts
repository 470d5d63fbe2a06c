/**
 * The answers of ipinfo.io, whose plans differ in shape:
 *
 *     Lite    {ip, asn: "AS15169", as_name, country_code: "US", country: "United States", ...}
 *     Core    {ip, geo: {city, region, country_code: "US", latitude, longitude, ...}, as: {asn, name, ...}}
 *     legacy  {ip, city, region, country: "US", loc: "37.4,-122.1", org: "AS15169 Google LLC", ...}
 *
 * `country` is a name in the first two and a code in the last.
 */

import ipaddr from "ipaddr.js";
import { isEmptyPlace, type Place, toPlace } from "./place.ts";
import { isPublicAddress } from "./public_address.ts";

/** An object out of JSON. */
type Fields = Readonly<Record<string, unknown>>;

/** An answer that is none: of the wrong kind, or about another address. */
export class IpinfoAnswerError extends Error {
  override name = "IpinfoAnswerError";
}

/**
 * The place in an answer about `address`, `undefined` where it says that nothing is known.
 *
 * @throws {IpinfoAnswerError}
 */
export function placeOfAnswer(answer: unknown, address: string): Place | undefined {
  if (!isObject(answer)) throw new IpinfoAnswerError("it is no object");
  if (typeof answer.ip !== "string") throw new IpinfoAnswerError("it names no address");
  if (!isSameAddress(answer.ip, address)) {
    throw new IpinfoAnswerError("it is about another address");
  }
  const place = isObject(answer.geo) || isObject(answer.as)
    ? corePlace(answer.geo, answer.as)
    : "country_code" in answer || "as_name" in answer
    ? litePlace(answer)
    : legacyPlace(answer);
  return isEmptyPlace(place) ? undefined : place;
}

/** The address that an answer is about, where it is one that can have a place. */
export function addressOfAnswer(answer: unknown): string | undefined {
  if (!isObject(answer) || typeof answer.ip !== "string") return undefined;
  return isPublicAddress(answer.ip) ? answer.ip : undefined;
}

/** The answers in that to a batch, by the address as it was asked. Addresses that it leaves out are left out. */
export function batchAnswers(answer: unknown, asked: readonly string[]): Map<string, unknown> {
  const answers = new Map<string, unknown>();
  if (!isObject(answer)) return answers;
  for (const address of asked) {
    if (Object.hasOwn(answer, address)) answers.set(address, answer[address]);
  }
  return answers;
}

function litePlace({ country_code, asn, as_name }: Fields): Place {
  return toPlace({ countryCode: country_code, asNumber: asn, organization: as_name });
}

function corePlace(geo: unknown, as: unknown): Place {
  const { country_code, region, city, latitude, longitude } = isObject(geo) ? geo : {};
  const { asn, name } = isObject(as) ? as : {};
  return toPlace({
    countryCode: country_code,
    regionName: region,
    cityName: city,
    latitude,
    longitude,
    asNumber: asn,
    organization: name,
  });
}

function legacyPlace({ country, region, city, loc, org }: Fields): Place {
  const [latitude, longitude] = typeof loc === "string" ? loc.split(",") : [];
  const [, asNumber, organization] = typeof org === "string"
    ? /^(?:(AS\d+)\s+)?(.*)$/.exec(org) ?? []
    : [];
  return toPlace({
    countryCode: country,
    regionName: region,
    cityName: city,
    latitude,
    longitude,
    asNumber,
    organization,
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** IPv6 can be written in many ways. */
function isSameAddress(text: string, address: string): boolean {
  if (text === address) return true;
  return ipaddr.isValid(text) && ipaddr.parse(text).toString() === ipaddr.parse(address).toString();
}
