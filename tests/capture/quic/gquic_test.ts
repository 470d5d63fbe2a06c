import { chloOfDatagram, gquicVersionOf, parseChlo } from "../../../capture/quic/gquic.ts";
import { assertEquals } from "../../assert.ts";
import { concat, hex } from "../wire/build_bytes.ts";
import { chlo, chloFor, publicHeaderDatagram, q046Datagram } from "./build_gquic.ts";
import { initialPacket } from "./build_quic.ts";

Deno.test("chloOfDatagram() gives the name in the hello of each version", () => {
  for (const version of [24, 33, 34, 35, 39, 43]) {
    const datagram = publicHeaderDatagram(version, chloFor("example.com"));
    assertEquals(gquicVersionOf(datagram, 0, datagram.length), version);
    assertEquals(chloOfDatagram(datagram), { serverName: "example.com" }, `Q0${version}`);
  }
  assertEquals(chloOfDatagram(q046Datagram(chloFor("example.com"))), { serverName: "example.com" });
});

Deno.test("chloOfDatagram() gives nothing out of a datagram that is cut", () => {
  for (const whole of [publicHeaderDatagram(43, chloFor("a.b")), q046Datagram(chloFor("a.b"))]) {
    for (let end = 0; end < whole.length; end++) {
      assertEquals(chloOfDatagram(whole.subarray(0, end)), undefined, `cut at ${end}`);
    }
  }
});

Deno.test("gquicVersionOf() is 0 for anything else", () => {
  const q043 = publicHeaderDatagram(43, chloFor("example.com"));
  const changed = (offset: number, byte: number) => {
    const copy = new Uint8Array(q043);
    copy[offset] = byte;
    return copy;
  };
  const others = {
    "a reset": changed(0, 0x0b),
    "no version flag": changed(0, 0x08),
    "no connection ID": changed(0, 0x01),
    "a version that never was": changed(12, "9".charCodeAt(0)),
    "IETF QUIC": initialPacket({ frames: new Uint8Array(0) }),
    "nothing": new Uint8Array(0),
  };
  for (const [what, bytes] of Object.entries(others)) {
    assertEquals(gquicVersionOf(bytes, 0, bytes.length), 0, what);
  }
});

Deno.test("parseChlo() is incomplete at every cut", () => {
  const message = chloFor("example.com");
  for (let end = 0; end < message.length; end++) {
    assertEquals(parseChlo(message.subarray(0, end)), "incomplete", `cut at ${end}`);
  }
});

Deno.test("parseChlo() accepts a hello without a name and finds invalid what is out of order", () => {
  assertEquals(parseChlo(chlo([["PAD\0", "-"]])), { serverName: undefined });
  assertEquals(parseChlo(chlo([["VER\0", "Q043"], ["SNI\0", "a.b"]])), "invalid");
  assertEquals(parseChlo(chlo([["SNI\0", "a.b"], ["SNI\0", "c.d"]])), "invalid");
  assertEquals(parseChlo(hex("52454a0000000000")), "invalid");
  const endsBackwards = concat(chlo([["PAD\0", "-"], ["SNI\0", "a.b"]]));
  endsBackwards[8 + 8 + 4] = 0;
  assertEquals(parseChlo(endsBackwards), "invalid");
});
