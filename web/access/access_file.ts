/** Who may come in: the hash of the password and those of the tokens, in a file that its user alone may read. */

import { dirname } from "@std/path";
import { makeArchiveFolder } from "../../storage/archive/archive.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { reasonAnd } from "../../system/files/reason_and.ts";
import { osReason } from "../../system/files/os_error.ts";
import { readOwnText } from "../../system/files/own_file.ts";

const FILE_MODE = 0o600;
const WHO_MAY = "Run it with sudo, or as the user that the logger runs as";

/** A token for a script. */
export interface ApiToken {
  readonly name: string;
  /** SHA-256 of the token, in hexadecimal. */
  readonly hash: string;
  /** RFC 3339. */
  readonly created: string;
  /** Whether it may do more than read. */
  readonly mayChange: boolean;
}

/** What the file says. */
export interface AccessWords {
  /** Of the password, as `password.ts` keeps it; absent: none is set. */
  readonly password?: string;
  readonly tokens: readonly ApiToken[];
}

/** Nobody, where there is no file. @throws {Error} why it cannot be read, and what to do */
export async function readAccess(path: string): Promise<AccessWords> {
  try {
    const { password, tokens = [] } = JSON.parse(await readOwnText(path));
    return { password, tokens };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { tokens: [] };
    const why = error instanceof SyntaxError
      ? "it is no JSON. Remove it, and set the password again: wifilogger web password"
      : reasonAnd(error, WHO_MAY);
    throw new Error(`reading ${path}: ${why}`, { cause: error });
  }
}

/** @throws {Error} why it cannot be written, and what to do */
export async function writeAccess(path: string, words: AccessWords): Promise<void> {
  try {
    const folder = dirname(path);
    await makeArchiveFolder(folder);
    await writeFileAtomic(path, JSON.stringify(words, null, 2) + "\n", { mode: FILE_MODE });
  } catch (cause) {
    throw new Error(`writing ${path}: ${osReason(cause)}. ${WHO_MAY}`, { cause });
  }
}

/** The file's words, read again when it has changed: a token that is revoked is refused at once. */
export class KeptAccess {
  readonly #path: string;
  #state = "";
  #words: AccessWords = { tokens: [] };

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {Error} as `readAccess()` */
  async words(): Promise<AccessWords> {
    const info = await Deno.stat(this.#path).catch(() => undefined);
    const state = `${info?.ino} ${info?.mtime?.getTime()} ${info?.size}`;
    if (state !== this.#state) {
      this.#words = await readAccess(this.#path);
      this.#state = state;
    }
    return this.#words;
  }
}
