/** What devices call themselves, in a real exchange of real programs: udhcpc asks dnsmasq for an address. */

import { DEVICES, LAN, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { startLogger } from "../../scripts/household/logger.ts";
import { assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { curl, flowsIn, liveMissing, openLiveHousehold, ramLines } from "./live_household.ts";

/** DHCP alone: names are answered by the other one. */
const DHCP_SERVER = [
  ...[
    "dnsmasq",
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--log-facility=-",
    "--pid-file=",
  ],
  ...["--user=root", "--port=0", `--interface=${LAN.interface}`],
  ...["--dhcp-range=192.168.50.100,192.168.50.120,1h", "--dhcp-leasefile=/run/dnsmasq.leases"],
];
/** One lease, then an end; what is leased is not set up, the device has its address already. */
const DHCP_CLIENT = ["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true"];

testWhen(
  liveMissing ?? lacks({ commands: ["udhcpc"] }),
  "run calls a device what it called itself when it asked for an address",
  async () => {
    await using household = await openLiveHousehold();
    const dhcp = household.start("router", DHCP_SERVER);
    await dhcp.said("DHCP, IP range");
    await startLogger(household, [], { env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s" } });
    const lease = await household.run("tv", [...DHCP_CLIENT, "-x", "hostname:Living-Room-TV"]);
    assertEquals(lease.code, 0, lease.stderr.join("\n"));

    await curl(household, "tv", `http://${SERVERS.nameless.ipv4}/1000`);
    await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
    const names = await eventually("both devices' flows in the RAM log", () => {
      const flows = flowsIn(ramLines(household));
      const nameOf = (ip: string) => flows.find(({ source }) => source.ip === ip)?.source;
      const tv = nameOf(DEVICES.tv.ipv4);
      const laptop = nameOf(DEVICES.laptop.ipv4);
      return tv !== undefined && laptop !== undefined && [tv.domain, laptop.domain];
    });
    assertEquals(names, ["living-room-tv", undefined]);
  },
);
