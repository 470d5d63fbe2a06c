import { parseAddress } from "../../../capture/address/address.ts";
import { parseDhcp } from "../../../capture/devices/dhcp.ts";
import { assert, assertEquals } from "../../assert.ts";
import { concat, text, uint8 } from "../wire/build_bytes.ts";
import {
  CLIENT,
  clientFqdn,
  DHCP,
  dhcpMessage,
  END,
  hostName,
  leaseSeconds,
  option,
  requestedAddress,
  serverId,
  wireForm,
} from "./build_dhcp.ts";
import { macWords } from "./build_mac.ts";

Deno.test("`parseDhcp()` reads a client's request", () => {
  const message = dhcpMessage({
    type: DHCP.request,
    options: [requestedAddress("192.168.1.20"), serverId("192.168.1.1"), hostName("Pixel-7")],
  });
  assertEquals(parseDhcp(message), {
    type: DHCP.request,
    isFromClient: true,
    clientMac: macWords(CLIENT),
    clientAddress: undefined,
    yourAddress: undefined,
    requestedAddress: parseAddress("192.168.1.20"),
    hasServerId: true,
    leaseSeconds: undefined,
    hostName: "pixel-7",
    fqdn: undefined,
  });
});

Deno.test("`parseDhcp()` reads a server's answer", () => {
  const message = parseDhcp(dhcpMessage({
    type: DHCP.ack,
    ciaddr: "192.168.1.19",
    yiaddr: "192.168.1.20",
    options: [leaseSeconds(0xffffffff)],
  }));
  assertEquals(message?.isFromClient, false);
  assertEquals(message?.clientAddress, parseAddress("192.168.1.19"));
  assertEquals(message?.yourAddress, parseAddress("192.168.1.20"));
  assertEquals(message?.leaseSeconds, 0xffffffff);
  assertEquals(message?.hasServerId, false);
});

/** The FQDN in a request with this option. */
function fqdnIn(fqdn: Uint8Array): string | undefined {
  return parseDhcp(dhcpMessage({ type: DHCP.request, options: [fqdn] }))?.fqdn;
}

Deno.test("`parseDhcp()` reads an FQDN in wire form and in ASCII", () => {
  assertEquals(
    fqdnIn(clientFqdn(0x05, wireForm("DESKTOP-1.corp.example."))),
    "desktop-1.corp.example",
  );
  assertEquals(fqdnIn(clientFqdn(0x04, wireForm("desktop-1"))), "desktop-1");
  assertEquals(fqdnIn(clientFqdn(0x01, text("DESKTOP-1.corp.example"))), "desktop-1.corp.example");
  assertEquals(fqdnIn(clientFqdn(0x00, text("desktop-1\0"))), "desktop-1");
});

Deno.test("`parseDhcp()` takes no FQDN that is empty, damaged or in the other form", () => {
  assertEquals(fqdnIn(clientFqdn(0x04, uint8(0))), undefined);
  assertEquals(fqdnIn(clientFqdn(0x04, text("desktop-1"))), undefined);
  assertEquals(fqdnIn(clientFqdn(0x00, wireForm("desktop-1"))), undefined);
  assertEquals(fqdnIn(clientFqdn(0x00, text(""))), undefined);
  assertEquals(fqdnIn(option(81, uint8(4))), undefined);
});

Deno.test("`parseDhcp()` reads the options that overload the names of file and server", () => {
  const overloaded = (overload: number) =>
    parseDhcp(dhcpMessage({
      type: DHCP.request,
      options: [option(52, uint8(overload))],
      file: concat(hostName("in-file"), END),
      sname: concat(requestedAddress("192.168.1.20"), END),
    }));
  const asked = parseAddress("192.168.1.20");
  for (
    const [overload, name, address] of [
      [0, undefined, undefined],
      [1, "in-file", undefined],
      [2, undefined, asked],
      [3, "in-file", asked],
    ] as const
  ) {
    assertEquals(overloaded(overload)?.hostName, name, `${overload}`);
    assertEquals(overloaded(overload)?.requestedAddress, address, `${overload}`);
  }
});

Deno.test("`parseDhcp()` puts the pieces of an option together: options, then file, then server", () => {
  const message = dhcpMessage({
    type: DHCP.request,
    options: [hostName("li"), option(52, uint8(3)), uint8(0), hostName("ving-")],
    file: concat(hostName("ro"), END),
    sname: concat(hostName("om"), END),
  });
  assertEquals(parseDhcp(message)?.hostName, "living-room");
});

Deno.test("`parseDhcp()` leaves what comes behind the END, and can do without one", () => {
  const behindEnd = dhcpMessage({ type: DHCP.request, end: concat(END, hostName("behind")) });
  assertEquals(parseDhcp(behindEnd)?.hostName, undefined);
  const noEnd = dhcpMessage({
    type: DHCP.request,
    options: [hostName("kitchen")],
    end: new Uint8Array(0),
  });
  assertEquals(parseDhcp(noEnd)?.hostName, "kitchen");
});

Deno.test("`parseDhcp()` refuses a message with an option that goes on behind its field", () => {
  const cut = dhcpMessage({ type: DHCP.request, options: [hostName("kitchen"), hostName("-tv")] });
  for (const missing of [2, 4, 5]) {
    assertEquals(parseDhcp(cut.subarray(0, -missing)), undefined, `${missing}`);
  }
  const long = Uint8Array.of(12, 200, 0x61);
  for (const field of ["file", "sname"]) {
    const overloading = { type: DHCP.request, options: [option(52, uint8(3))], [field]: long };
    assertEquals(parseDhcp(dhcpMessage(overloading)), undefined, field);
  }
});

Deno.test("`parseDhcp()` gives no MAC address that is no device's", () => {
  const macOf = (client: string, hardwareType?: number) =>
    parseDhcp(dhcpMessage({ type: DHCP.discover, client, hardwareType }))?.clientMac;
  assertEquals(macOf(CLIENT), macWords(CLIENT));
  assertEquals(macOf(CLIENT, 6), undefined);
  assertEquals(macOf("00:00:00:00:00:00"), undefined);
  assertEquals(macOf("ff:ff:ff:ff:ff:ff"), undefined);
  assertEquals(macOf("01:00:5e:00:00:fb"), undefined);
});

Deno.test("`parseDhcp()` refuses what is no DHCP message", () => {
  const whole = dhcpMessage({ type: DHCP.discover });
  assert(parseDhcp(whole) !== undefined);
  const withByte = (offset: number, value: number) => {
    const message = whole.slice();
    message[offset] = value;
    return message;
  };
  assertEquals(parseDhcp(withByte(0, 3)), undefined, "operation");
  assertEquals(parseDhcp(withByte(236, 0)), undefined, "magic cookie");
  assertEquals(parseDhcp(withByte(240, 60)), undefined, "no type, as in BOOTP");
  assertEquals(parseDhcp(whole.subarray(0, 239)), undefined, "cut in the cookie");
  assertEquals(parseDhcp(new Uint8Array(0)), undefined, "empty");
});
