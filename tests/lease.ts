/** How a device of a test gets a lease: by udhcpc of BusyBox, which asks until it has one or gives up. */

/** What udhcpc runs: takes address and way out, and leaves alone who resolves names on this machine. */
export const TAKE_LEASE = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "lease: $ip $dns"
`;

/** What a device got. */
export interface Lease {
  readonly address: string;
  readonly nameServer: string;
}

/** Shell that asks for a lease on eth0 as a device of this name. `script` is a file with {@linkcode TAKE_LEASE}. */
export function askForLease(name: string, script: string): string {
  return `ip address flush dev eth0
    busybox udhcpc -f -q -n -i eth0 -x hostname:${name} -s ${script} 2>&1`;
}

/** The lease in what {@linkcode askForLease} printed. */
export function leaseIn(said: string): Lease {
  const [, address, nameServer] = said.match(/^lease: (\S+) (\S+)$/m)!;
  return { address, nameServer };
}
