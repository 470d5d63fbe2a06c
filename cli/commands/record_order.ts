/** Which records `read` is to write, and how. */

/** How a record can look. */
export const FORMATS = ["json", "text"] as const;

export interface RecordOrder {
  readonly format: (typeof FORMATS)[number];
  /** Databases of places of the user's own. */
  readonly geoDbPaths: readonly string[];
  readonly fetchedPaths?: readonly string[];
}
