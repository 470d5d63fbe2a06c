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
  readonly #files: OpenFile[];
  /** The files as they were at the last look, by path. */
  readonly #seen = new Map<string, Identity>();
  /** The files that could not be used when they had changed, by path: each is told of once. */
  readonly #refused = new Map<string, Identity>();

  /** @throws {DatabaseFileError} when one cannot be used */
  static open(paths: readonly string[]): DatabaseFiles {
    const files: OpenFile[] = [];
    try {
      for (const path of paths) files.push(openFile(path));
    } catch (error) {
      files.forEach(({ file }) => file[Symbol.dispose]());
      throw error;
    }
    return new DatabaseFiles(files);
  }

  private constructor(files: OpenFile[]) {
    this.#files = files;
  }

  get databases(): readonly PlaceDatabase[] {
    return this.#files.map(({ database }) => database);
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
    for (const [i, { path, file, identity }] of this.#files.entries()) {
      const now = identityOf(path) ?? identity; // a file that is just not there is being replaced
      const isSettled = now === this.#seen.get(path);
      this.#seen.set(path, now);
      if (now === identity || now === this.#refused.get(path) || !isSettled) continue;
      try {
        this.#files[i] = openFile(path);
        file[Symbol.dispose]();
        this.#refused.delete(path);
        hasChanged = true;
      } catch (error) {
        this.#refused.set(path, now);
        const then = isSameFile(now, identity)
          ? "It was written over, so that the one from before is gone too: lay a whole one in its place"
          : "Going on with the one from before";
        warn(`${(error as Error).message}. ${then}`);
      }
    }
    return hasChanged;
  }

  [Symbol.dispose](): void {
    this.#files.forEach(({ file }) => file[Symbol.dispose]());
  }
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
function isSameFile(one: Identity, other: Identity): boolean {
  return one.split(",", 1)[0] === other.split(",", 1)[0];
}
