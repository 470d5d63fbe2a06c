/** Prints, as JSON, what `network_interfaces.ts` says in the network namespace that this is run in. */

import {
  defaultInterface,
  interfaceIsUp,
  interfaceNames,
  interfaceNetworks,
} from "../../system/network_interfaces.ts";

const names = interfaceNames();
let chosen: string;
try {
  chosen = defaultInterface();
} catch (error) {
  chosen = (error as Error).message;
}
console.log(JSON.stringify({
  names,
  up: [...names, "lo", "any", "nosuch0"].filter(interfaceIsUp),
  chosen,
  networks: interfaceNetworks(["any"]).filter((network) => !network.startsWith("fe80:")).sort(),
  networksOfWlan0: interfaceNetworks(["wlan0"]).filter((network) => network.includes(".")),
}));
