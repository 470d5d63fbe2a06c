import { formatAddress } from "../../../capture/address/address.ts";
import { netbiosHosts } from "../../../capture/devices/netbios.ts";
import { assertEquals } from "../../assert.ts";
import { concat, text, uint8, vector8 } from "../wire/build_bytes.ts";
import {
  encodedName,
  nameAnswer,
  nameQuery,
  type NetbiosName,
  nodeStatus,
  registration,
} from "./build_netbios.ts";

const ADDRESS = "192.168.1.50";
const FILE_SERVER = 0x20;
const USER = 0x03;

/** `name address` of each; of a report, `name` alone. */
function listed(message: Uint8Array): string[] | undefined {
  return netbiosHosts(message)?.map(({ name, address }) =>
    address === undefined ? name : `${name} ${formatAddress(address)}`
  );
}

Deno.test("`netbiosHosts()` reads registrations and refreshes of a host's name", () => {
  for (const operation of [5, 8, 9]) {
    for (const service of [0, FILE_SERVER]) {
      const message = registration({ name: "ATTIC-PC", service }, ADDRESS, operation);
      assertEquals(listed(message), [`attic-pc ${ADDRESS}`]);
    }
  }
});

Deno.test("`netbiosHosts()` leaves names of groups, users and browsers", () => {
  const others: NetbiosName[] = [
    { name: "WORKGROUP", isGroup: true },
    { name: "MARTIN", service: USER },
    { name: "WORKGROUP", service: 0x1d },
    { name: "\x01\x02__MSBROWSE__\x02", service: 0x01, isGroup: true },
    { name: "K\u00dcCHE" },
    { name: "" },
  ];
  for (const of of others) {
    assertEquals(listed(registration(of, ADDRESS)), [], of.name);
    assertEquals(listed(nodeStatus([of])), [], of.name);
  }
});

Deno.test("`netbiosHosts()` reads the addresses of an answer", () => {
  const answer = nameAnswer({ name: "ATTIC-PC" }, [ADDRESS, "10.0.0.50"]);
  assertEquals(listed(answer), [`attic-pc ${ADDRESS}`, "attic-pc 10.0.0.50"]);
  assertEquals(listed(nameAnswer({ name: "ATTIC-PC" }, [ADDRESS], 0x8503)), [], "an error");
  assertEquals(listed(nameQuery({ name: "ATTIC-PC" })), [], "a question");
  const ofAnotherClass = answer.slice();
  ofAnotherClass[49] = 3;
  assertEquals(listed(ofAnotherClass), [], "another class");
});

Deno.test("`netbiosHosts()` reads a node's report on itself", () => {
  const names = [
    { name: "WORKGROUP", isGroup: true },
    { name: "MARTIN", service: USER },
    { name: "ATTIC-PC", service: FILE_SERVER },
    { name: "OTHER" },
  ];
  assertEquals(listed(nodeStatus(names)), ["attic-pc"]);
  assertEquals(listed(nodeStatus(names, 0x0c00)), [], "in conflict");
  assertEquals(listed(nodeStatus(names, 0x1400)), [], "being given up");
  assertEquals(listed(nodeStatus(names, 0x0000)), [], "not active");
});

Deno.test("`netbiosHosts()` reads past a scope", () => {
  const scope = concat(vector8(text("NETBIOS")), vector8(text("EXAMPLE")), uint8(0));
  const plain = encodedName({ name: "ATTIC-PC" });
  const answer = nameAnswer({ name: "ATTIC-PC" }, [ADDRESS]);
  const scoped = concat(
    answer.subarray(0, 12),
    encodedName({ name: "ATTIC-PC" }, scope),
    answer.subarray(12 + plain.length),
  );
  assertEquals(listed(scoped), [`attic-pc ${ADDRESS}`]);
});

Deno.test("`netbiosHosts()` cannot read a message that is cut or has no name", () => {
  const message = registration({ name: "ATTIC-PC" }, ADDRESS);
  for (let length = 0; length < message.length; length++) {
    assertEquals(netbiosHosts(message.subarray(0, length)), undefined, `${length} bytes`);
  }
  const noName = nameAnswer({ name: "ATTIC-PC" }, [ADDRESS]);
  noName[13] = 0x20; // no letter from A to P
  assertEquals(netbiosHosts(noName), undefined);
});
