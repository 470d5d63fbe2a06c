/**
 * Which device had an address at a time, by the records that have both: what came from outside has the device's address
 * alone, and tomorrow another device may have it.
 */

interface Owners {
  /** When each began, milliseconds since 1970, in order. */
  readonly sinceMs: number[];
  readonly macs: string[];
}

/** Of a flow of a local initiator; no such end has a place. */
const SOURCE = /^\{"@timestamp":"([^"]+)".*?"source":\{"ip":"([^"]+)"[^{}]*?"mac":"([^"]+)"/;

/** Learns from the log's lines, in any order; those that come in theirs cost least. */
export class AddressOwners {
  readonly #owners = new Map<string, Owners>();

  learn(line: string): void {
    const match = SOURCE.exec(line);
    if (match === null) return;
    const [, timestamp, ip, mac] = match;
    let owners = this.#owners.get(ip);
    if (owners === undefined) {
      owners = { sinceMs: [], macs: [] };
      this.#owners.set(ownCopy(ip), owners);
    }
    const { sinceMs, macs } = owners;
    const timeMs = Date.parse(timestamp);
    const later = laterThan(sinceMs, timeMs);
    if (macs[later - 1] === mac) return;
    if (macs[later] === mac) {
      sinceMs[later] = timeMs;
      return;
    }
    sinceMs.splice(later, 0, timeMs);
    macs.splice(later, 0, ownCopy(mac));
  }

  /** The MAC address that had an address then or, before any was seen with it, the first one; `undefined`: none ever. */
  ownerOf(ip: string, timeMs: number): string | undefined {
    const owners = this.#owners.get(ip);
    return owners?.macs[Math.max(0, laterThan(owners.sinceMs, timeMs) - 1)];
  }

  /** The addresses that any of some MAC addresses ever had. */
  addressesOf(wanted: ReadonlySet<string>): string[] {
    return [...this.#owners].filter(([, { macs }]) => macs.some((mac) => wanted.has(mac)))
      .map(([ip]) => ip);
  }
}

/** The place of the first time that is later; it is sought from the end, where it mostly is. */
function laterThan(sinceMs: readonly number[], timeMs: number): number {
  let at = sinceMs.length;
  while (at > 0 && sinceMs[at - 1] > timeMs) at--;
  return at;
}

/** A piece of a line would hold all of the line in memory. */
function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text));
}
