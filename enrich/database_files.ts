/**
 * The databases of places in files, which may be replaced by newer ones while they are in use. They stay in the files: of
 * each 1 MB is in memory (`enrich/mmdb/paged_file.ts`).
 */

import { PagedFile } from "./mmdb/paged_file.ts";
import { openPlaceDatabase, type PlaceDatabase } from "./place_database.ts";

/** A database file that cannot be used. */
export class DatabaseFileError extends Error {
  override name = "DatabaseFileError";
}

/** What tells that a file was replaced or written again. */
type Identity = string;

interface OpenFile {
  readonly path: string;
  readonly file: PagedFile;
  readonly database: PlaceDatabase;
  readonly identity: Identity;
}

/** Databases in files, in the order in which they are trusted. */
export class DatabaseFiles implements Disposable {
  /** By their paths, in order; those that may be missing have none until they are there. */
  readonly #files: Map<string, OpenFile | undefined>;
  /** The files as they were at the last look, by path. */
  readonly #seen = new Map<string, Identity | undefined>();
  /** The files that could not be used when they had changed, by path: each is told of once. */
  readonly #refused = new Map<string, Identity | undefined>();

  /**
   * @param required a file that is not there, or cannot be used, is an error
   * @param optional files that are opened when they are there and can be used; trusted less than the others
   * @param warn is told of one of those that cannot be used
   * @throws {DatabaseFileError} when a required one cannot be used
   */
  static open(
    required: readonly string[],
    optional: readonly string[] = [],
    warn: (message: string) => void = () => {},
  ): DatabaseFiles {
    const files = new DatabaseFiles(new Map());
    try {
      for (const path of required) files.#files.set(path, openFile(path));
    } catch (error) {
      files[Symbol.dispose]();
      throw error;
    }
    for (const path of optional) files.#files.set(path, files.#openIfThere(path, warn));
    return files;
  }

  private constructor(files: Map<string, OpenFile | undefined>) {
    this.#files = files;
  }

  get databases(): readonly PlaceDatabase[] {
    return [...this.#files.values()].flatMap((file) => file?.database ?? []);
  }

  /**
   * Opens again what has changed since it was opened and not since the last look: what is still being written waits.
   * Until the new file is read, and when it cannot be used, the old one serves, unless it was written over.
   *
   * @param warn is told of a file that cannot be used, once
   * @returns whether anything was opened
   */
  refresh(warn: (message: string) => void): boolean {
    let hasChanged = false;
    for (const [path, open] of this.#files) {
      const now = identityOf(path) ?? open?.identity; // a file that is just not there is being replaced
      const isSettled = now === this.#seen.get(path);
      this.#seen.set(path, now);
      if (now === open?.identity || now === this.#refused.get(path) || !isSettled) continue;
      try {
        this.#files.set(path, openFile(path));
        open?.file[Symbol.dispose]();
        this.#refused.delete(path);
        hasChanged = true;
      } catch (error) {
        this.#refused.set(path, now);
        warn(`${(error as Error).message}. ${goingOn(open?.identity, now)}`);
      }
    }
    return hasChanged;
  }

  [Symbol.dispose](): void {
    for (const open of this.#files.values()) open?.file[Symbol.dispose]();
  }

  #openIfThere(path: string, warn: (message: string) => void): OpenFile | undefined {
    const identity = identityOf(path);
    if (identity === undefined) return undefined;
    try {
      return openFile(path);
    } catch (error) {
      this.#refused.set(path, identity);
      warn(`${(error as Error).message}. ${goingOn(undefined, identity)}`);
    }
  }
}

/** What serves when the file that is there now cannot be used. */
function goingOn(before: Identity | undefined, now: Identity | undefined): string {
  if (before === undefined) return "Going on without it";
  return isSameFile(before, now)
    ? "It was written over, so that the one from before is gone too: lay a whole one in its place"
    : "Going on with the one from before";
}

function openFile(path: string): OpenFile {
  try {
    const identity = identityOf(path) ?? "";
    const file = PagedFile.open(path);
    try {
      return { path, file, database: openPlaceDatabase(file, path), identity };
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "it is not there"
      : error instanceof Deno.errors.PermissionDenied
      ? "it may not be read"
      : (error as Error).message;
    throw new DatabaseFileError(`cannot use the database of places ${path}: ${why}`, {
      cause: error,
    });
  }
}

/** `undefined` where there is no such file. Does not wait: to be asked now and then costs no thread. */
function identityOf(path: string): Identity | undefined {
  try {
    const { ino, size, mtime } = Deno.statSync(path);
    return [ino, size, mtime?.getTime()].join();
  } catch {
    return undefined;
  }
}

/** Whether both are of one file, which was written over. */
function isSameFile(one: Identity, other: Identity | undefined): boolean {
  return one.split(",", 1)[0] === other?.split(",", 1)[0];
}
