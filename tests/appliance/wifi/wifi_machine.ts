/** The disk of a machine with radios: Debian's full kernel, NetworkManager, and what stations and a made-up Internet need. */

import type { Furniture } from "../emulated_machine.ts";

export const WITH_RADIOS: Furniture = {
  packages: [
    // The kernel for virtual machines has no Wi-Fi.
    ...["linux-image-arm64", "wireless-regdb", "iw", "rfkill"],
    // The access point, and what NetworkManager shares an address with.
    ...["network-manager", "wpasupplicant", "dnsmasq-base", "nftables", "hostapd"],
    // A station.
    ...["udhcpc", "curl", "openssl", "ngtcp2-client"],
    // The made-up Internet.
    ...["nginx-light", "ngtcp2-server", "mosquitto", "mosquitto-clients"],
  ],
  furnish: `
systemctl mask nginx.service mosquitto.service hostapd.service ModemManager.service
`,
};
