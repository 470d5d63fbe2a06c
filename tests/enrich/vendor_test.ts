import fc from "fast-check";
import { isRandomised, openVendorTable } from "../../enrich/vendor.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { assertEquals, assertGreater } from "../assert.ts";
import {
  VENDOR_PREFIXES,
  vendorPrefixesText,
  vendorsByPrefix,
} from "../../scripts/vendor_prefixes.ts";

const table = openVendorTable(await programTable("vendors"));

/** A MAC address that begins so. */
function macWith(prefix: string, rest = "000000000000"): string {
  const digits = (prefix + rest).slice(0, 12);
  return digits.replace(/..(?!$)/g, "$&:");
}

Deno.test("the table is what `oui-data` says today", async () => {
  const isSame = await Deno.readTextFile(VENDOR_PREFIXES) === vendorPrefixesText();
  assertEquals(isSame, true, "write it anew: scripts/dev.sh vendors");
});

Deno.test("`vendor()` knows makers by 24, 28 and 36 bits", () => {
  assertEquals(table.vendor("b8:27:eb:12:34:56"), "Raspberry Pi Foundation");
  assertEquals(table.vendor("B8:27:EB:12:34:56"), "Raspberry Pi Foundation");
  assertEquals(table.vendor("d8:30:62:56:00:1c"), "Apple, Inc.");
  assertEquals(table.vendor("c8:5c:e2:7a:bc:de"), "SYNERGY SYSTEMS AND SOLUTIONS");
  assertEquals(table.vendor("70:b3:d5:00:01:23"), vendorsByPrefix().get("70B3D5000"));
});

Deno.test("`vendor()` finds every prefix of the package, and the longest where several fit", () => {
  const vendors = vendorsByPrefix();
  assertGreater(vendors.size, 50_000);
  for (const [prefix, vendor] of vendors) {
    for (const rest of ["000000", "ffffff"]) {
      const mac = macWith(prefix, rest);
      const digits = mac.replaceAll(":", "").toUpperCase();
      const longest = [9, 7, 6].map((length) => vendors.get(digits.slice(0, length))).find(Boolean);
      if (prefix.length === 9) assertEquals(longest, vendor);
      if (table.vendor(mac) !== longest) assertEquals(table.vendor(mac), longest, mac);
    }
  }
});

Deno.test("property: `vendor()` of any MAC address is what the longest prefix says", () => {
  const vendors = vendorsByPrefix();
  fc.assert(fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
    const mac = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
    const digits = mac.replaceAll(":", "").toUpperCase();
    const longest = [9, 7, 6].map((length) => vendors.get(digits.slice(0, length))).find(Boolean);
    assertEquals(table.vendor(mac), (bytes[0] & 3) === 0 ? longest : undefined);
  }));
});

Deno.test("`vendor()` knows none of an address that a device made up, of a group, or in no block", () => {
  for (const mac of ["da:a1:19:00:00:01", "02:60:8c:00:00:01", "01:00:5e:00:00:fb"]) {
    assertEquals(table.vendor(mac), undefined, mac);
  }
  for (const mac of ["00:00:00", "", "fc:ff:ff:ff:ff:ff", "zz:zz:zz:zz:zz:zz"]) table.vendor(mac);
  assertEquals(table.vendor("fc:ff:ff:ff:ff:ff"), undefined);
  assertEquals(table.vendor(""), undefined);
});

Deno.test("`vendor()` makes no vendor of blocks that are assigned on, or kept private", () => {
  // 70b3d5 is the registry's own, for blocks of 36 bits.
  assertEquals(vendorsByPrefix().has("70B3D5"), false);
  assertEquals([...vendorsByPrefix().values()].includes("Private"), false);
});

Deno.test("`isRandomised()` tells addresses that a device made up", () => {
  for (const mac of ["02:00:00:00:00:01", "da:a1:19:00:00:01", "FE:00:00:00:00:01"]) {
    assertEquals(isRandomised(mac), true, mac);
  }
  for (const mac of ["b8:27:eb:00:00:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", ""]) {
    assertEquals(isRandomised(mac), false, mac);
  }
});
