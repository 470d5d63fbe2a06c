/** The databases of places on this machine, in the order in which they are trusted. */

import { openCountryDatabase } from "../../enrich/country_database.ts";
import { DatabaseFileError, DatabaseFiles } from "../../enrich/database_files.ts";
import { openOwnerDatabase } from "../../enrich/owner_table.ts";
import type { PlaceDatabase } from "../../enrich/place_database.ts";
import type { Say } from "../program/diagnostics.ts";
import { programTable } from "../program/program_tables.ts";
import type { Settings } from "../settings/settings.ts";
import { fetchedDatabases, fetchedPath } from "./fetched_databases.ts";
import { SettingError } from "../settings/setting_error.ts";

/** What databases there are besides those inside the program. */
export interface LocalPlacesOptions {
  /** The user's own. */
  readonly paths: readonly string[];
  /** Those that are fetched; each is used from when it is there. */
  readonly fetched?: readonly string[];
  /** Told of what cannot be used. @default nobody listens */
  readonly say?: Say;
}

/** The files that the settings ask for. */
export function databasePaths(settings: Settings): Omit<LocalPlacesOptions, "say"> {
  return {
    paths: settings.geoDbPaths,
    fetched: fetchedDatabases(settings).map((database) => fetchedPath(settings, database)),
  };
}

/** The user's own files, those that are fetched, then what is inside the program. */
export class LocalPlaces implements Disposable {
  readonly #files: DatabaseFiles;
  readonly #embedded: readonly PlaceDatabase[];
  #databases: readonly PlaceDatabase[];

  /** @throws {SettingError} when one of the user's files cannot be used */
  static async open({ paths, fetched, say }: LocalPlacesOptions): Promise<LocalPlaces> {
    const embedded = [
      openCountryDatabase(await programTable("countries")),
      openOwnerDatabase(await programTable("owners")),
    ];
    try {
      const warn = (message: string) => say?.("warning", "places", message);
      return new LocalPlaces(DatabaseFiles.open(paths, fetched, warn), embedded);
    } catch (error) {
      if (!(error instanceof DatabaseFileError)) throw error;
      throw new SettingError(
        `${error.message}. Put a database in MaxMind's format (.mmdb) there, or take it out of WIFILOGGER_GEO_DB`,
        { cause: error },
      );
    }
  }

  private constructor(files: DatabaseFiles, embedded: readonly PlaceDatabase[]) {
    this.#files = files;
    this.#embedded = embedded;
    this.#databases = [...files.databases, ...embedded];
  }

  get databases(): readonly PlaceDatabase[] {
    return this.#databases;
  }

  /** Opens again what has changed; one that cannot be used is said, and the old one serves on. @returns whether any was */
  refresh(say: Say): boolean {
    const hasChanged = this.#files.refresh((message) => say("warning", "places", message));
    if (hasChanged) {
      this.#databases = [...this.#files.databases, ...this.#embedded];
      say("info", "places", "reading the new databases of places");
    }
    return hasChanged;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
