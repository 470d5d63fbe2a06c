/** What it costs to learn names from answers of DNS, and to look them up, with as many as are remembered. */

import { madeUpFlows } from "../../../scripts/bench/made_up_flows.ts";
import { assertEquals } from "../../assert.ts";
import { parseAddress } from "../../../capture/address/address.ts";
import { DnsNames } from "../../../capture/dns/dns_names.ts";
import { packetOf } from "../decode_frame.ts";
import { a, answerBytes, answerFrame } from "./dns_message.ts";
import { START_US } from "../pcap_records.ts";

/** An answer is remembered for its client and for everybody: 16,384 names. */
const ANSWERS = 8_192;
const answers = madeUpFlows(ANSWERS).map(({ client, server }, i) => {
  const queriedName = `host-${i}.example.com`;
  const answered = { client, queriedName, answers: [a(queriedName, server)] };
  return {
    packet: packetOf(answerFrame(answered)),
    message: answerBytes(answered),
    client: { address: parseAddress(client)!, mac: undefined },
    server: parseAddress(server)!,
  };
});
const names = new DnsNames();
for (const { packet, message } of answers) names.learnAnswer(packet, message);
assertEquals(names.lookUp(answers[0].client, answers[0].server, START_US), "host-0.example.com");
let next = 0;

Deno.bench("1,000 answers learnt", () => {
  for (let i = 0; i < 1000; i++) {
    const { packet, message } = answers[next = (next + 1) % ANSWERS];
    names.learnAnswer(packet, message);
  }
});

Deno.bench("1,000 names looked up", () => {
  for (let i = 0; i < 1000; i++) {
    const { client, server } = answers[next = (next + 1) % ANSWERS];
    names.lookUp(client, server, START_US);
  }
});
