/** `wifilogger places [list|update]`: the databases of places, and fetching newer ones. */

import { FETCHED_DATABASES, fetchedPath } from "../../service/places/fetched_databases.ts";
import { databasePaths, LocalPlaces } from "../../service/places/local_places.ts";
import { type RenewalOutcome, renewDatabases } from "../../service/renewal/renewal.ts";
import { installedService, serviceSources } from "../../service/settings/installed_service.ts";
import { readProcessSettings, readSettings } from "../../service/settings/read_settings.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { escapeText } from "../../record/escape_text.ts";
import { systemClock } from "../../system/clock.ts";
import { ProgressBar } from "../text/progress_bar.ts";
import { type Arguments, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, UsageError } from "../usage/exit_error.ts";
import { flagValues } from "../usage/setting_flags.ts";

/** Lists them, or fetches them. @returns the exit code */
export async function places(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.places, argv);
  const [what = "list", ...more] = args.positional;
  if (more.length > 0 || (what !== "list" && what !== "update")) {
    throw new UsageError("places takes list or update. See: wifilogger places --help");
  }
  const settings = settingsOf(args);
  if (what === "update") return await update(settings, { onlyDue: args.has("if-due") });
  return await list(settings, oneOf(args, "format", ["text", "json"]) ?? "text");
}

/** Those of the service, where one is installed and may be asked: it is the service's databases that are renewed. */
function settingsOf(args: Arguments): Settings {
  const flags = flagValues(args);
  const service = installedService();
  const isService = service !== undefined && service.home !== Deno.env.get("HOME");
  if (!isService) return readProcessSettings(flags);
  return readSettings({ ...serviceSources(service), flags });
}

async function list(settings: Settings, format: string): Promise<number> {
  const say = (_level: string, _component: string, message: string) =>
    console.error(`wifilogger: warning: ${escapeText(message)}`);
  using local = await LocalPlaces.open({ ...databasePaths(settings), say });
  const rows = local.databases.map(({ name, builtAt }) => {
    const terms = FETCHED_DATABASES.find((one) => name === fetchedPath(settings, one));
    return {
      name,
      as_of: builtAt.toISOString(),
      days: Math.floor((systemClock.wallMs() - builtAt.getTime()) / (24 * 3600e3)),
      licence: terms?.licence,
      attribution: terms?.attribution,
    };
  });
  if (format === "json") console.log(JSON.stringify(rows, null, 2));
  else {
    for (const { name, as_of, days, licence, attribution } of rows) {
      const from = attribution === undefined ? "" : `\n    ${attribution} (${licence})`;
      console.log(escapeText(`${name}, as of ${as_of.slice(0, 10)} (${days} days)`) + from);
    }
    console.log(
      "\nThe first that knows an address is believed. Whose data are inside: " +
        "wifilogger --version --licenses",
    );
  }
  return EXIT_DONE;
}

async function update(settings: Settings, { onlyDue }: { onlyDue: boolean }): Promise<number> {
  let bar: ProgressBar | undefined;
  let shown = "";
  const outcomes = await renewDatabases({
    settings,
    clock: systemClock,
    onlyDue,
    onProgress: ({ title }, share) => {
      if (shown !== title) bar?.clear();
      bar = shown === title ? bar : new ProgressBar(title);
      shown = title;
      bar?.show(share);
    },
  });
  bar?.clear();
  if (outcomes.length === 0 && !onlyDue) {
    console.log(
      "nothing is fetched: no setting asks for it. Set IPINFO_TOKEN or WIFILOGGER_PLACES_UPDATE=dbip in ~/.env",
    );
  }
  for (const [{ title }, outcome] of outcomes) console.log(outcomeText(title, outcome));
  if (outcomes.some(([, { kind }]) => kind === "refused")) return EXIT_USAGE;
  return outcomes.some(([, { kind }]) => kind === "failed") ? EXIT_FAILED : EXIT_DONE;
}

function outcomeText(title: string, outcome: RenewalOutcome): string {
  switch (outcome.kind) {
    case "renewed":
      return `${title}: renewed, as of ${outcome.builtAt.toISOString().slice(0, 10)}`;
    case "unchanged":
      return `${title}: there is no newer one`;
    case "not due":
      return `${title}: not due`;
    case "refused":
      return `${title}: the token is refused. Set the right IPINFO_TOKEN. The one that is there stays`;
    case "failed":
      return escapeText(`${title}: ${outcome.why}. The one that is there stays`);
  }
}
