/** `wifilogger lookup IP|NAME`: everything that is known about an address, from which source, and how old it is. */

import { type AddressLookup, lookUp } from "../../service/address_lookup.ts";
import { oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, UsageError } from "../usage/exit_error.ts";
import { escapeText } from "../../record/escape_text.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/** Looks each up and prints it. @returns the exit code */
export async function lookup(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.lookup, argv);
  if (args.positional.length === 0) {
    throw new UsageError("lookup needs an address or a name. See: wifilogger lookup --help");
  }
  const format = oneOf(args, "format", ["text", "json"]);
  const settings = logSettingsFrom(args);
  const warn = (message: string) => console.error(`wifilogger: warning: ${escapeText(message)}`);
  const fromFiles = ["cache-file", "geo-db"].some((flag) => args.value(flag) !== undefined);
  for (const [i, what] of args.positional.entries()) {
    const found = await lookUp(what, { settings, fromFiles, warn });
    if (format === "json") found.forEach((one) => console.log(JSON.stringify(one)));
    else console.log((i > 0 ? "\n" : "") + found.map(lookupText).join("\n\n"));
  }
  return EXIT_DONE;
}

/** A line for each thing that is known, then one for each source. */
function lookupText({ ip, isPublic, anycast, ptr, geo, as, sources }: AddressLookup): string {
  const known: [what: string, value: string | undefined][] = [
    ["country", countryText(geo)],
    ["region", geo?.region_name],
    ["city", geo?.city_name],
    ["location", geo?.location && `${geo.location.lat}, ${geo.location.lon}`],
    ["network", networkText(as)],
    [
      "anycast",
      anycast && `${anycast} answers it in many places: the country is not the machine's`,
    ],
    ["reverse DNS", ptr],
    ...sources.map(({ source, asOf, geo, as }): [string, string] => [
      "from",
      `${source}, as of ${asOf.slice(0, 10)} (${ageText(asOf)}): ${
        [countryText(geo), geo?.region_name, geo?.city_name, networkText(as)].filter(Boolean)
          .join(", ") || "nothing"
      }`,
    ]),
  ];
  const lines = known.flatMap(([what, value]) =>
    value === undefined ? [] : [`  ${what.padEnd(11)}  ${escapeText(value)}`]
  );
  if (!isPublic) lines.unshift("  local, reserved or special: it has no place");
  else if (geo === undefined && as === undefined) lines.unshift("  nothing is known of its place");
  return [ip, ...lines].join("\n");
}

function countryText(geo: AddressLookup["geo"]): string | undefined {
  return geo?.country_name && `${geo.country_name} (${geo.country_iso_code})`;
}

function networkText(as: AddressLookup["as"]): string | undefined {
  if (as === undefined) return undefined;
  return [as.number && `AS${as.number}`, as.organization?.name].filter(Boolean).join(" ");
}

function ageText(asOf: string): string {
  const days = Math.floor((Date.now() - Date.parse(asOf)) / (24 * 3600e3));
  if (days < 1) return "today";
  return days === 1 ? "a day ago" : `${days} days ago`;
}
