/** What the Community ID of a record takes. */

import { parseAddress } from "../../../capture/address/address.ts";
import { communityId } from "../../../capture/flow/community_id.ts";

const flow = {
  protocol: 6,
  source: parseAddress("192.168.1.20")!,
  destination: parseAddress("93.184.216.34")!,
  destinationPort: 443,
};
let sourcePort = 0;

Deno.bench("a Community ID", () => {
  communityId({ ...flow, sourcePort: sourcePort = sourcePort + 1 & 0xffff });
});
