/**
 * Places that a household learns from ipinfo.io in a simulated day: how many, is a stated assumption, as the day itself
 * is. It knows 6,000 addresses of the month that has passed, in 1,000 places, and meets 200 that are new to it.
 */

import type { Clock } from "../../system/clock.ts";
import { placeCacheText } from "../../enrich/place_cache_text.ts";
import type { Place } from "../../enrich/place.ts";
import { Places } from "../../enrich/places.ts";
import { PlaceCacheFile } from "../../service/places/place_cache_file.ts";
import type { CardWrites } from "../../storage/card/card_writes.ts";

const KNOWN = 6_000;
const PLACES = 1_000;
const NEW_A_DAY = 200;
/** As the logger has it. */
const BUDGET_BLOCK = 100;

/** The cache of such a household, and its file. */
export class HouseholdPlaces implements Disposable {
  readonly #places: Places;
  readonly #file: PlaceCacheFile;
  #met = 0;

  /** `startMs`: when the day begins; all that is known was learnt the day before. */
  constructor(path: string, clock: Clock) {
    this.#places = new Places({
      databases: () => [],
      clock,
      ipinfo: {
        token: "any",
        monthlyBudget: 45_000,
        budgetBlock: BUDGET_BLOCK,
        gatherMs: 0,
        minIntervalMs: 0,
        fetch: answerAsCore,
      },
    });
    const learntMs = clock.wallMs() - 24 * 3600e3;
    const known = Array.from({ length: KNOWN }, (_, i) => i);
    this.#places.load(placeCacheText({
      answers: known.map((i) => [addressOf(i), { place: placeOf(i), learntMs }]),
      ipinfo: {
        plan: "core",
        takesBatches: true,
        budget: { month: new Date(clock.wallMs()).toISOString().slice(0, 7), spent: KNOWN },
      },
    }));
    const say = (_level: string, _component: string, message: string) => {
      throw new Error(message);
    };
    this.#file = new PlaceCacheFile({ places: this.#places, path, clock, say });
  }

  /** Meets what is met by `share` of the day's records, from 0 to 1, and saves what was learnt, as a flush does. */
  async flush(share: number, card: CardWrites): Promise<void> {
    while (this.#met < Math.floor(share * NEW_A_DAY)) {
      this.#places.lookUp(addressOf(KNOWN + this.#met++));
    }
    while (this.#places.ipinfoStatus!.answered < this.#met) {
      await this.#file.saveIfWaitedFor({ card });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await this.#file.save({ card });
  }

  [Symbol.dispose](): void {
    this.#places[Symbol.dispose]();
  }
}

function addressOf(i: number): string {
  return `${20 + i % 80}.${(i * 7) % 256}.${(i >> 8) % 256}.${i % 256}`;
}

/** A place of common length. */
function placeOf(i: number): Place {
  const place = i % PLACES;
  return {
    countryCode: "US",
    regionName: `Region no. ${place % 50}`,
    cityName: `Town ${place}`,
    latitude: 30 + place / 1e3,
    longitude: -100.0775 + place / 1e3,
    asNumber: 10_000 + place % 300,
    organization: `Network operator no. ${place % 300}, Inc.`,
  };
}

/** The service, which answers for a token of its Core plan. */
function answerAsCore(url: URL | Request | string, options?: RequestInit): Promise<Response> {
  if (options?.method === "POST") {
    const asked: string[] = JSON.parse(String(options.body));
    return Promise.resolve(Response.json(Object.fromEntries(asked.map((ip) => [ip, answer(ip)]))));
  }
  return Promise.resolve(Response.json(answer(String(url).split("/").at(-1)!)));
}

function answer(ip: string): unknown {
  const place = placeOf(Number(ip.split(".")[3]));
  const { countryCode, regionName, cityName, latitude, longitude, asNumber, organization } = place;
  const geo = {
    country_code: countryCode,
    region: regionName,
    city: cityName,
    latitude,
    longitude,
  };
  return { ip, geo, as: { asn: `AS${asNumber}`, name: organization } };
}
