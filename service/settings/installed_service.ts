/** What the unit that `install.sh` or the Debian package brings says of the service: as whom it runs, and where its settings come from. */

import { dirname, join } from "@std/path";
import { loginHome } from "./login_home.ts";
import { SettingError } from "./setting_error.ts";
import { processSources, readDotenv, readSettings, type SettingSources } from "./read_settings.ts";
import type { Settings } from "./settings.ts";

/** Where `install.sh` puts the unit; what `systemctl edit` writes lies in `wifilogger.service.d` in it. */
export const UNIT_FOLDER = "/etc/systemd/system";
/** Where the Debian package has it. */
const PACKAGED_UNIT_FOLDER = "/usr/lib/systemd/system";
export const UNIT_NAME = "wifilogger.service";
/** The first that has a unit is asked, as systemd does it. */
const UNIT_FOLDERS = [UNIT_FOLDER, PACKAGED_UNIT_FOLDER] as const;

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
  /** Whether it came with the Debian package. */
  readonly isPackaged: boolean;
}

/** How a unit of the package begins: `write_package_units` in install.sh. */
const PACKAGED_MARK = "# Part of the package wifilogger";

/** One line of a unit. */
export interface Directive {
  readonly key: string;
  readonly value: string;
}

/** The service that is installed, `undefined` where there is none or its unit is neither of the two. */
export function installedService(
  unitFolders: readonly string[] = UNIT_FOLDERS,
): InstalledService | undefined {
  const unit = unitFolders.map((folder) => readIfThere(join(folder, UNIT_NAME)))
    .find((text) => text !== undefined);
  if (unit === undefined) return undefined;
  const dropIns = unitFolders.flatMap((folder) => dropInPaths(join(folder, `${UNIT_NAME}.d`)));
  const texts = [unit, ...dropIns.map((path) => readIfThere(path) ?? "")];
  const directives = texts.flatMap(directivesIn);
  const user = directives.findLast(({ key }) => key === "User")?.value;
  // The unit names the file, because nothing else of the home folder is shown to the service.
  const envPath = directives.flatMap(({ key, value }) =>
    key === "BindReadOnlyPaths" ? value.split(/\s+/) : []
  ).find((path) => path.endsWith("/.env"))?.replace(/^-/, "");
  if (!user || envPath === undefined) return undefined;
  const isPackaged = unit.startsWith(PACKAGED_MARK);
  return { user, home: dirname(envPath), envPath, directives, dropIns, isPackaged };
}

/** Whether a unit is there, from `install.sh` or the Debian package. */
export function hasUnit(name: string, unitFolders: readonly string[] = UNIT_FOLDERS): boolean {
  return unitFolders.some((folder) => readIfThere(join(folder, name)) !== undefined);
}

/**
 * The settings by which this machine's log is read: those of the service, where one is installed that is not this
 * user's own, so that root finds its log, too. Flags and this process's environment go before. Who has put HOME
 * elsewhere means what is there.
 *
 * @throws {SettingError}
 */
export function readLogSettings(flags: Readonly<Record<string, string>>): Settings {
  const own = processSources(flags);
  const service = installedService();
  const { HOME } = own.environment;
  const isServices = service !== undefined && service.home !== HOME && HOME === loginHome();
  if (!isServices) return readSettings(own);
  const { environment, dotenvText } = serviceSources(service);
  return readSettings({
    flags,
    environment: { ...environment, ...own.environment, HOME: service.home },
    dotenvText,
  });
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
