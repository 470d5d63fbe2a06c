/** Types of d3-geo, as far as they are used. */

/** Shapes as GeoJSON. */
export type Shapes = object;

/** From longitude and latitude in degrees to a place on the map. */
export interface Projection {
  (place: readonly [longitude: number, latitude: number]): [x: number, y: number] | null;
  /** So that the shapes fill a box. */
  fitSize(size: readonly [width: number, height: number], shapes: Shapes): Projection;
}

/** Draws shapes as the `d` of an SVG path. */
export interface PathMaker {
  (shape: Shapes): string | null;
  area(shape: Shapes): number;
  bounds(shape: Shapes): [[x0: number, y0: number], [x1: number, y1: number]];
  /** Decimals of what is drawn. */
  digits(digits: number): PathMaker;
}

/** Tom Patterson's Natural Earth projection. */
export function geoNaturalEarth1(): Projection;
export function geoPath(projection: Projection): PathMaker;
/** The middle, in degrees. */
export function geoCentroid(shape: Shapes): [longitude: number, latitude: number];
