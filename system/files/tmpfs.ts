/** The RAM folder's file system: is it really memory, and if not, mounting one. Linux only. */

import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { osErrorCode, osReason } from "./os_error.ts";

/** `TMPFS_MAGIC` of statfs(2). */
const TMPFS_MAGIC = 0x01021994;

/**
 * Whether what is written into `folder` stays in memory: it is a tmpfs, or lies on one. A folder that is
 * not there yet lies where its nearest parent does.
 *
 * By statfs(2), which takes the permission `--allow-sys`; to read /proc/self/mountinfo would take
 * `--allow-all`.
 */
export function isTmpfs(folder: string): boolean {
  try {
    return statfsSync(folder).type === TMPFS_MAGIC;
  } catch (error) {
    if (osErrorCode(error) !== "ENOENT") throw error;
    return isTmpfs(dirname(resolve(folder)));
  }
}

/**
 * How many bytes the file system of `folder` has in all, and how many of them are free to this user. Of a
 * folder that is not there nothing is known: without end.
 */
export function fileSystemRoom(folder: string): { totalBytes: number; freeBytes: number } {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return { totalBytes: Infinity, freeBytes: Infinity };
  }
}

/** Whether a file system of its own is mounted at `folder`, rather than above it. */
export function isMountPoint(folder: string): boolean {
  const path = Deno.realPathSync(folder);
  return path === "/" || Deno.statSync(path).dev !== Deno.statSync(dirname(path)).dev;
}

/**
 * Mounts a tmpfs of at most `sizeBytes` at `folder`, which is made when missing. Needs root. A tmpfs
 * that is mounted there already is left as it is.
 *
 * @throws {Error} when it cannot, with mount(8)'s own words; or when files lie in the folder, which the
 *   mount would hide.
 */
export async function mountRamFolder(folder: string, sizeBytes: number): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    if (isTmpfs(folder) && isMountPoint(folder)) return;
    await mountOver(folder, sizeBytes);
  } catch (cause) {
    throw new Error(
      `mounting a tmpfs of ${sizeBytes} bytes at ${folder}: ${osReason(cause)}. ` +
        `Run as root, with an empty folder; or set the RAM log to a folder that is in memory already`,
      { cause },
    );
  }
}

async function mountOver(folder: string, sizeBytes: number): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    throw new Error(`the folder holds ${name}, which the mount would hide`);
  }
  const options = `size=${sizeBytes},mode=0755,nosuid,nodev,noexec`;
  const mount = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", options, "wifilogger", folder],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await mount.output();
  if (success) return;
  const [reason] = new TextDecoder().decode(stderr).split("\n", 1); // then it points to dmesg
  throw new Error(reason.replace(/\.$/, ""));
}
