import { type ClientHello, parseClientHello } from "../../../capture/tls/client_hello.ts";
import { assert, assertEquals } from "../../assert.ts";
import { hex, uint16, uint8, vector16, vector8 } from "../wire/build_bytes.ts";
import {
  clientHello,
  type ClientHelloParts,
  echExtension,
  extension,
  handshakeMessage,
  serverHello,
  serverNameExtension,
} from "./build_client_hello.ts";

const SERVER_NAME = 0;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

function parsed(parts: ClientHelloParts): ClientHello {
  const hello = parseClientHello(clientHello(parts));
  assert(typeof hello === "object", `${hello}`);
  return hello;
}

function nameOf(serverName: string | Uint8Array): string | undefined {
  return parsed({ serverName }).serverName;
}

Deno.test("parseClientHello() gives the server's name", () => {
  assertEquals(nameOf("example.com"), "example.com");
  assertEquals(nameOf("WWW.Example.COM"), "www.example.com");
  assertEquals(nameOf("xn--bcher-kva.example"), "xn--bcher-kva.example");
});

Deno.test("parseClientHello() accepts a hello without a name or without extensions", () => {
  assertEquals(parsed({}).serverName, undefined);
  assertEquals(parsed({ withoutExtensions: true }).serverName, undefined);
});

Deno.test("parseClientHello() gives no name that cannot be one", () => {
  for (const name of ["a b", "a\0b", "\x7f", "a\r\nb", " ", "x".repeat(254), "."]) {
    assertEquals(nameOf(name), undefined, JSON.stringify(name));
  }
  assertEquals(nameOf(hex("61ff62")), undefined);
  assertEquals(nameOf("x".repeat(253)), "x".repeat(253));
});

Deno.test("parseClientHello() escapes what is not printable ASCII", () => {
  assertEquals(nameOf("bücher.example"), "b\\195\\188cher.example");
});

Deno.test("parseClientHello() is incomplete at every cut", () => {
  const bytes = clientHello({ serverName: "example.com" });
  for (let end = 0; end < bytes.length; end++) {
    assertEquals(parseClientHello(bytes.subarray(0, end)), "incomplete", `cut at ${end}`);
  }
});

Deno.test("parseClientHello() reads no further than the message", () => {
  const bytes = new Uint8Array([...clientHello({ serverName: "example.com" }), 0xff, 0xff]);
  assertEquals(parseClientHello(bytes), { serverName: "example.com", ech: undefined });
});

Deno.test("parseClientHello() tells an encrypted hello's configuration", () => {
  const hello = parsed({ serverName: "public.example", extensions: [echExtension(42)] });
  assertEquals(hello, { serverName: "public.example", ech: { kind: "outer", configId: 42 } });
  const inner = parsed({ extensions: [extension(ENCRYPTED_CLIENT_HELLO, uint8(1))] });
  assertEquals(inner.ech, { kind: "inner" });
});

Deno.test("parseClientHello() finds invalid what no server accepts", () => {
  const name = serverNameExtension("example.com");
  const hostName = [uint8(0), vector16(uint8(0x61))] as const;
  const extensions = {
    "server_name twice": [name, name],
    "two host names": [extension(SERVER_NAME, vector16(...hostName, ...hostName))],
    "an empty server_name": [extension(SERVER_NAME)],
    "an empty list of names": [extension(SERVER_NAME, vector16())],
    "a list longer than its extension": [extension(SERVER_NAME, uint16(9), ...hostName)],
    "a list shorter than its extension": [extension(SERVER_NAME, vector16(...hostName), uint8(0))],
    "a name longer than its list": [extension(SERVER_NAME, vector16(uint8(0), uint16(9)))],
    "an extension longer than all of them": [hex("000000ff00")],
    "a cut extension header": [hex("000a00")],
    "encrypted_client_hello twice": [echExtension(1), echExtension(1)],
    "encrypted_client_hello of no known type": [extension(ENCRYPTED_CLIENT_HELLO, uint8(7))],
    "encrypted_client_hello that is cut": [extension(ENCRYPTED_CLIENT_HELLO, uint8(0), uint16(1))],
  };
  for (const [what, list] of Object.entries(extensions)) {
    assertEquals(parseClientHello(clientHello({ extensions: list })), "invalid", what);
  }
});

Deno.test("parseClientHello() finds invalid what is no ClientHello", () => {
  const random = new Uint8Array(32);
  const version = uint16(0x0303);
  const suites = vector16(uint16(0x1301));
  const compression = vector8(uint8(0));
  const messages = {
    "a ServerHello": serverHello(),
    "another version": handshakeMessage(1, uint16(0xfefd), random, vector8(), suites, compression),
    "a session ID that is too long": handshakeMessage(
      1,
      version,
      random,
      vector8(new Uint8Array(33)),
      suites,
      compression,
    ),
    "no cipher suites": handshakeMessage(1, version, random, vector8(), vector16(), compression),
    "half a cipher suite": handshakeMessage(
      1,
      version,
      random,
      vector8(),
      vector16(new Uint8Array(3)),
      compression,
    ),
    "no compression methods": handshakeMessage(1, version, random, vector8(), suites, vector8()),
    "bytes behind the extensions": handshakeMessage(
      1,
      version,
      random,
      vector8(),
      suites,
      compression,
      vector16(),
      uint8(0),
    ),
    "an empty body": handshakeMessage(1),
  };
  for (const [what, message] of Object.entries(messages)) {
    assertEquals(parseClientHello(message), "invalid", what);
  }
});
