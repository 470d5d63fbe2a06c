/** MAC addresses, written as people do. */

import type { Mac } from "../../../capture/address/mac.ts";

export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(":"), (byte) => parseInt(byte, 16));
}

export function macWords(mac: string): Mac {
  const view = new DataView(macBytes(mac).buffer as ArrayBuffer);
  return [view.getUint16(0), view.getInt32(2)];
}
