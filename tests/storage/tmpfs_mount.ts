/** A real tmpfs of a few pages, for tests that need a full or a read-only file system. */

import { testWhen } from "../skip.ts";

/** A mounted tmpfs; unmounted and its folder removed when the test ends. */
export interface TmpfsMount extends Disposable {
  path: string;
}

/** Mounts a tmpfs of `sizeKiB` in a temporary folder. Needs root. */
export function mountTmpfs(sizeKiB: number): TmpfsMount {
  const path = Deno.makeTempDirSync({ prefix: "wifilogger_tmpfs_" });
  run("mount", "-t", "tmpfs", "-o", `size=${sizeKiB}k`, "wifilogger-test", path);
  return {
    path,
    [Symbol.dispose]() {
      unmount(path);
      Deno.removeSync(path);
    },
  };
}

/** Makes the mount read-only, or writable again. */
export function remount(path: string, how: "ro" | "rw"): void {
  run("mount", "-o", `remount,${how}`, path);
}

/** Unmounts what is mounted at `path`. */
export function unmount(path: string): void {
  run("umount", path);
}

/** Why no tmpfs can be mounted here; `null` when it can. */
export const whyNoTmpfs = tryMount();

/** Registers a test that mounts a tmpfs; where none can be mounted, it is skipped for that reason. */
export function testOnTmpfs({ name, fn, ...options }: Omit<Deno.TestDefinition, "ignore">): void {
  testWhen(whyNoTmpfs, name, fn, options);
}

function tryMount(): string | null {
  try {
    mountTmpfs(64)[Symbol.dispose]();
    return null;
  } catch (error) {
    return `cannot mount a tmpfs: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function run(command: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim() || `${command} failed`);
}
