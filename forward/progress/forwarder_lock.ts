/** One forwarder per folder of progress: which two would send from in turns. */

import { join } from "@std/path";
import { sleep } from "../../system/clock.ts";
import { openOwn } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

const NAME = "lock";
/** Who asks whether a forwarder runs holds the lock for an instant. */
const TRIES = 5;
const TRY_AGAIN_MS = 100;

/**
 * Takes an exclusive advisory lock (flock(2)), which the kernel lets go of when this process ends, whatever way; so the
 * file stays, and its being there means nothing.
 *
 * @throws {Error} when another forwarder has it, or the folder cannot be written to
 */
export async function takeForwarderLock(ramDir: string): Promise<Disposable> {
  await makeOwnFolder(ramDir, 0o755);
  const options = { read: true, write: true, create: true, mode: 0o640 };
  const file = await openOwn(join(ramDir, NAME), options);
  for (let i = 0; i < TRIES; i++) {
    if (file.tryLockSync(true)) return file;
    await sleep(TRY_AGAIN_MS);
  }
  file.close();
  throw new ForwarderRunsError(ramDir);
}

/** Another forwarder has the lock. */
export class ForwarderRunsError extends Error {
  override name = "ForwarderRunsError";

  constructor(ramDir: string) {
    super(
      `another forwarder is running, with its progress in ${ramDir}. ` +
        "Stop it first: sudo systemctl stop wifilogger-forward",
    );
  }
}

/** Whether a forwarder runs that has its progress there. @throws {Deno.errors.PermissionDenied} */
export async function isForwarderRunning(ramDir: string): Promise<boolean> {
  try {
    using file = await openOwn(join(ramDir, NAME));
    return !file.tryLockSync(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
