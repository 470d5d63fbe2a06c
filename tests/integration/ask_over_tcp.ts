/**
 * Asks the household's router for a name's IPv4 addresses over TCP, as a resolver does when an answer over UDP was cut.
 *
 * Run on a device with the name as its argument; prints the addresses.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { streamDecode, streamEncode } from "dns-packet";
import { LAN } from "../../scripts/household/addresses.ts";

const RECURSION_DESIRED = 256;

if (import.meta.main) {
  using connection = await Deno.connect({ hostname: LAN.router.ipv4, port: 53 });
  const question = streamEncode({
    type: "query",
    id: 1,
    flags: RECURSION_DESIRED,
    questions: [{ type: "A", name: Deno.args[0] }],
  });
  await connection.write(question);
  const answer = new Uint8Array(4096);
  const length = await connection.read(answer);
  const { answers = [] } = streamDecode(Buffer.from(answer.subarray(0, length ?? 0)));
  for (const { type, data } of answers as { type: string; data: string }[]) {
    if (type === "A") console.log(data);
  }
}
