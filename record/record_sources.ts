/** What a record takes from outside the packets. */

import type { AddressWords } from "../capture/address/address.ts";
import type { NameSource } from "./log_record.ts";
import type { Place } from "../enrich/place.ts";

/** Each answers at once, with what is known by now. */
export interface RecordSources {
  /** Where a remote address is. */
  place(address: string): Place | undefined;
  /** The name that reverse DNS gave a remote address. */
  ptr(address: string): string | undefined;
  /** Whether a local address is on the link itself, so that the MAC address of its packets is its own. */
  isOnLink(address: AddressWords): boolean;
  /** Who made the device with a MAC address. */
  vendor(mac: string): string | undefined;
  /** Told by what a line got its name, and of how many bytes. */
  onNamed?(source: NameSource, bytes: number): void;
  /** The name of an interface, when records are to say it. */
  interfaceName?(interfaceIndex: number): string;
  /** Whether the clock that the packets were stamped by is right; not said for a file. */
  clockIsSynced?(): boolean;
}
