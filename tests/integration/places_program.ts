/** The stand-in for the servers of databases as a program: its database says Sweden of one network; it prints each request. */

import { liteDatabase, servePlaces } from "../service/renewal/places_server.ts";

const [network] = Deno.args;
const record = { country_code: "SE", country: "Sweden", asn: "AS65001", as_name: "Fetched AB" };
const servers = servePlaces(liteDatabase("2026-11-20", { [network]: record }));
servers.seen.push = (...seen) => {
  for (const { server, path } of seen) console.log(`asked ${server} ${path}`);
  return 0;
};
console.log(`ready at ${servers.ipinfoUrl}`);
