/** The file with the map, as the build makes it (`scripts/page/world_map.ts`) and the page reads it. */

/** Paths and places in units of a box of `width` by `height`. Codes are the two letters of ISO 3166-1. */
export interface WorldMap {
  readonly width: number;
  readonly height: number;
  readonly countries: readonly (readonly [code: string, path: string])[];
  /** Land without a code of its own. */
  readonly land: readonly string[];
  /** What is too small for a shape. */
  readonly points: readonly (readonly [code: string, x: number, y: number])[];
}
