/** Configurations of Encrypted ClientHello (RFC 9849, 4), as DNS publishes them. */

import { ByteCursor } from "../wire/byte_cursor.ts";
import { nameFromBytes } from "../wire/name_bytes.ts";

/** What tells an encrypted hello from one that only pretends to be (GREASE). */
export interface EchConfig {
  /** config_id, which the outer hello repeats. */
  readonly id: number;
  /** public_name, which the outer hello has for its server name. */
  readonly publicName: string;
}

/** The version that is in use; the hello's extension has the same number. */
export const ECH_VERSION = 0xfe0d;

/** Reads an ECHConfigList; what does not fit, or has another version, is left out. */
export function parseEchConfigs(list: Uint8Array): EchConfig[] {
  const configs: EchConfig[] = [];
  const cursor = new ByteCursor(new ByteCursor(list).vector16());
  while (!cursor.atEnd) {
    const version = cursor.uint16();
    const contents = new ByteCursor(cursor.vector16());
    if (version !== ECH_VERSION) continue;
    const id = contents.uint8();
    contents.uint16(); // kem_id
    contents.vector16(); // public_key
    contents.vector16(); // cipher_suites
    contents.uint8(); // maximum_name_length
    const publicName = nameFromBytes(contents.vector8());
    if (publicName !== undefined && !contents.overrun) configs.push({ id, publicName });
  }
  return configs;
}
