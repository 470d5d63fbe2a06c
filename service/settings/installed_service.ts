/** What the unit that `install.sh` writes says of the service: as whom it runs, and where its settings come from. */

import { dirname, join } from "@std/path";
import { SettingError } from "./setting_error.ts";
import { readDotenv, type SettingSources } from "./read_settings.ts";

/** Where `install.sh` puts the unit; what `systemctl edit` writes lies in `wifilogger.service.d` beside it. */
export const UNIT_FOLDER = "/etc/systemd/system";
export const UNIT_NAME = "wifilogger.service";

/** The service that is installed on this machine. */
export interface InstalledService {
  readonly user: string;
  /** Its user's home folder. */
  readonly home: string;
  /** The file of settings that it reads. */
  readonly envPath: string;
  /** Keys and values of the sections that systemd reads, in order: the unit's, then those of the files that add to it. */
  readonly directives: readonly Directive[];
  /** Names of the files that add to the unit. */
  readonly dropIns: readonly string[];
}

/** One line of a unit. */
export interface Directive {
  readonly key: string;
  readonly value: string;
}

/** The service that is installed, `undefined` where there is none or its unit is not that of `install.sh`. */
export function installedService(unitFolder = UNIT_FOLDER): InstalledService | undefined {
  const unit = readIfThere(join(unitFolder, UNIT_NAME));
  if (unit === undefined) return undefined;
  const dropIns = dropInPaths(join(unitFolder, `${UNIT_NAME}.d`));
  const texts = [unit, ...dropIns.map((path) => readIfThere(path) ?? "")];
  const directives = texts.flatMap(directivesIn);
  const user = directives.findLast(({ key }) => key === "User")?.value;
  // The unit names the file, because nothing else of the home folder is shown to the service.
  const envPath = directives.flatMap(({ key, value }) =>
    key === "BindReadOnlyPaths" ? value.split(/\s+/) : []
  ).find((path) => path.endsWith("/.env"))?.replace(/^-/, "");
  if (!user || envPath === undefined) return undefined;
  return { user, home: dirname(envPath), envPath, directives, dropIns };
}

/** Where the settings of an installed service come from. @throws {SettingError} when its file cannot be read */
export function serviceSources({ home, directives }: InstalledService): SettingSources {
  const environment: Record<string, string> = {};
  for (const { key, value } of directives) {
    if (key !== "Environment") continue;
    for (const [, assignment] of value.matchAll(/(?:^|\s)("[^"]*"|'[^']*'|\S+)/g)) {
      const [name, ...rest] = assignment.replace(/^(["'])(.*)\1$/, "$2").split("=");
      environment[name] = rest.join("=");
    }
  }
  return { environment: { ...environment, HOME: home }, dotenvText: readServiceDotenv(home) };
}

function readServiceDotenv(home: string): string | undefined {
  try {
    return readDotenv(home);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    throw new SettingError(
      `cannot read the settings of the service in ${home}/.env: they are its user's. Run it with sudo`,
      { cause: error },
    );
  }
}

/** The lines of a unit; those of sections that systemd skips (`[X-...]`) and comments left out. */
export function directivesIn(unit: string): Directive[] {
  const directives: Directive[] = [];
  let isSkipped = false;
  for (const line of unit.replaceAll("\\\n", " ").split("\n").map((line) => line.trim())) {
    if (line.startsWith("[")) isSkipped = line.startsWith("[X-");
    if (isSkipped || /^([#;[]|$)/.test(line)) continue;
    const [key, ...rest] = line.split("=");
    directives.push({ key: key.trim(), value: rest.join("=").trim() });
  }
  return directives;
}

function dropInPaths(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(".conf")).sort().map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
