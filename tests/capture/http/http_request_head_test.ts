import { parseHttpRequestHead } from "../../../capture/http/http_request_head.ts";
import { hostOfAuthority } from "../../../capture/http/http_authority.ts";
import { assert, assertEquals } from "../../assert.ts";
import { concat, hex, text } from "../wire/build_bytes.ts";

function parse(head: string) {
  return parseHttpRequestHead(text(head));
}

/** The host of a request that is whole. */
function hostOf(head: string): string | undefined {
  const request = parse(head);
  assert(typeof request === "object", `${request}: ${head}`);
  assertEquals(request.length, head.length, head);
  return request.host;
}

Deno.test("parseHttpRequestHead() gives the Host of a request", () => {
  assertEquals(hostOf("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"), "example.com");
  assertEquals(hostOf("GET / HTTP/1.0\r\nhOsT:Example.COM \r\nA: b\r\n\r\n"), "example.com");
  assertEquals(hostOf("GET / HTTP/1.1\nA: b\nHost:\texample.com\n\n"), "example.com");
  assertEquals(hostOf("POST /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\n\r\n"), "example.com");
  assertEquals(hostOf("OPTIONS * HTTP/1.1\r\nHost: example.com\r\n\r\n"), "example.com");
  assertEquals(hostOf("VERSION-CONTROL / HTTP/1.1\r\nHost: dav.example\r\n\r\n"), "dav.example");
});

Deno.test("parseHttpRequestHead() prefers the target's authority to Host", () => {
  const withHost = (line: string) => hostOf(`${line}\r\nHost: other.example\r\n\r\n`);
  assertEquals(withHost("GET http://example.com/a HTTP/1.1"), "example.com");
  assertEquals(withHost("GET http://me:secret@example.com:8080 HTTP/1.1"), "example.com");
  assertEquals(withHost("GET https://example.com?q=http://no.example/ HTTP/1.1"), "example.com");
  assertEquals(withHost("GET /?q=http://no.example/ HTTP/1.1"), "other.example");
  assertEquals(withHost("GET http:///a HTTP/1.1"), undefined);
});

Deno.test("parseHttpRequestHead() gives the host that a tunnel leads to", () => {
  const connect = "CONNECT Example.com:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n";
  const tunnel = { host: "example.com", isConnect: true, length: connect.length };
  assertEquals(parse(connect), tunnel);
  assertEquals(parse(connect + "more"), tunnel);
  const get = "GET / HTTP/1.1\r\n\r\n";
  assertEquals(parse(get), { host: undefined, isConnect: false, length: get.length });
});

Deno.test("parseHttpRequestHead() gives no host that two headers do not agree on", () => {
  const twice = (other: string) => `GET / HTTP/1.1\r\nHost: example.com\r\nHost: ${other}\r\n\r\n`;
  assertEquals(hostOf(twice("example.com")), "example.com");
  assertEquals(hostOf(twice("other.example")), undefined);
  assertEquals(hostOf(twice("")), undefined);
});

Deno.test("parseHttpRequestHead() unfolds headers", () => {
  assertEquals(hostOf("GET / HTTP/1.1\r\nA: b\r\n Host: no.example\r\n\r\n"), undefined);
  assertEquals(hostOf("GET / HTTP/1.1\r\nHost:\r\n\texample.com\r\n\r\n"), "example.com");
  assertEquals(hostOf("GET / HTTP/1.1\r\nHost: exa\r\n mple.com\r\n\r\n"), undefined);
});

Deno.test("parseHttpRequestHead() takes only Host for Host", () => {
  for (const header of ["X-Host: a.b", "Host : a.b", "Hos: a.b", "Hosts: a.b", "Host"]) {
    assertEquals(hostOf(`GET / HTTP/1.1\r\n${header}\r\n\r\n`), undefined, header);
  }
});

Deno.test("parseHttpRequestHead() is incomplete up to the request line's end, then says what it has", () => {
  const head = "GET / HTTP/1.1\r\nHost: example.com\r\nA: b\r\n\r\n";
  for (let end = 1; end < head.length; end++) {
    const request = parse(head.slice(0, end));
    if (end < "GET / HTTP/1.1\r\n".length) {
      assertEquals(request, "incomplete", `cut at ${end}`);
    } else {
      assert(typeof request === "object");
      assertEquals(request.length, undefined);
      const hasHost = end >= head.indexOf("A:");
      assertEquals(request.host, hasHost ? "example.com" : undefined, `cut at ${end}`);
    }
  }
});

Deno.test("parseHttpRequestHead() does not claim what is not HTTP/1", () => {
  const others = [
    "SIP/2.0 200 OK\r\n",
    "INVITE sip:bob@example.com SIP/2.0\r\nHost: example.com\r\n\r\n",
    "DESCRIBE rtsp://example.com/a RTSP/1.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "ICY 200 OK\r\n",
    "EHLO example.com\r\n",
    "get / HTTP/1.1\r\n",
    "GET\r\n",
    "GET HTTP/1.1\r\n",
    "GET / HTTP/1.\r\n",
    "GET / HTTP/1.x\r\n",
    " GET / HTTP/1.1\r\n",
    "GET /\0 HTTP/1.1\r\n",
    "SSH-2.0-OpenSSH\r\n",
    `${"A".repeat(21)} / HTTP/1.1\r\n`,
    `GET /${"a".repeat(8192)}`,
    "A\0",
  ];
  for (const other of others) assertEquals(parse(other), "invalid", other);
});

Deno.test("parseHttpRequestHead() looks at no more than 8 KiB", () => {
  const long = `GET / HTTP/1.1\r\nCookie: ${"c".repeat(8192)}\r\nHost: example.com\r\n\r\n`;
  assertEquals(parse(long), { host: undefined, isConnect: false, length: undefined });
});

Deno.test("hostOfAuthority() leaves the port and the brackets out", () => {
  const hosts = {
    "example.com": "example.com",
    "example.com:": "example.com",
    "example.com.:80": "example.com",
    "192.0.2.1:8080": "192.0.2.1",
    "[2001:DB8::1]:443": "2001:db8::1",
    "[::1]": "::1",
    "me@example.com": "example.com",
    "bücher.example": "b\\195\\188cher.example",
  };
  for (const [authority, host] of Object.entries(hosts)) {
    assertEquals(hostOfAuthority(text(authority)), host, authority);
  }
});

Deno.test("hostOfAuthority() gives nothing where there is no host", () => {
  const authorities = [
    "",
    ":80",
    "example.com:http",
    "2001:db8::1",
    "[::1",
    "[::1]x",
    "[::1]:x",
    "[]",
    "[example.com]",
    "[192.0.2.1]",
    "[v1.a:b]",
    "a/b",
    "a b",
    "a?b",
    "a\\b",
    '"a"',
    "<script>",
    "a\tb",
    "x".repeat(256),
  ];
  for (const authority of authorities) {
    assertEquals(hostOfAuthority(text(authority)), undefined, authority);
  }
  assertEquals(hostOfAuthority(concat(text("a"), hex("ff"))), undefined);
});
