import fc from "fast-check";
import { formatAddress } from "../../../capture/address/address.ts";
import { readDnsAnswer } from "../../../capture/dns/dns_answer.ts";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, encode } from "dns-packet";
import { assertEquals } from "../../assert.ts";
import { echConfig, echParam, ipv4Hint, ipv6Hint, serviceRecord } from "./build_service_binding.ts";
import { a, answerBytes, cname } from "./dns_message.ts";
import { concat } from "../wire/build_bytes.ts";

const QUERIED = "www.example.org";
const SITE = "93.184.216.34";
const SITE_IPV6 = "2606:2800:220:1::1946";
const MAX_MESSAGE_BYTES = 16 << 10;

/** What is read of a message, addresses as text. */
function read(message: Uint8Array) {
  const answer = readDnsAnswer(message);
  if (answer === undefined || answer === "unreadable") return answer;
  return { ...answer, addresses: answer.addresses.map(formatAddress) };
}

/** The same of an answer to `QUERIED`. */
function readAnswers(...answers: readonly Answer[]) {
  return read(answerBytes({ queriedName: QUERIED, answers }));
}

function named(addresses: string[]) {
  return { queriedName: QUERIED, addresses, echConfigs: [] };
}

Deno.test("readDnsAnswer() gives the name that was asked for and every address that answers it", () => {
  assertEquals(readAnswers(), named([]));
  assertEquals(readAnswers(a(QUERIED, SITE)), named([SITE]));
  assertEquals(
    readAnswers(a(QUERIED, SITE), a(QUERIED, "93.184.216.35"), a(QUERIED, SITE_IPV6)),
    named([SITE, "93.184.216.35", SITE_IPV6]),
  );
});

Deno.test("readDnsAnswer() follows CNAMEs to addresses and service bindings, however they are ordered", () => {
  const chain = [
    cname(QUERIED, "shop.cdn.example"),
    cname("Shop.CDN.example", "edge.cdn.example"),
    a("edge.cdn.example", SITE),
    serviceRecord("EDGE.cdn.example", { params: [ipv6Hint(SITE_IPV6)] }),
    a("elsewhere.example", "203.0.113.7"),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(chain, { minLength: chain.length }), (answers) => {
      const answer = readDnsAnswer(answerBytes({ queriedName: QUERIED, answers }));
      if (typeof answer !== "object") throw new Error(`no answer: ${answer}`);
      assertEquals(answer.queriedName, QUERIED);
      assertEquals(answer.addresses.map(formatAddress).sort(), [SITE_IPV6, SITE].sort());
    }),
  );
});

for (const [name, type] of [["SVCB", 64], ["HTTPS", 65]] as const) {
  Deno.test(`readDnsAnswer() reads the hints and encryption of ${name} records`, () => {
    const params = [
      ipv4Hint(SITE),
      echParam(echConfig({ id: 7, publicName: "outer.example" })),
      ipv6Hint(SITE_IPV6),
    ];
    assertEquals(readAnswers(serviceRecord(QUERIED, { params }, type)), {
      queriedName: QUERIED,
      addresses: [SITE, SITE_IPV6],
      echConfigs: [{ id: 7, publicName: "outer.example" }],
    });
  });
}

Deno.test("readDnsAnswer() believes no record of a name that was not asked for", () => {
  const ech = echParam(echConfig({ id: 7, publicName: "bank.example" }));
  assertEquals(
    readAnswers(
      a("bank.example", SITE),
      serviceRecord("bank.example", { params: [ipv4Hint(SITE), ech] }),
      cname("bank.example", QUERIED),
    ),
    named([]),
  );
});

Deno.test("readDnsAnswer() leaves out a service binding that does not fit, and reads the rest", () => {
  const broken = serviceRecord(QUERIED, { params: [ipv4Hint(SITE).subarray(0, 6)] });
  assertEquals(readAnswers(broken, a(QUERIED, SITE)), named([SITE]));
});

Deno.test("readDnsAnswer() gives nothing of a queriedName, nor of a response without one", () => {
  const query = encode({ type: "query", questions: [{ type: "A", name: QUERIED }] });
  assertEquals(read(query), undefined);
  assertEquals(read(encode({ type: "response", answers: [a(QUERIED, SITE)] })), undefined);
});

Deno.test("readDnsAnswer() says what is no whole message", () => {
  const message = answerBytes({ queriedName: QUERIED, answers: [a(QUERIED, SITE)] });
  assertEquals(read(new Uint8Array(0)), "unreadable");
  assertEquals(read(message.subarray(0, 11)), "unreadable");
  assertEquals(read(message.subarray(0, 20)), "unreadable");
});

Deno.test("readDnsAnswer() reads messages of up to 16 KiB", () => {
  const message = answerBytes({ queriedName: QUERIED, answers: [a(QUERIED, SITE)] });
  const ofLength = (length: number) => concat(message, new Uint8Array(length - message.length));
  assertEquals(read(ofLength(MAX_MESSAGE_BYTES)), named([SITE]));
  assertEquals(read(ofLength(MAX_MESSAGE_BYTES + 1)), "unreadable");
});
