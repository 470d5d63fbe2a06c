/** The stand-in for ipinfo.io as a program: answers for a Core token, and prints each address it is asked for. */

import { serveIpinfo } from "../enrich/ipinfo_server.ts";

const server = serveIpinfo("core");
server.misbehave = ({ addresses }) => {
  for (const address of addresses) console.log(`asked ${address}`);
  return undefined;
};
console.log(`ready at ${server.url}`);
