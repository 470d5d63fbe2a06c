/** A file that a command writes: it is there when it is whole, and not before. */

import { dirname } from "@std/path";
import { osReason } from "../../system/files/os_error.ts";

/** Where a command's output goes. */
export interface Output extends Disposable {
  /** Writes all of it. @throws {Error} which file, and why not */
  write(bytes: Uint8Array): void;
  /** Says that nothing more comes; without this, what was written is taken away again. @throws {Error} */
  keep(): void;
}

/** How a file is written. */
export interface OutputFileOptions {
  /** Its permissions. @default 0o600 */
  readonly mode?: number;
  /** Whether it may be lost with the power: it costs the card no fsync then. @default false */
  readonly isTransient?: boolean;
}

/**
 * Opens a file for writing: beside `path`, under whose name it is put when it is kept. What is no plain file, such as a
 * device, is written as it stands.
 *
 * @throws {Error} which file cannot be written, and why
 */
export function openOutputFile(
  path: string,
  { mode, isTransient = false }: OutputFileOptions = {},
): Output {
  const isPlain = named(path, () => statOf(path)?.isFile ?? true);
  const target = named(
    path,
    () => isPlain && statOf(path) !== undefined ? Deno.realPathSync(path) : path,
  );
  const written = isPlain
    ? named(
      path,
      () => Deno.makeTempFileSync({ dir: dirname(target), prefix: ".wifilogger-" }),
    )
    : target;
  const file = named(path, () => Deno.openSync(written, { write: true, truncate: isPlain }));
  let isKept = !isPlain;
  let isClosed = false;
  const close = () => {
    if (!isClosed) file.close();
    isClosed = true;
  };
  return {
    write: (bytes) =>
      named(path, () => {
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      }),
    keep: () =>
      named(path, () => {
        if (isPlain && !isTransient) file.syncSync();
        close();
        if (isPlain && mode !== undefined) Deno.chmodSync(written, mode);
        if (isPlain) Deno.renameSync(written, target);
        isKept = true;
      }),
    [Symbol.dispose]: () => {
      close();
      if (!isKept) Deno.removeSync(written);
    },
  };
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function named<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw new Error(`cannot write ${path}: ${osReason(cause)}`, { cause });
  }
}
