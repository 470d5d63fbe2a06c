/**
 * Who may change what the archive holds. Whoever adds to it, compresses it, or keeps something that was made of it holds
 * the lock together with others; who takes something out of it (`storage/forget/`) holds it alone, and waits for them. It
 * is an advisory lock (flock(2)) on the archive's folder itself, so that no file is made for it, and the kernel lets go
 * of it when the process dies, whatever way.
 */

/** Waits until nobody takes anything out; `undefined` where there is no archive yet. */
export function shareArchive(archiveDir: string): Promise<Disposable | undefined> {
  return lockFolder(archiveDir, false);
}

/** Waits until nobody else changes it; `undefined` where there is no archive yet. */
export function ownArchive(archiveDir: string): Promise<Disposable | undefined> {
  return lockFolder(archiveDir, true);
}

async function lockFolder(folder: string, isExclusive: boolean): Promise<Disposable | undefined> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(folder, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
  try {
    // Almost always it is free; waiting takes a thread.
    if (!file.tryLockSync(isExclusive)) await file.lock(isExclusive);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
