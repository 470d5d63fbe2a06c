/** Facts as a test compares them. */

import type { Fact } from "../../../report/facts/fact.ts";
import type { Vocabulary } from "../../../report/facts/vocabulary.ts";

/** A fact with its words in place of their ids. */
export function inWords(fact: Readonly<Fact>, vocabulary: Vocabulary) {
  const { device, name, country, owner, service, direction, evidence, ...sums } = fact;
  return {
    ...sums,
    device: vocabulary.devices.words[device],
    name: vocabulary.names.words[name],
    country: vocabulary.countries.words[country],
    owner: vocabulary.owners.words[owner],
    service: vocabulary.services.words[service],
    direction: vocabulary.directions.words[direction],
    evidence: vocabulary.evidences.words[evidence],
  };
}
