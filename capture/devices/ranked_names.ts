/** What one device has been called, by each protocol that said so. */

/** Where a name came from, the most trusted first. */
export const enum NameSource {
  /** Host name or FQDN in a DHCP message of the client. */
  Dhcp,
  MulticastDns,
  Llmnr,
  Netbios,
}

/** A name, who said it and when, in microseconds since 1970. */
export interface SaidName {
  readonly source: NameSource;
  readonly name: string;
  readonly saidUs: number;
}

const DAY_US = 24 * 3600e6;

/**
 * How long a name is believed after it was last said. A client of DHCP says its name aloud when it joins, and may then
 * renew for days where nobody else hears it; the others answer whenever they are asked for.
 */
const LIFETIME_US: Readonly<Record<NameSource, number>> = {
  [NameSource.Dhcp]: 7 * DAY_US,
  [NameSource.MulticastDns]: DAY_US,
  [NameSource.Llmnr]: DAY_US,
  [NameSource.Netbios]: DAY_US,
};

/** The latest name of each source. */
export class RankedNames {
  /** By `NameSource`. */
  readonly #said: (SaidName | undefined)[] = [undefined, undefined, undefined, undefined];

  /** Takes the place of the source's earlier name. */
  set(said: SaidName): void {
    this.#said[said.source] = said;
  }

  /** The latest name of a source, if it is still believed. */
  get(source: NameSource, nowUs: number): SaidName | undefined {
    const said = this.#said[source];
    return said !== undefined && nowUs - said.saidUs <= LIFETIME_US[source] ? said : undefined;
  }

  /** The name of the most trusted source that is still believed. */
  best(nowUs: number): SaidName | undefined {
    return this.#said.find((said) => said && this.get(said.source, nowUs));
  }

  /** Forgets all names but the one that DHCP gave. */
  keepDhcpOnly(): void {
    this.#said.fill(undefined, NameSource.Dhcp + 1);
  }
}
