/** Addresses whose place is known from who runs them: `known_places.tsv`. */

/** One of them. */
export interface KnownPlace {
  readonly address: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** How it is known. */
  readonly witness: string;
}

/** All of them. */
export function knownPlaces(): KnownPlace[] {
  const text = Deno.readTextFileSync(new URL("known_places.tsv", import.meta.url));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [address, country, witness] = line.split("\t");
    return { address, country, witness };
  });
}
