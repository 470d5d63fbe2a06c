/** Replacing a file so that a reader, or the next boot, finds the old content or the new, whole. */

import { dirname } from "node:path";
import type { CardWrites } from "./card_writes.ts";
import { createOwn } from "../../system/files/own_file.ts";
import { writeAll } from "../../system/files/write_all.ts";

/** How `writeFileAtomic()` creates the file. */
export interface AtomicFileOptions {
  /** Permission bits of the new file, whatever the umask, such as `0o640`. */
  mode: number;
  /** Whether it may be gone after a power loss, as in RAM: then nothing waits for the disk. @default false */
  isTransient?: boolean;
  /** Called with what was written. @default nobody listens */
  card?: CardWrites;
}

/**
 * Puts `content` in the place of the file at `path`, durably unless it is transient: when it resolves, a
 * power loss does not undo it.
 *
 * The content goes to `<path>.tmp` first. One writer per path: a `.tmp` that a killed process left is
 * replaced by the next write.
 *
 * @throws what the failing file call throws; the file at `path` is then as it was, and no `.tmp` stays.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicFileOptions,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const tempPath = `${path}.tmp`;
  try {
    await writeNew(tempPath, bytes, options);
    await Deno.rename(tempPath, path);
  } catch (error) {
    await Deno.remove(tempPath).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  if (options.isTransient) return;
  await syncFolder(dirname(path));
  options.card?.note({ bytes: bytes.length, syncs: 2 });
}

/** Makes the folder's entries (files created, renamed, removed) survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  using handle = await Deno.open(folder, { read: true });
  await handle.sync();
}

async function writeNew(
  path: string,
  bytes: Uint8Array,
  { mode, isTransient }: AtomicFileOptions,
): Promise<void> {
  using file = await createOwn(path, mode);
  await writeAll(file, bytes);
  if (!isTransient) await file.sync();
}
