import { assertEquals } from "../../assert.ts";
import { addressText, parseAddress, queryText } from "../../../web/page/question/address.ts";

Deno.test("an address says the page, what it is about and the question, and is read back", () => {
  const addresses = [
    "/",
    "/?since=30d&country=DE&by=site",
    "/devices",
    "/device/Anna's%20phone%2F2?since=2026-11-22&until=2026-11-28",
    "/site/example.org",
    "/log?device=tv&port=443&follow=on&record=1795827401379.efc.0",
    "/new?since=7d",
    "/settings",
  ];
  for (const address of addresses) {
    assertEquals(addressText(parseAddress(address)), address);
  }
  assertEquals(parseAddress(addresses[3]).subject, "Anna's phone/2");
});

Deno.test("an address that says nothing known is a page that there is not", () => {
  for (const path of ["/nothing", "/site", "/site/", "/log/more", "/device"]) {
    assertEquals(parseAddress(path).view, "unknown", path);
  }
  assertEquals(parseAddress("/log?colour=red&since=").question, {});
  assertEquals(parseAddress("/site/100%").subject, "100%");
});

Deno.test("the same question is the same text, in whatever order it was put", () => {
  assertEquals(
    queryText({ until: "today", device: "a&b=c", since: "7d" }),
    "since=7d&until=today&device=a%26b%3Dc",
  );
});
