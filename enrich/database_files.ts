/** The databases of places that a user brings: files, which may be replaced by newer ones while they are in use. */

import { openPlaceDatabase, type PlaceDatabase } from "./place_database.ts";

/** A database file that cannot be used. */
export class DatabaseFileError extends Error {
  override name = "DatabaseFileError";
}

/** What tells that a file was replaced or written again. */
type Identity = string;

interface OpenFile {
  readonly path: string;
  readonly database: PlaceDatabase;
  readonly identity: Identity;
}

/** A file is held in memory whole; one of this size is no database for a small machine. */
const MAX_BYTES = 512e6;

/** Databases in files, in the order in which they are trusted. */
export class DatabaseFiles {
  readonly #files: OpenFile[];
  /** The files as they were at the last look, by path. */
  readonly #seen = new Map<string, Identity>();
  /** The files that could not be used when they had changed, by path: each is told of once. */
  readonly #refused = new Map<string, Identity>();
  #refreshing: Promise<boolean> | undefined;

  /** @throws {DatabaseFileError} when one cannot be used */
  static async open(paths: readonly string[]): Promise<DatabaseFiles> {
    const files: OpenFile[] = [];
    for (const path of paths) files.push(await openFile(path));
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
   * Until the new file is read, and when it cannot be used, the old one serves.
   *
   * @param warn is told of a file that cannot be used, once
   * @returns whether anything was opened
   */
  async refresh(warn: (message: string) => void): Promise<boolean> {
    this.#refreshing ??= this.#refresh(warn).finally(() => this.#refreshing = undefined);
    return await this.#refreshing;
  }

  async #refresh(warn: (message: string) => void): Promise<boolean> {
    let hasChanged = false;
    for (const [i, { path, identity }] of this.#files.entries()) {
      // A file that is just not there is being replaced.
      const now = await identityOf(path).catch(() => identity);
      const isSettled = now === this.#seen.get(path);
      this.#seen.set(path, now);
      if (now === identity || now === this.#refused.get(path) || !isSettled) continue;
      try {
        this.#files[i] = await openFile(path);
        this.#refused.delete(path);
        hasChanged = true;
      } catch (error) {
        this.#refused.set(path, now);
        warn(`${(error as Error).message}. Going on with the one from before`);
      }
    }
    return hasChanged;
  }
}

async function openFile(path: string): Promise<OpenFile> {
  try {
    const identity = await identityOf(path);
    const database = openPlaceDatabase(await readWhole(path), path);
    return { path, database, identity };
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

/** Into memory of its own size: `Deno.readFile()` holds a growing file twice for a moment. */
async function readWhole(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size > MAX_BYTES) throw new RangeError(`it is larger than ${MAX_BYTES / 1e6} MB`);
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break; // cut short meanwhile: what is missing will be found missing
    length += count;
  }
  return bytes.subarray(0, length);
}

async function identityOf(path: string): Promise<Identity> {
  const { isFile, ino, size, mtime } = await Deno.stat(path);
  if (!isFile) throw new Error("it is no file"); // a pipe would be waited for
  return [ino, size, mtime?.getTime()].join();
}
