/**
 * SVCB and HTTPS records (RFC 9460): where a service is to be found, and how its ClientHello may be encrypted.
 * `dns-packet` gives their data as bytes.
 */

import type { AddressWords } from "../address/address.ts";
import { ByteCursor } from "../wire/byte_cursor.ts";
import { type EchConfig, parseEchConfigs } from "../tls/ech_config.ts";
import { int32, IPV4_MAPPED } from "../decode/packet.ts";

/** What a record says that is of use for names. */
export interface ServiceBinding {
  /** ipv4hint and ipv6hint: addresses to connect to without a further question. */
  readonly addresses: readonly AddressWords[];
  readonly echConfigs: readonly EchConfig[];
}

/** RFC 9460, 14.3.2. */
const KEY_IPV4_HINT = 4;
const KEY_ECH = 5;
const KEY_IPV6_HINT = 6;

/** Reads RDATA: SvcPriority (2), TargetName, and SvcParams, each a key (2), a length (2) and a value. `undefined` when it does not fit. */
export function parseServiceBinding(data: Uint8Array): ServiceBinding | undefined {
  const addresses: AddressWords[] = [];
  const echConfigs: EchConfig[] = [];
  const cursor = new ByteCursor(data);
  const priority = cursor.uint16();
  // The target is not compressed (RFC 9460, 2.2); its labels end with an empty one.
  while (cursor.vector8().length > 0);
  while (!cursor.atEnd) {
    const key = cursor.uint16();
    const value = cursor.vector16();
    if (key === KEY_IPV4_HINT) addresses.push(...addressesIn(value, 4));
    else if (key === KEY_IPV6_HINT) addresses.push(...addressesIn(value, 16));
    else if (key === KEY_ECH) echConfigs.push(...parseEchConfigs(value));
  }
  if (cursor.overrun) return undefined;
  // Of a record that is an alias, parameters are to be ignored (RFC 9460, 2.4.2).
  return priority === 0 ? { addresses: [], echConfigs: [] } : { addresses, echConfigs };
}

function addressesIn(bytes: Uint8Array, length: 4 | 16): AddressWords[] {
  const addresses: AddressWords[] = [];
  for (let at = 0; at + length <= bytes.length; at += length) {
    addresses.push(
      length === 4
        ? [0, 0, IPV4_MAPPED, int32(bytes, at)]
        : [int32(bytes, at), int32(bytes, at + 4), int32(bytes, at + 8), int32(bytes, at + 12)],
    );
  }
  return addresses;
}
