/** A record as columns: `source.geo.location.lat` is `source_geo_location_lat`, `@timestamp` is `timestamp`. */

/** The fields of a record without nesting, for tables of databases. */
export function flatColumns(record: object): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  addColumns(columns, "", record);
  return columns;
}

function addColumns(columns: Record<string, unknown>, prefix: string, value: object): void {
  for (const [name, field] of Object.entries(value)) {
    const column = prefix + name.replace("@", "");
    if (typeof field === "object" && field !== null) addColumns(columns, `${column}_`, field);
    else if (field !== undefined) columns[column] = field;
  }
}
