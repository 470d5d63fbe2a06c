import { assertEquals } from "../assert.ts";
import { bestName } from "../../service/best_name.ts";

const ALL = {
  tlsServerName: "tls.example",
  quicServerName: "quic.example",
  httpHost: "http.example",
  dnsQuestion: "dns.example",
};

Deno.test("`bestName()` takes the strongest evidence there is", () => {
  assertEquals(bestName(ALL, "ptr.example"), { name: "tls.example", source: "tls_sni" });
  const { tlsServerName: _tls, ...withoutTls } = ALL;
  assertEquals(bestName(withoutTls, "ptr.example").source, "quic_sni");
  const { quicServerName: _quic, ...withoutQuic } = withoutTls;
  assertEquals(bestName(withoutQuic, "ptr.example").source, "http_host");
  const { httpHost: _http, ...onlyDns } = withoutQuic;
  assertEquals(bestName(onlyDns, "ptr.example"), { name: "dns.example", source: "dns" });
  assertEquals(bestName({}, "ptr.example"), { name: "ptr.example", source: "ptr" });
  assertEquals(bestName({}, undefined), { name: "unknown", source: "none" });
});

Deno.test("`bestName()` takes DNS over the outer name of an encrypted hello", () => {
  const tls = { tlsServerName: "provider.example", isEchOuterName: true };
  assertEquals(bestName({ ...tls, dnsQuestion: "dns.example" }, undefined).name, "dns.example");
  assertEquals(bestName(tls, "ptr.example").name, "provider.example");
});

Deno.test("`bestName()` takes no bare address for a name", () => {
  for (const address of ["93.184.216.34", "2606:2800::1"]) {
    const evidence = { tlsServerName: address, httpHost: address, dnsQuestion: "dns.example" };
    assertEquals(bestName(evidence, undefined), { name: "dns.example", source: "dns" });
    assertEquals(bestName({ httpHost: address }, address).source, "none");
  }
});
