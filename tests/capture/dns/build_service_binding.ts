/** SVCB and HTTPS records (RFC 9460) with the configurations of Encrypted ClientHello (RFC 9849) in them. */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import type { Answer } from "dns-packet";
import ipaddr from "ipaddr.js";
import { concat, text, uint16, uint8, vector16, vector8 } from "../wire/build_bytes.ts";

/** What of a record's data a test cares for. */
export interface ServiceBindingParts {
  /** 0 makes it an alias. @default 1 */
  readonly priority?: number;
  /** @default "", the owner of the record */
  readonly target?: string;
  /** SvcParams, each as `svcParam()` gives it. */
  readonly params?: readonly Uint8Array[];
}

/** RDATA. */
export function serviceBinding(
  { priority = 1, target = "", params = [] }: ServiceBindingParts = {},
): Uint8Array<ArrayBuffer> {
  const labels = target === "" ? [] : target.split(".").map((label) => vector8(text(label)));
  return concat(uint16(priority), ...labels, uint8(0), ...params);
}

/** A record for an answer. `dns-packet` knows types 64 (SVCB) and 65 (HTTPS) by their numbers only. */
export function serviceRecord(
  name: string,
  parts: ServiceBindingParts,
  type: 64 | 65 = 65,
): Answer {
  const data = Buffer.from(serviceBinding(parts));
  return { type: `UNKNOWN_${type}`, name, data } as unknown as Answer;
}

/** SvcParamKey, length, value. */
export function svcParam(key: number, ...value: readonly Uint8Array[]): Uint8Array {
  return concat(uint16(key), vector16(...value));
}

export function ipv4Hint(...addresses: readonly string[]): Uint8Array {
  return svcParam(4, ...addresses.map(addressBytes));
}

export function ipv6Hint(...addresses: readonly string[]): Uint8Array {
  return svcParam(6, ...addresses.map(addressBytes));
}

/** An `ech` parameter with an ECHConfigList. */
export function echParam(...configs: readonly Uint8Array[]): Uint8Array {
  return svcParam(5, echConfigList(...configs));
}

export function echConfigList(...configs: readonly Uint8Array[]): Uint8Array {
  return vector16(...configs);
}

/** What of an ECHConfig a test cares for. */
export interface EchConfigParts {
  readonly id: number;
  readonly publicName: string | Uint8Array;
  /** @default 0xfe0d */
  readonly version?: number;
}

export function echConfig(
  { id, publicName, version = 0xfe0d }: EchConfigParts,
): Uint8Array<ArrayBuffer> {
  const X25519 = 0x0020;
  const HKDF_SHA256_AES128_GCM = concat(uint16(1), uint16(1));
  const contents = concat(
    uint8(id),
    uint16(X25519),
    vector16(new Uint8Array(32).fill(0x4b)),
    vector16(HKDF_SHA256_AES128_GCM),
    uint8(0), // maximum_name_length
    vector8(typeof publicName === "string" ? text(publicName) : publicName),
    vector16(), // extensions
  );
  return concat(uint16(version), vector16(contents));
}

function addressBytes(text: string): Uint8Array {
  return Uint8Array.from(ipaddr.parse(text).toByteArray());
}
