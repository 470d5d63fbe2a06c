import { assertEquals, assertNotEquals } from "../../assert.ts";
import { parseAddress } from "../../../capture/address/address.ts";
import { communityId, type FiveTuple } from "../../../capture/flow/community_id.ts";

type Port = number | undefined;
type Vector = readonly [
  protocol: number,
  source: string,
  destination: string,
  sourcePort: Port,
  destinationPort: Port,
  id: string,
  idWithSeed1: string,
];

const NONE = undefined;
const HOST_A = "fe80:0001:0203:0405:0607:0809:0a0b:0c0d";
const HOST_B = "fe80:1011:1213:1415:1617:1819:1a1b:1c1d";

/** Two-way flows of the specification's baseline (its JSON files and its tables), one direction of each. */
// deno-fmt-ignore
const TWO_WAY: readonly Vector[] = [
  [6, "1.2.3.4", "5.6.7.8", 1122, 3344, "1:wCb3OG7yAFWelaUydu0D+125CLM=", "1:HhA1B+6CoLbiKPEs5nhNYN4XWfk="],
  [17, "1.2.3.4", "5.6.7.8", 1122, 3344, "1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=", "1:OShq+iKDAMVouh/4bMxB9Sz4amw="],
  [132, "1.2.3.4", "5.6.7.8", 1122, 3344, "1:EKt4MsxuyaE6mL+hmrEkQ9csDD8=", "1:uitchpn5MMGAQKBJh7bIr/bAr7s="],
  [132, "192.168.170.8", "192.168.170.56", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", "1:5w3ZRjeKBzqT3zsaEECDGjUbYeg="],
  [6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="],
  [17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", "1:Q9We8WO3piVF8yEQBNJF4uiSVrI="],
  [6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", "1:eJYTW6AOzFLlSUoESovMjnu7rMw="],
  [1, "1.2.3.4", "5.6.7.8", 8, 0, "1:crodRHL2FEsHjbv3UkRrfbs4bZ0=", "1:9pr4ZGTICiuZoIh90RRYE2RyXpU="],
  [1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA="],
  [58, HOST_A, HOST_B, 128, 129, "1:0bf7hyMJUwt3fMED7z8LIfRpBeo=", "1:IO27GQzPuCtNnwFvjWALMHu5tJE="],
  [58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY="],
  [58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, "1:zavyT/cezQr1fmImYCwYnMXbgck=", "1:2hSqmsDZ2kdcY9kbiUzOEBic0iM="],
  [58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", "1:GfZxjAkDk2MkegpBYHV6tadtFXQ="],
  [58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=", "1:L7Ka0ZMYu+J3bL4ulW2PrqyXNo8="],
  [58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, "1:pkvHqCL88/tg1k4cPigmZXUtL00=", "1:K/ee5UCqAMAQXDorP5nSa2CGLjc="],
  [46, "1.2.3.4", "5.6.7.8", NONE, NONE, "1:ikv3kmf89luf73WPz1jOs49S768=", "1:/buhqeOmaRCopOZFy9HnoJd5XW8="],
  [46, "10.1.12.1", "10.1.12.2", NONE, NONE, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", "1:rYir8gphR31noO9iDRQmF/BteEI="],
  [46, HOST_A, HOST_B, NONE, NONE, "1:wQ/2mwrnXP4lmJcHdGL5ePjR+e0=", "1:j6EyyfBzL4vWKHFXgUqb5Az3OxM="],
];

/** ICMP messages without a counterpart: type and code. */
// deno-fmt-ignore
const ONE_WAY: readonly Vector[] = [
  [1, "1.2.3.4", "5.6.7.8", 11, 0, "1:f/YiSyWqczrTgfUCZlBUnvHRcPk=", "1:1DD7cWGC/Yg91YGsQeni8du3pIA="],
  [1, "10.0.0.1", "10.0.0.2", 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM=", "1:XjUibYHaafLQ3pxQeiMI8g25q20="],
  [58, HOST_A, HOST_B, 146, 0, "1:fYC8+pz24E+EhANP1EZhpX0Dw10=", "1:Cv4IKJe56BNkF0MBW2YxQ3Nwc3s="],
  [58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ=", "1:lVEtCZpYu84Xqaa++3lXFyuu2n4="],
  [58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, "1:hLZd0XGWojozrvxqE0dWB1iM6R0=", "1:W8MHwXpWzpoSTD+cGcaJr4u0ys8="],
];

function flow([protocol, source, destination, sourcePort, destinationPort]: Vector): FiveTuple {
  return {
    protocol,
    source: parseAddress(source)!,
    destination: parseAddress(destination)!,
    sourcePort,
    destinationPort,
  };
}

function reversed(flow: FiveTuple): FiveTuple {
  return {
    ...flow,
    source: flow.destination,
    destination: flow.source,
    sourcePort: flow.destinationPort,
    destinationPort: flow.sourcePort,
  };
}

Deno.test("`communityId()` gives both directions of a flow the published text", () => {
  for (const vector of TWO_WAY) {
    const [, , , , , id, idWithSeed1] = vector;
    for (const tuple of [flow(vector), reversed(flow(vector))]) {
      assertEquals(communityId(tuple), id, vector.join());
      assertEquals(communityId(tuple, 1), idWithSeed1, vector.join());
    }
  }
});

Deno.test("`communityId()` gives a one-way flow the published text", () => {
  for (const vector of ONE_WAY) {
    const [, , , , , id, idWithSeed1] = vector;
    const tuple = { ...flow(vector), oneWay: true };
    assertEquals(communityId(tuple), id, vector.join());
    assertEquals(communityId(tuple, 1), idWithSeed1, vector.join());
  }
});

Deno.test("`communityId()` tells the two directions of a one-way flow apart", () => {
  for (const vector of ONE_WAY) {
    const tuple = { ...flow(vector), oneWay: true };
    assertNotEquals(communityId(tuple), communityId({ ...reversed(tuple), oneWay: true }));
  }
});

Deno.test("`communityId()` orders addresses as unsigned numbers and equal ones by port", () => {
  const pairs: Vector[] = [
    [6, "127.0.0.1", "128.0.0.1", 1, 2, "", ""],
    [6, "10.0.0.1", "10.0.0.1", 2, 1, "", ""],
    [6, "7fff::", "8000::", 1, 2, "", ""],
  ];
  for (const vector of pairs) {
    assertEquals(communityId(flow(vector)), communityId(reversed(flow(vector))));
  }
});

Deno.test("`communityId()` takes an IPv4-mapped address beside an IPv6 one for IPv6", () => {
  // Only hostile packets hold such pairs; half of the other address must not be left out.
  const to = (destination: string) =>
    communityId(flow([6, "::ffff:1.2.3.4", destination, 1, 2, "", ""]));
  assertNotEquals(to("2001:db8::1"), to("2001:db8:ffff::1"));
});
