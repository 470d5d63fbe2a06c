import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { openOwnerDatabase, openOwnerTable } from "../../enrich/owner_table.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { encodeOwnerTable, type OwnedRange } from "../../scripts/owner_table.ts";
import { readOwnerCsv } from "../../scripts/owner_csv.ts";

function ipv4Text(key: number): string {
  return [24, 16, 8, 0].map((shift) => (key >>> shift) & 255).join(".");
}

/** An address in the 48 bits of a key. */
function ipv6Text(key: number): string {
  const hex = key.toString(16).padStart(12, "0");
  return `${hex.slice(0, 4)}:${hex.slice(4, 8)}:${hex.slice(8)}::7`;
}

/** Sorted ranges that do not overlap, out of numbers; some touch, some leave a gap. */
function rangesOf(numbers: readonly number[]): OwnedRange[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  return sorted.slice(0, -1).flatMap((first, i) => {
    const end = sorted[i + 1];
    if (i % 5 === 4) return [];
    return { first, last: i % 3 === 2 ? first : end - 1, asNumber: 1 + (first % 700) };
  });
}

Deno.test("`openOwnerTable()` finds what `encodeOwnerTable()` was given, and nothing between", () => {
  const keys = (most: number) =>
    fc.array(fc.integer({ min: 0, max: most }), { minLength: 0, maxLength: 3000 });
  const names = new Map(Array.from({ length: 700 }, (_, i) => [i + 1, `Owner "${i}", Ltd.`]));
  fc.assert(
    fc.property(keys(2 ** 32 - 1), keys(2 ** 48 - 1), (numbers4, numbers6) => {
      const ranges = [rangesOf(numbers4), rangesOf(numbers6)];
      const table = encodeOwnerTable({
        builtAt: "2026-06-17",
        ipv4: ranges[0],
        ipv6: ranges[1],
        names,
      });
      const database = openOwnerTable(table, "a");
      for (const [i, text] of [ipv4Text, ipv6Text].entries()) {
        const owner = (key: number) =>
          ranges[i].find(({ first, last }) => first <= key && key <= last)?.asNumber;
        for (const { first, last } of ranges[i].slice(0, 40)) {
          for (const key of [first, last, last + 1, Math.max(0, first - 1)]) {
            if (key >= (i === 0 ? 2 ** 32 : 2 ** 48)) continue;
            const place = database.place(text(key));
            assertEquals(place?.asNumber, owner(key), text(key));
            assertEquals(place?.organization, place && names.get(place.asNumber!));
          }
        }
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("`encodeOwnerTable()` refuses ranges that overlap", () => {
  const ipv4 = [{ first: 1, last: 9, asNumber: 1 }, { first: 9, last: 12, asNumber: 2 }];
  const data = { builtAt: "2026-06-17", ipv4, ipv6: [], names: new Map() };
  assertThrows(() => encodeOwnerTable(data), RangeError, "at 9");
});

Deno.test("`readOwnerCsv()` reads names in quotes, joins neighbours and lets the first of a key count", () => {
  const names = new Map<number, string>();
  const text = [
    '16777216,16777471,13335,"Cloudflare, Inc."',
    '16777472,16777727,13335,"Cloudflare, Inc."',
    '16778240,16779263,38803,"The ""Best"" Pty"',
    "16779264,16779264,7,Seven",
  ].join("\r\n");
  const { ranges } = readOwnerCsv(text, 0, names);
  assertEquals(ranges, [
    { first: 16777216, last: 16777727, asNumber: 13335 },
    { first: 16778240, last: 16779263, asNumber: 38803 },
    { first: 16779264, last: 16779264, asNumber: 7 },
  ]);
  assertEquals([...names.values()], ["Cloudflare, Inc.", 'The "Best" Pty', "Seven"]);

  const inOneKey = readOwnerCsv("0,10,1,One\n11,300,2,Two\n301,302,3,Three\n", 8, names);
  assertEquals(inOneKey, {
    ranges: [{ first: 0, last: 0, asNumber: 1 }, { first: 1, last: 1, asNumber: 2 }],
    leftOut: 1,
  });
  assertThrows(() => readOwnerCsv("1.0.0.0,1.0.0.255,13335,Cloudflare", 0, names), SyntaxError);
});

Deno.test("`openOwnerDatabase()` knows whose networks these have long been, and no local one's", async () => {
  const database = openOwnerDatabase(await programTable("owners"));
  const expected: Record<string, [number, RegExp]> = {
    "8.8.8.8": [15169, /Google/],
    "1.1.1.1": [13335, /Cloudflare/],
    "129.132.19.216": [559, /SWITCH|Switch/],
    "193.0.6.139": [3333, /RIPE|Reseaux/],
    "2001:4860:4860::8888": [15169, /Google/],
    "2606:4700:4700::1111": [13335, /Cloudflare/],
  };
  for (const [address, [asNumber, organization]] of Object.entries(expected)) {
    const place = database.place(address);
    assertEquals(place?.asNumber, asNumber, address);
    assert(organization.test(place?.organization ?? ""), place?.organization);
  }
  for (
    const address of ["0.0.0.0", "10.0.0.1", "192.168.1.1", "255.255.255.255", "::1", "fe80::1"]
  ) {
    assertEquals(database.place(address), undefined, address);
  }
  assertEquals(database.builtAt, new Date("2026-06-17"));
});
