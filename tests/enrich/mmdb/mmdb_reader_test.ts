import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type CountryResponse, Reader } from "mmdb-lib";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { bytesInMemory } from "../../../enrich/mmdb/byte_source.ts";
import { MmdbReader, MmdbSyntaxError } from "../../../enrich/mmdb/mmdb_reader.ts";
import { programTable } from "../../../service/program/program_tables.ts";
import { PagedFile } from "../../../enrich/mmdb/paged_file.ts";
import { testWhen } from "../../skip.ts";
import { addressSpread } from "../address_spread.ts";
import { buildMmdb, type MmdbValue } from "../build_mmdb.ts";
import { realCities } from "../real_cities.ts";

/** What a library that others use says of an address: it has the whole file in memory. */
function oracle(bytes: Uint8Array): (address: string) => unknown {
  const reader = new Reader<CountryResponse>(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  return (address) => reader.get(address) ?? undefined;
}

function lookUp(reader: MmdbReader, address: string): unknown {
  const offset = reader.offsetOf(address);
  return offset === undefined ? undefined : plain(reader.record(offset));
}

/** With the prototypes that literals have. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function ipv6Spread(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const word = (n: number) => ((i * 2654435761 + n * 40503) >>> 0 & 0xffff).toString(16);
    return `2${(i % 16).toString(16)}0${(i >> 4) % 10}:${word(1)}:${word(2)}::${word(3)}`;
  });
}

Deno.test("`MmdbReader` says of 10,000 addresses what a library says, of the countries inside", async () => {
  const bytes = await programTable("countries");
  const expected = oracle(bytes);
  const reader = new MmdbReader(bytesInMemory(bytes));
  let known = 0;
  for (const address of [...addressSpread(5000), ...ipv6Spread(5000)]) {
    const found = lookUp(reader, address);
    assertEquals(found, plain(expected(address)), address);
    if (found !== undefined) known++;
  }
  assert(known > 4000, `${known}`);
});

const cities = await realCities();

testWhen(
  typeof cities === "string" ? cities : null,
  "`MmdbReader` says of 10,000 addresses what a library says, of the cities in files",
  () => {
    const { ipv4, ipv6 } = cities as Exclude<typeof cities, string>;
    for (
      const [path, addresses] of [[ipv4, addressSpread(5000)], [ipv6, ipv6Spread(5000)]] as const
    ) {
      const expected = oracle(Deno.readFileSync(path));
      using file = PagedFile.open(path);
      const reader = new MmdbReader(file);
      for (const address of addresses) {
        assertEquals(lookUp(reader, address), plain(expected(address)), address);
      }
    }
  },
);

Deno.test("`MmdbReader` gives back each kind of value that went in", () => {
  const value: fc.Arbitrary<MmdbValue> = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.boolean(),
      fc.nat(2 ** 32 - 1),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) =>
        // What the builder takes for an integer must be one that 64 bits hold exactly.
        !Object.is(n, -0) && (!Number.isInteger(n) || Math.abs(n) <= Number.MAX_SAFE_INTEGER)
      ),
      fc.array(tie("value"), { maxLength: 40 }),
      fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), tie("value"), { maxKeys: 40 }),
    ),
  })).value as fc.Arbitrary<MmdbValue>;
  fc.assert(
    fc.property(value, (one) => {
      const reader = new MmdbReader(bytesInMemory(buildMmdb({ "9.9.9.0/24": one })));
      assertEquals(lookUp(reader, "9.9.9.9"), plain(one));
      assertEquals(lookUp(reader, "9.9.8.9"), undefined);
    }),
    { numRuns: 200 },
  );
});

Deno.test("`MmdbReader` refuses what has no metadata, and ends on data that point at themselves", () => {
  assertThrows(() => new MmdbReader(bytesInMemory(new Uint8Array(300))), MmdbSyntaxError);
  const bytes = buildMmdb({ "9.9.9.0/24": "x".repeat(20) });
  const at = new TextDecoder("latin1").decode(bytes).indexOf("x".repeat(20)) - 1;
  bytes.set([0x20, 0], at); // a pointer to the beginning of the data, which is this pointer
  const reader = new MmdbReader(bytesInMemory(bytes));
  assertThrows(() => reader.record(reader.offsetOf("9.9.9.9")!), RangeError);
});
