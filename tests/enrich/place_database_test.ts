import { assert, assertEquals, assertThrows } from "../assert.ts";
import { type Place, toPlace } from "../../enrich/place.ts";
import { openPlaceDatabase, PlaceDatabaseError } from "../../enrich/place_database.ts";
import { buildMmdb, type MmdbValue } from "./build_mmdb.ts";

const ZURICH: Place = {
  countryCode: "CH",
  countryName: "Switzerland",
  regionName: "Zurich",
  cityName: "Zürich",
  latitude: 47.37,
  longitude: 8.55,
};
const SWITCH: Place = { asNumber: 559, organization: "SWITCH" };

/** Records as those who fill such databases write them. */
const SHAPES: [who: string, record: MmdbValue, place: Place][] = [
  ["GeoLite2 City, DB-IP City", {
    city: { geoname_id: 2657896, names: { de: "Zürich", en: "Zürich" } },
    continent: { code: "EU", names: { en: "Europe" } },
    country: { geoname_id: 2658434, iso_code: "CH", names: { en: "Switzerland" } },
    location: { accuracy_radius: 20, latitude: 47.37, longitude: 8.55, time_zone: "Europe/Zurich" },
    registered_country: { iso_code: "US" },
    subdivisions: [{ iso_code: "ZH", names: { en: "Zurich" } }, { names: { en: "another" } }],
  }, ZURICH],
  ["GeoLite2 Country", { country: { iso_code: "CH" } }, toPlace({ countryCode: "CH" })],
  ["GeoLite2 Country, where only the owner's is known", {
    registered_country: { iso_code: "CH" },
  }, toPlace({ countryCode: "CH" })],
  ["GeoLite2 ASN, DB-IP ASN", {
    autonomous_system_number: 559,
    autonomous_system_organization: "SWITCH",
  }, SWITCH],
  ["GeoIP2 Enterprise", {
    country: { iso_code: "CH" },
    traits: { autonomous_system_number: 559, autonomous_system_organization: "SWITCH" },
  }, { ...toPlace({ countryCode: "CH" }), ...SWITCH }],
  ["IPinfo Lite", {
    asn: "AS559",
    as_name: "SWITCH",
    as_domain: "switch.ch",
    continent: "Europe",
    continent_code: "EU",
    country: "Switzerland",
    country_code: "CH",
  }, { ...toPlace({ countryCode: "CH" }), ...SWITCH }],
  ["IPinfo Core", {
    city: "Zürich",
    region: "Zurich",
    country: "Switzerland",
    country_code: "CH",
    latitude: "47.37",
    longitude: "8.55",
    asn: "AS559",
    as_name: "SWITCH",
  }, { ...ZURICH, ...SWITCH }],
  [
    "IPinfo, older",
    { city: "Zürich", region: "Zurich", country: "CH", lat: "47.37", lng: "8.55" },
    ZURICH,
  ],
  ["ip-location-db City", {
    city: "Zürich",
    country_code: "CH",
    latitude: 47.37,
    longitude: 8.55,
    state1: "Zurich",
    state2: "",
  }, ZURICH],
];

for (const [who, record, place] of SHAPES) {
  Deno.test(`\`openPlaceDatabase()\` reads the shape of ${who}`, () => {
    const database = openPlaceDatabase(
      buildMmdb({ "129.132.0.0/16": record, "2001:620::/32": record }),
      "a",
    );
    assertEquals(database.place("129.132.19.216"), place);
    assertEquals(database.place("2001:620:0:ff::5c"), place);
    assertEquals(database.place("129.133.0.1"), undefined);
    assertEquals(database.place("2001:621::"), undefined);
  });
}

Deno.test("`openPlaceDatabase()` takes the longitude of the west, and the equator's 0", () => {
  const record = { location: { latitude: 0, longitude: -122.5 } };
  const database = openPlaceDatabase(buildMmdb({ "9.9.9.0/24": record }), "a");
  assertEquals(database.place("9.9.9.9"), { latitude: 0, longitude: -122.5 });
});

Deno.test("`openPlaceDatabase()` finds no IPv6 address in a database of IPv4", () => {
  const bytes = buildMmdb({ "32.1.0.0/16": { country_code: "US" } }, { ipVersion: 4 });
  const database = openPlaceDatabase(bytes, "a");
  assertEquals(database.place("32.1.0.1")?.countryCode, "US");
  assertEquals(database.place("2001::1"), undefined); // the same first bits
});

Deno.test("`openPlaceDatabase()` knows when the data were gathered", () => {
  const builtAt = new Date("2026-03-04T05:06:07Z");
  assertEquals(openPlaceDatabase(buildMmdb({}, { builtAt }), "a").builtAt, builtAt);
});

Deno.test("`openPlaceDatabase()` leaves out what is of the wrong kind", () => {
  for (
    const record of ["text", 7, [], {}, {
      country: "Switzerland",
      city: 7,
      asn: "none",
    }] as MmdbValue[]
  ) {
    const database = openPlaceDatabase(buildMmdb({ "9.9.9.0/24": record }), "a");
    assertEquals(database.place("9.9.9.9"), undefined, JSON.stringify(record));
  }
});

Deno.test("`openPlaceDatabase()` refuses what is no database, or a damaged one, and never hangs on one", () => {
  const whole = buildMmdb({ "0.0.0.0/0": SHAPES[0][1], "2000::/3": SHAPES[0][1] });
  for (
    const bytes of [new Uint8Array(0), new Uint8Array(5000), new TextEncoder().encode("<html>")]
  ) {
    assertThrows(() => openPlaceDatabase(bytes, "a"), PlaceDatabaseError);
  }
  let refused = 0;
  for (let length = 0; length < whole.length; length++) {
    try {
      // It may open if only the end of its metadata is missing; then it must answer.
      openPlaceDatabase(whole.slice(0, length), "a").place("9.9.9.9");
    } catch (error) {
      assert(error instanceof PlaceDatabaseError, String(error));
      refused++;
    }
  }
  assert(refused > whole.length - 60, `${refused} of ${whole.length}`);
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] ^= 0xff;
    try {
      openPlaceDatabase(damaged, "a").place("9.9.9.9");
    } catch (error) {
      assert(error instanceof PlaceDatabaseError, String(error));
    }
  }
});
