/**
 * DNS responses (RFC 1035): what was asked, and which addresses answer it.
 *
 * Messages are decoded by `dns-packet`, which throws on what it cannot read; here that is a return value.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, decode } from "dns-packet";
import { type AddressWords, parseAddress } from "../address/address.ts";
import type { EchConfig } from "../tls/ech_config.ts";
import { isReadFast } from "./message_cost.ts";
import { parseServiceBinding } from "./service_binding.ts";
import { presentationName } from "../wire/presentation_name.ts";

/** A response as far as it names anything. */
export interface DnsAnswer {
  /** The name that was asked for, as `presentationName()` gives it. */
  readonly queriedName: string;
  /** Where that is, by A, AAAA and the hints of HTTPS and SVCB records. */
  readonly addresses: readonly AddressWords[];
  readonly echConfigs: readonly EchConfig[];
}

/** A chain of CNAMEs is followed so far; resolvers give up earlier. */
const MAX_CHAIN_LENGTH = 32;

/** Answers are rarely a tenth of it. */
const MAX_MESSAGE_BYTES = 16 << 10;

/** Types that `dns-packet` does not know have their number in place of a name. */
const SERVICE_BINDING_TYPES: ReadonlySet<string> = new Set(["UNKNOWN_64", "UNKNOWN_65"]);

/** Reads a message. `undefined` for a query, or a response to none; `"unreadable"` for what is no whole message. */
export function readDnsAnswer(message: Uint8Array): DnsAnswer | undefined | "unreadable" {
  if (message.length > MAX_MESSAGE_BYTES || !isReadFast(message)) return "unreadable";
  try {
    const buffer = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    const { type, questions, answers = [] } = decode(buffer);
    const asked = questions?.[0]?.name;
    const queriedName = asked === undefined ? undefined : presentationName(asked);
    if (type !== "response" || asked === undefined || queriedName === undefined) return undefined;
    return { queriedName, ...answersTo(asked, answers) };
  } catch {
    return "unreadable";
  }
}

/** What answers a query for a name, directly or by CNAME (RFC 1034, 3.6.2), however the records are ordered. */
function answersTo(queried: string, answers: readonly Answer[]): Omit<DnsAnswer, "queriedName"> {
  const chain = new Set([queried.toLowerCase()]);
  // Each round finds at least one more link of the chain, or is the last.
  for (let known = 0; known < chain.size && known < MAX_CHAIN_LENGTH;) {
    known = chain.size;
    for (const answer of answers) {
      if (answer.type !== "CNAME" || !chain.has(answer.name.toLowerCase())) continue;
      chain.add(answer.data.toLowerCase());
    }
  }
  const addresses: AddressWords[] = [];
  const echConfigs: EchConfig[] = [];
  for (const answer of answers) {
    if (!chain.has(answer.name.toLowerCase())) continue;
    if (answer.type === "A" || answer.type === "AAAA") {
      const address = parseAddress(answer.data);
      if (address !== undefined) addresses.push(address);
    } else if (SERVICE_BINDING_TYPES.has(answer.type)) {
      const binding = parseServiceBinding((answer as unknown as { data: Uint8Array }).data);
      addresses.push(...binding?.addresses ?? []);
      echConfigs.push(...binding?.echConfigs ?? []);
    }
  }
  return { addresses, echConfigs };
}
