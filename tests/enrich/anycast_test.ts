import { assertEquals } from "../assert.ts";
import { anycastOperator } from "../../enrich/anycast.ts";

Deno.test("`anycastOperator()` names who answers from many places", () => {
  const expected = {
    "1.1.1.1": "Cloudflare",
    "104.16.132.229": "Cloudflare",
    "8.8.8.8": "Google Public DNS",
    "2001:4860:4860::8844": "Google Public DNS",
    "193.0.14.129": "the root of the DNS",
    "2001:7fd::1": "the root of the DNS",
  };
  for (const [address, operator] of Object.entries(expected)) {
    assertEquals(anycastOperator(address), operator, address);
  }
});

Deno.test("`anycastOperator()` names nobody for neighbours of such addresses", () => {
  for (const address of ["1.1.2.1", "8.8.9.8", "193.0.14.128", "2001:7fd::2", "142.250.186.174"]) {
    assertEquals(anycastOperator(address), undefined, address);
  }
});
