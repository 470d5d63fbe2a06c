/**
 * The world's countries as paths of an SVG, small enough for a page.
 *
 * Borders are those of world-atlas at 1:50 million, which is made from Natural Earth (public domain). They are simplified
 * where countries share them, so that no gap opens between neighbours, and projected here once. What is too small to be
 * seen as a shape is a point.
 */

// @ts-types="../../types/d3_geo.d.ts"
import { geoCentroid, geoNaturalEarth1, geoPath } from "d3-geo";
import ISO_CODES from "i18n-iso-countries/codes" with { type: "json" };
// @ts-types="../../types/topojson.d.ts"
import { type Country, feature, type Topology } from "topojson-client";
// @ts-types="../../types/topojson.d.ts"
import { filter, filterWeight, presimplify, simplify } from "topojson-simplify";
import atlas from "world-atlas/countries-50m.json" with { type: "json" };
import type { WorldMap } from "../../web/page/parts/world_map_file.ts";

/** Units of the paths; the page shows the map at some 900 pixels. */
const WIDTH = 3600;
/** Points that change a line by less, in square degrees, are left out, and islands of less than a few of these. */
const MIN_WEIGHT = 0.12;
const MIN_RING_WEIGHT = 0.3;
/** A country with less area on the map, in square units, is a point: as large as a square of 5 pixels. */
const MIN_AREA = 400;

/** Shapes without a number, by their names in the atlas. */
const CODES_BY_NAME: Readonly<Record<string, string>> = { Kosovo: "XK" };

/** Parts of a country that have a code of their own and are drawn with it, by longitude and latitude. */
const PLACES_WITHIN: Readonly<Record<string, readonly [number, number]>> = {
  BQ: [-68.3, 12.2],
  GF: [-53.1, 3.9],
  GI: [-5.35, 36.14],
  GP: [-61.55, 16.25],
  MQ: [-61.02, 14.64],
  RE: [55.54, -21.12],
  YT: [45.17, -12.83],
};

/** The map, the same each time. */
export function makeWorldMap(): WorldMap {
  const whole = atlas as Topology;
  const weighed = presimplify(whole);
  const simple = filter(simplify(weighed, MIN_WEIGHT), filterWeight(weighed, MIN_RING_WEIGHT));
  const shapes = withoutAntarctica(simple);
  const collection = { type: "FeatureCollection", features: shapes };
  const projection = geoNaturalEarth1().fitSize([WIDTH, WIDTH], collection);
  const path = geoPath(projection).digits(0);
  const [[, top], [, bottom]] = path.bounds(collection);
  const shift = Math.floor(top);
  const [countries, land, points]: [[string, string][], string[], [string, number, number][]] = [
    [],
    [],
    [],
  ];
  const drawn = new Map<string, number>();
  for (const shape of shapes) {
    const d = path(shape);
    if (d === null) continue;
    const code = codeOf(shape);
    if (code === undefined) land.push(relative(d, shift));
    else {
      countries.push([code, relative(d, shift)]);
      drawn.set(code, Math.max(drawn.get(code) ?? 0, path.area(shape)));
    }
  }
  const pointAt = (code: string, place: readonly [number, number]) => {
    const [x, y] = projection(place)!;
    points.push([code, Math.round(x), Math.round(y) - shift]);
  };
  for (const shape of withoutAntarctica(whole)) {
    const code = codeOf(shape);
    if (code === undefined || (drawn.get(code) ?? 0) >= MIN_AREA) continue;
    if (!points.some(([other]) => other === code)) pointAt(code, geoCentroid(shape));
  }
  for (const [code, place] of Object.entries(PLACES_WITHIN)) pointAt(code, place);
  return { width: WIDTH, height: Math.ceil(bottom) - shift, countries, land, points };
}

function withoutAntarctica(topology: Topology): Country[] {
  return feature(topology, topology.objects.countries).features
    .filter(({ properties: { name } }) => name !== "Antarctica");
}

const CODES = new Map((ISO_CODES as string[][]).map(([code, , number]) => [number, code]));

function codeOf({ id, properties: { name } }: Country): string | undefined {
  return CODES_BY_NAME[name] ?? CODES.get(id ?? "");
}

/** `m10 20l3-4z` for `M10,20L13,16Z`: steps are shorter than places. */
function relative(d: string, shift: number): string {
  let text = "";
  for (const [ring] of d.matchAll(/M[^M]*/g)) {
    const places = [...ring.matchAll(/(-?\d+),(-?\d+)/g)]
      .map(([, x, y]): [number, number] => [Number(x), Number(y) - shift]);
    const steps = places.slice(1)
      .map(([x, y], i) => [x - places[i][0], y - places[i][1]])
      .filter(([x, y]) => x !== 0 || y !== 0);
    if (steps.length < 2) continue; // nothing is left of it at this size
    text += `M${places[0][0]} ${places[0][1]}l` +
      steps.map(joined).join(" ").replaceAll(" -", "-") +
      "z";
  }
  return text;
}

function joined([x, y]: number[]): string {
  return y < 0 ? `${x}${y}` : `${x} ${y}`;
}
