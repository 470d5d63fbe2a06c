/** Types of topojson-client and topojson-simplify, as far as they are used. */

/** Shapes that share their borders. */
export interface Topology {
  readonly type: "Topology";
  readonly objects: { readonly [name: string]: unknown };
}

/** A country of world-atlas, as GeoJSON. */
export interface Country {
  readonly type: "Feature";
  /** Its number in ISO 3166-1, three digits; absent where it has none. */
  readonly id?: string;
  readonly properties: { readonly name: string };
  readonly geometry: unknown;
}

/** Says of a ring whether it is kept. */
export type RingFilter = (ring: unknown, isInterior: boolean) => boolean;

/** The shapes of an object of the topology. */
export function feature(
  topology: Topology,
  object: unknown,
): { readonly type: "FeatureCollection"; readonly features: Country[] };

/** Gives each point a weight: how much a line's shape changes without it, in square degrees. */
export function presimplify(topology: Topology): Topology;

/** Leaves out the points below a weight. */
export function simplify(topology: Topology, minWeight: number): Topology;

/** Leaves out rings, and what has none left. */
export function filter(topology: Topology, keep: RingFilter): Topology;

/** Keeps rings from a weight on. */
export function filterWeight(topology: Topology, minWeight: number): RingFilter;
