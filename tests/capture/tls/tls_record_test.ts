import { handshakeOf } from "../../../capture/tls/tls_record.ts";
import { assertEquals } from "../../assert.ts";
import { clientHello, serverHello, tlsRecord, tlsRecords } from "./build_client_hello.ts";
import { concat, hex, text } from "../wire/build_bytes.ts";

const HELLO = clientHello({ serverName: "example.com" });

Deno.test("handshakeOf() gives the handshake bytes of one record", () => {
  assertEquals(handshakeOf(tlsRecords(HELLO)), HELLO);
});

Deno.test("handshakeOf() joins a handshake message at every length of fragments", () => {
  for (let length = 1; length <= HELLO.length; length++) {
    assertEquals(handshakeOf(tlsRecords(HELLO, length)), HELLO);
  }
});

Deno.test("handshakeOf() gives as much as is there when the stream is cut", () => {
  const stream = tlsRecords(HELLO);
  for (let end = 0; end <= 5; end++) {
    assertEquals(handshakeOf(stream.subarray(0, end)), "incomplete");
  }
  assertEquals(handshakeOf(stream.subarray(0, 25)), HELLO.subarray(0, 20));
});

Deno.test("handshakeOf() ends at the first record of another type", () => {
  const applicationData = tlsRecord(23, text("early data"));
  assertEquals(handshakeOf(concat(tlsRecords(HELLO), applicationData)), HELLO);
  assertEquals(handshakeOf(tlsRecords(serverHello())), serverHello());
});

Deno.test("handshakeOf() knows what is not TLS", () => {
  const notTls = {
    "another content type": tlsRecord(23, HELLO),
    "an alert": tlsRecord(21, hex("0228")),
    "an SSL 2 hello": hex("802e0100020015000000100100800300800700c0060040020080"),
    "DTLS": hex("16fefd00000000000000000030"),
    "a version after 3.4": hex("160305002001"),
    "an empty fragment": hex("1603010000"),
    "an empty fragment behind another": concat(tlsRecords(HELLO), hex("160301000016")),
    "a fragment that is too long": hex("160301400101"),
    "HTTP": text("GET / HTTP/1.1\r\n"),
  };
  for (const [what, stream] of Object.entries(notTls)) {
    assertEquals(handshakeOf(stream), "not-tls", what);
  }
});
