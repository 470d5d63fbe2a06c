/**
 * Whose files and folders are that this program makes: what root makes in a user's folder becomes that user's. Bits and
 * owner are given to what was opened, not to what has its name by then: whoever may write to the folder could put a link
 * to any file there.
 */

import { dirname } from "node:path";
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync } from "node:fs";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Gives a file that was just made to the user whose folder it is in, if this is root; and its bits, if they are given,
 * whatever the umask.
 *
 * @throws {Deno.errors.NotFound} another file has its name meanwhile
 */
export function giveToFolderOwner(file: Deno.FsFile, path: string, mode?: number): void {
  const { ino, dev, mode: bits } = file.statSync();
  const owner = ownerOf(dirname(path));
  const isRight = mode === undefined || bits === null || (bits & 0o7777) === mode;
  if (owner === undefined && isRight) return;
  onDescriptor(path, (descriptor, stat) => {
    if (stat.ino !== ino || stat.dev !== dev) {
      throw new Deno.errors.NotFound("another file has its name meanwhile");
    }
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
    if (mode !== undefined) fchmodSync(descriptor, mode);
  });
}

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * @returns whether it was
 */
export async function makeOwnFolder(folder: string, mode = 0o750): Promise<boolean> {
  try {
    await Deno.mkdir(folder, { mode });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      // A file in its place is for the caller's next step to tell.
      return false;
    }
    if (!(error instanceof Deno.errors.NotFound) || dirname(folder) === folder) throw error;
    await makeOwnFolder(dirname(folder), mode);
    return await makeOwnFolder(folder, mode);
  }
  const owner = ownerOf(dirname(folder));
  if (owner === undefined) return true;
  onDescriptor(folder, (descriptor, stat) => {
    if (stat.isDirectory() && stat.uid === 0) fchownSync(descriptor, owner.uid, owner.gid);
  });
  return true;
}

/** `undefined` where nothing is to be given away. */
function ownerOf(folder: string): Owner | undefined {
  if (Deno.uid() !== 0) return undefined;
  const { uid, gid } = Deno.statSync(folder);
  return uid === null || gid === null || uid === 0 ? undefined : { uid, gid };
}

function onDescriptor(
  path: string,
  act: (descriptor: number, stat: ReturnType<typeof fstatSync>) => void,
): void {
  const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    act(descriptor, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}
