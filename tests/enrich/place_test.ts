import { assertEquals } from "../assert.ts";
import { isEmptyPlace, mergePlaces, toPlace } from "../../enrich/place.ts";

Deno.test("`toPlace()` takes numbers as text too, and an AS number with its letters", () => {
  assertEquals(
    toPlace({
      countryCode: "CH",
      regionName: " Zurich ",
      cityName: "Zürich",
      latitude: "47.37",
      longitude: 8.55,
      asNumber: "AS559",
      organization: "SWITCH",
    }),
    {
      countryCode: "CH",
      countryName: "Switzerland",
      regionName: "Zurich",
      cityName: "Zürich",
      latitude: 47.37,
      longitude: 8.55,
      asNumber: 559,
      organization: "SWITCH",
    },
  );
  assertEquals(toPlace({ asNumber: "4294967295" }), { asNumber: 4294967295 });
});

Deno.test("`toPlace()` leaves out what is of the wrong kind, or half", () => {
  const wrong = [
    { countryCode: "us" },
    { countryCode: "USA" },
    { countryCode: 7 },
    { cityName: "  " },
    { cityName: ["Zürich"] },
    { latitude: 47 },
    { latitude: 91, longitude: 8 },
    { latitude: "", longitude: "" },
    { latitude: NaN, longitude: 8 },
    { asNumber: 0 },
    { asNumber: -1 },
    { asNumber: 1.5 },
    { asNumber: "AS" },
    { asNumber: 2 ** 32 },
    { asNumber: {} },
    { organization: null },
  ];
  for (const raw of wrong) {
    assertEquals(isEmptyPlace(toPlace(raw)), true, JSON.stringify(raw));
  }
});

Deno.test("`toPlace()` cuts a name that nobody has", () => {
  assertEquals(toPlace({ cityName: "x".repeat(5000) }).cityName?.length, 120);
});

Deno.test("`mergePlaces()` takes where from the first that knows the city, whose from the first that knows the network", () => {
  const lite = toPlace({ countryCode: "FR", asNumber: 1, organization: "One" });
  const city = toPlace({ countryCode: "DE", cityName: "Berlin", latitude: 52.5, longitude: 13.4 });
  const owner = toPlace({ asNumber: 2, organization: "Two" });
  assertEquals(mergePlaces([lite, city, owner]), { ...city, asNumber: 1, organization: "One" });
  assertEquals(mergePlaces([owner, lite]), {
    countryCode: "FR",
    countryName: "France",
    asNumber: 2,
    organization: "Two",
  });
  assertEquals(mergePlaces([]), {});
});
