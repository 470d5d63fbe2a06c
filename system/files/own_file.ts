/**
 * Files of this program's own that lie where others may write too: what stands in a file's place and is none (a symbolic
 * link, a pipe, a device) is not followed, opened or written through. Somebody who may write to the folder could otherwise
 * have a program with more rights than he has write into any file, or wait for ever for a pipe.
 *
 * What root makes in a user's folder becomes that user's, who could not replace it otherwise (`owner.ts`).
 *
 * Links in the folders above are followed: they are the administrator's.
 */

import { basename } from "node:path";
import { giveToFolderOwner } from "./owner.ts";

/** What stands in a file's place and is no file. */
export class ForeignFileError extends Error {
  override name = "ForeignFileError";

  constructor(readonly path: string, what: string) {
    super(`${what} stands in its place, which is not followed. Remove it`);
  }
}

/** How to open a file, as `Deno.OpenOptions`, but that `truncate` is not there: what is opened may not be what was looked at. */
export type OwnFileOptions = Omit<Deno.OpenOptions, "truncate" | "createNew">;

/** Files are replaced at one instant, by a rename, between the look and the opening too; so often in a row by nobody. */
const TRIES = 20;

/** Opens a file. @throws {ForeignFileError}, and what opening it throws */
export async function openOwn(path: string, options: OwnFileOptions = { read: true }) {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = lookAt(path, options);
    try {
      const file = checked(await Deno.open(path, openedAs(before, options)), path, before);
      if (file !== undefined) return file;
    } catch (error) {
      if (!wasOvertaken(error, before, options)) throw error;
    }
  }
  throw new ForeignFileError(path, "now this, now that file");
}

/** The same, synchronously. */
export function openOwnSync(path: string, options: OwnFileOptions = { read: true }): Deno.FsFile {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = lookAt(path, options);
    try {
      const file = checked(Deno.openSync(path, openedAs(before, options)), path, before);
      if (file !== undefined) return file;
    } catch (error) {
      if (!wasOvertaken(error, before, options)) throw error;
    }
  }
  throw new ForeignFileError(path, "now this, now that file");
}

/**
 * A new, empty file in the place of what is there, if that is no folder. `mode` holds whatever the umask.
 *
 * @throws {ForeignFileError} it is one
 */
export async function createOwn(path: string, mode: number): Promise<Deno.FsFile> {
  try {
    const info = await Deno.lstat(path);
    if (info.isDirectory) throw new ForeignFileError(path, kindOf(info));
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const file = await Deno.open(path, { write: true, createNew: true, mode });
  try {
    giveToFolderOwner(file, path, mode);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The text of a file. @throws {ForeignFileError}, and what reading it throws */
export async function readOwnText(path: string): Promise<string> {
  using file = await openOwn(path);
  return await new Response(file.readable).text();
}

/** The same, synchronously. */
export function readOwnTextSync(path: string): string {
  using file = openOwnSync(path);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16 << 10);
  let text = "";
  for (let length; (length = file.readSync(chunk)) !== null;) {
    text += decoder.decode(chunk.subarray(0, length), { stream: true });
  }
  return text + decoder.decode();
}

/** What a file holds. @throws {ForeignFileError}, and what reading it throws */
export async function readOwnBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  using file = await openOwn(path);
  const bytes = new Uint8Array((await file.stat()).size);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

/**
 * Renames what stands in a file's place and is neither a file nor a folder, which may hold something.
 *
 * @returns its new name; `undefined` where there is no such thing
 */
export async function setAsideForeign(path: string): Promise<string | undefined> {
  try {
    lookAt(path, { create: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof ForeignFileError)) throw error;
    const aside = `${path}.not-a-file-${crypto.randomUUID().slice(0, 8)}`;
    await Deno.rename(path, aside);
    return basename(aside);
  }
}

/** `undefined` where there is nothing, and a file may be made. */
function lookAt(path: string, { create }: OwnFileOptions): Deno.FileInfo | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (create && error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  // Of a folder, the system itself says what it is.
  if (info.isFile || info.isDirectory) return info;
  throw new ForeignFileError(path, kindOf(info));
}

function kindOf({ isSymlink, isDirectory, isFifo, isSocket }: Deno.FileInfo): string {
  if (isSymlink) return "a symbolic link";
  if (isDirectory) return "a folder";
  if (isFifo) return "a pipe";
  return isSocket ? "a socket" : "a device";
}

/** O_EXCL follows no link: who puts one there in this moment makes it fail. With `createNew`, Deno wants it to be writable. */
function openedAs(before: Deno.FileInfo | undefined, options: OwnFileOptions): Deno.OpenOptions {
  return { ...options, create: false, createNew: before === undefined };
}

/** Something was there that was not, or the other way round: whatever that is, it is looked at first. */
function wasOvertaken(
  error: unknown,
  before: Deno.FileInfo | undefined,
  { create }: OwnFileOptions,
): boolean {
  if (before === undefined) return error instanceof Deno.errors.AlreadyExists;
  return create === true && error instanceof Deno.errors.NotFound;
}

/** Undefined when what was opened is not what was looked at; then it is closed. */
function checked(
  file: Deno.FsFile,
  path: string,
  before: Deno.FileInfo | undefined,
): Deno.FsFile | undefined {
  try {
    const { ino, dev } = file.statSync();
    if (before === undefined) giveToFolderOwner(file, path);
    if (before === undefined || ino === before.ino && dev === before.dev) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}
