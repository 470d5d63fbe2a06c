/**
 * By which names the pages may be asked for. A name of somebody else that points here (DNS rebinding) would let that
 * somebody's page read these: so only addresses, this machine's own names and those of the settings are answered.
 */

import { isAddress, isNearAddress } from "./near_address.ts";

/** What home networks put behind a machine's name (RFC 6762, 8375, and what routers do). */
const HOME_DOMAINS = ["local", "lan", "home", "home.arpa", "internal", "localdomain"];

/** What is known of this machine. */
export interface OwnNames {
  /** Its host name. */
  readonly hostname: string;
  /** Names of the settings. */
  readonly hosts: readonly string[];
  /** Networks of the settings that are local. */
  readonly localNetworks: readonly string[];
  readonly isTls: boolean;
}

/** What is wrong with where a request was meant to go, and with whom it came from; `undefined`: nothing. */
export interface DoorFault {
  readonly status: 403 | 421;
  readonly message: string;
}

/**
 * `host` is that of the request's address, without its port; `visitor` the address of who asks, where it is known.
 */
export function doorFault(
  host: string,
  visitor: string | undefined,
  own: OwnNames,
): DoorFault | undefined {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (!isAddress(name) && !isOwnName(name, own)) {
    return {
      status: 421,
      message: `this is not ${name}. Open the pages by this machine's address or its name, ` +
        `or add the name to WIFILOGGER_WEB_HOSTS`,
    };
  }
  if (own.isTls) return undefined;
  const isFar = (address: string) => !isNearAddress(address, own.localNetworks);
  if ((visitor !== undefined && isFar(visitor)) || (isAddress(name) && isFar(name))) {
    return {
      status: 403,
      message:
        "the pages are not served over plain HTTP outside of private networks: everybody on " +
        "the way could read the password. Set WIFILOGGER_WEB_TLS_CERT and WIFILOGGER_WEB_TLS_KEY, " +
        "or come through a VPN",
    };
  }
  return undefined;
}

function isOwnName(name: string, { hostname, hosts }: OwnNames): boolean {
  const own = hostname.toLowerCase().split(".", 1)[0];
  return name === "localhost" || name === own || name === hostname.toLowerCase() ||
    HOME_DOMAINS.some((domain) => name === `${own}.${domain}`) || hosts.includes(name);
}
