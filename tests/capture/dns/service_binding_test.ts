import fc from "fast-check";
import { formatAddress } from "../../../capture/address/address.ts";
import { parseServiceBinding } from "../../../capture/dns/service_binding.ts";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import {
  echConfig,
  echParam,
  ipv4Hint,
  ipv6Hint,
  serviceBinding,
  type ServiceBindingParts,
  svcParam,
} from "./build_service_binding.ts";
import { concat, text, uint16, vector8 } from "../wire/build_bytes.ts";

const ALPN = svcParam(1, vector8(text("h2")), vector8(text("h3")));
const PORT = svcParam(3, uint16(8443));
const ECH = echParam(echConfig({ id: 7, publicName: "outer.example" }));

/** What is read of a record's data, addresses as text. */
function parsed(data: Uint8Array) {
  const binding = parseServiceBinding(data);
  return binding && { ...binding, addresses: binding.addresses.map(formatAddress) };
}

function parsedOf(parts: ServiceBindingParts) {
  return parsed(serviceBinding(parts));
}

Deno.test("parseServiceBinding() gives the addresses of both hints", () => {
  const params = [
    ALPN,
    ipv4Hint("93.184.216.34", "93.184.216.35"),
    ipv6Hint("2606:2800:220:1::1946", "2606:2800:220:1::1947"),
  ];
  assertEquals(parsedOf({ params }), {
    addresses: [
      "93.184.216.34",
      "93.184.216.35",
      "2606:2800:220:1::1946",
      "2606:2800:220:1::1947",
    ],
    echConfigs: [],
  });
});

Deno.test("parseServiceBinding() gives the configurations of encrypted hellos", () => {
  assertEquals(parsedOf({ target: "front.cdn.example", params: [ALPN, PORT, ECH] }), {
    addresses: [],
    echConfigs: [{ id: 7, publicName: "outer.example" }],
  });
});

Deno.test("parseServiceBinding() finds nothing of use in parameters that it does not know", () => {
  const mandatory = svcParam(0, uint16(1));
  const unknown = svcParam(65_280, text("93.184.216.34"));
  const nothing = { addresses: [], echConfigs: [] };
  assertEquals(parsedOf({}), nothing);
  assertEquals(parsedOf({ params: [mandatory, ALPN, PORT, unknown] }), nothing);
});

Deno.test("parseServiceBinding() takes nothing from an alias (RFC 9460, 2.4.2)", () => {
  const nothing = { addresses: [], echConfigs: [] };
  assertEquals(parsedOf({ priority: 0, target: "front.cdn.example" }), nothing);
  const params = [ipv4Hint("93.184.216.34"), ECH];
  assertEquals(parsedOf({ priority: 0, target: "front.cdn.example", params }), nothing);
});

Deno.test("parseServiceBinding() gives nothing of data that ends within a field", () => {
  const params = [ALPN, ipv4Hint("93.184.216.34"), ECH];
  const data = serviceBinding({ target: "front.cdn.example", params });
  let boundary = serviceBinding({ target: "front.cdn.example" }).length;
  const boundaries = new Set([boundary, ...params.map((param) => boundary += param.length)]);
  for (let length = 0; length <= data.length; length++) {
    const isWhole = boundaries.has(length);
    assertEquals(parsed(data.subarray(0, length)) !== undefined, isWhole, `${length} bytes`);
  }
});

Deno.test("parseServiceBinding() gives nothing where a parameter's length is out of bounds", () => {
  for (const key of [1, 4, 5, 6]) {
    const tooLong = concat(uint16(key), uint16(0xffff), new Uint8Array(16));
    assertEquals(parsedOf({ params: [ipv4Hint("93.184.216.34"), tooLong] }), undefined);
  }
});

Deno.test("parseServiceBinding() takes no part of an address from a hint", () => {
  for (const [key, length] of [[4, 3], [4, 0], [6, 15], [6, 4]]) {
    const params = [svcParam(key, new Uint8Array(length).fill(1))];
    assertEquals(parsedOf({ params })?.addresses, []);
  }
});

Deno.test("parseServiceBinding() bears any bytes, and gives no more than they can hold", () => {
  const data = serviceBinding({
    target: "a.example",
    params: [ipv4Hint("93.184.216.34"), ECH, ipv6Hint("2606:2800:220:1::1946")],
  });
  const changed = fc.array(fc.tuple(fc.nat(data.length - 1), fc.nat(255)), { maxLength: 4 }).map(
    (changes) => {
      const bytes = Uint8Array.from(data);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    },
  );
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const binding = parseServiceBinding(bytes);
      if (binding === undefined) return;
      assertLessOrEqual(binding.addresses.length, bytes.length / 4);
      assert(binding.addresses.every((address) => address.length === 4));
    }),
    { numRuns: 3000 },
  );
});
