/** Choosing facts. Each word is looked at once, however many facts say it. */

import {
  type FlowFilter,
  isNameWithin,
  isOfCountry,
  isOfOwner,
  isOfProtocol,
  plain,
} from "../../record/record_filter.ts";
import type { Fact } from "./fact.ts";
import type { CountryWord, DeviceWord, Dictionary, OwnerWord, Vocabulary } from "./vocabulary.ts";

type Test = (fact: Fact) => boolean;

/** Says of facts whether they are wanted: as `isWanted()` says of their records, but for a name that is an address. */
export function factFilter(filter: FlowFilter, vocabulary: Vocabulary): Test {
  const { device, name, site, country, owner, port, protocol, direction, evidence } = filter;
  const { devices, names, countries, owners, services, directions, evidences } = vocabulary;
  const tests: Test[] = [];
  const add = <T>(
    wanted: unknown,
    field: keyof Fact,
    dictionary: Dictionary<T>,
    test: (word: T) => boolean,
  ) => {
    if (wanted !== undefined) tests.push(wordTest(field, dictionary, test));
  };
  add(device, "device", devices, (word) => isDevice(word, device!));
  add(name, "name", names, (word) => isNameWithin(word, name!));
  add(site, "name", names, (word) => isNameWithin(word, site!));
  add(country, "country", countries, (word) => isOfCountry(geoOf(word), country!));
  add(owner, "owner", owners, (word) => isOfOwner(asOf(word), owner!));
  add(port, "service", services, (word) => word.port === port);
  add(protocol, "service", services, (word) => isOfProtocol(word, protocol!));
  add(direction, "direction", directions, (word) => word === direction);
  add(evidence, "evidence", evidences, (word) => word === evidence);
  return tests.length === 0 ? () => true : (fact) => tests.every((test) => test(fact));
}

/** A test of a fact's word, whose answer is kept for each word. */
function wordTest<T>(
  field: keyof Fact,
  dictionary: Dictionary<T>,
  test: (word: T) => boolean,
): Test {
  const answers: boolean[] = [];
  return (fact) => answers[fact[field]] ??= test(dictionary.words[fact[field]]);
}

function isDevice({ mac, name, ip }: DeviceWord, device: string): boolean {
  const wanted = plain(device);
  return [mac, name, ip].some((text) => text !== undefined && plain(text) === wanted);
}

function geoOf({ code, name }: CountryWord) {
  return { country_iso_code: code, country_name: name };
}

function asOf({ number, name }: OwnerWord) {
  return { number, organization: name === undefined ? undefined : { name } };
}
