/**
 * Browsers that have signed in. A session ends after a week, when its browser signs out, when the password changes, and
 * when the machine starts anew: what there is of it lies in RAM. It outlives this process, which goes when nobody looks:
 * its file holds hashes, by which nobody can come in.
 */

import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import type { Clock } from "../../system/clock.ts";
import { derivedSecret, newSecret, secretHash } from "./secret_text.ts";

const DAY_MS = 24 * 3600e3;
export const SESSION_MS = 7 * DAY_MS;
/** Of more, the oldest ends. */
const MAX_SESSIONS = 100;
const FILE_MODE = 0o600;

/** One that is kept. */
interface KeptSession {
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly endsMs: number;
  /** The hash of what was kept of the password when it began. */
  readonly password: string;
}

/** A session under way. */
export interface Session {
  readonly endsMs: number;
  /** What a page must show to change something. */
  readonly csrf: string;
}

/** Where sessions are kept, and until when they are true. */
export interface SessionsOptions {
  /** A file in RAM; `undefined`: nowhere, they end with this process. */
  readonly path: string | undefined;
  readonly clock: Clock;
  /** What is kept of the password now. */
  readonly password: () => Promise<string | undefined>;
}

export class Sessions {
  readonly #options: SessionsOptions;
  #kept: KeptSession[] = [];

  private constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** A file that cannot be read is none: everybody signs in again. */
  static async open(options: SessionsOptions): Promise<Sessions> {
    const sessions = new Sessions(options);
    try {
      const text = options.path === undefined ? "[]" : await readOwnText(options.path);
      sessions.#kept = JSON.parse(text);
    } catch {
      sessions.#kept = [];
    }
    return sessions;
  }

  /** Begins one. @returns the secret by which its browser is known */
  async begin(): Promise<string> {
    const secret = newSecret();
    this.#kept.push({
      hash: secretHash(secret),
      endsMs: this.#options.clock.wallMs() + SESSION_MS,
      password: await this.#passwordHash(),
    });
    await this.#save();
    return secret;
  }

  /** The session of a browser, `undefined` when it has none, or no longer. */
  async find(secret: string): Promise<Session | undefined> {
    const hash = secretHash(secret);
    const kept = this.#kept.find((one) => one.hash === hash);
    if (kept === undefined || !isUnderWay(kept, this.#options.clock.wallMs())) return undefined;
    if (kept.password !== await this.#passwordHash()) return undefined;
    return { endsMs: kept.endsMs, csrf: derivedSecret(secret, "csrf") };
  }

  async end(secret: string): Promise<void> {
    const hash = secretHash(secret);
    this.#kept = this.#kept.filter((one) => one.hash !== hash);
    await this.#save();
  }

  async #passwordHash(): Promise<string> {
    return secretHash(await this.#options.password() ?? "");
  }

  async #save(): Promise<void> {
    const nowMs = this.#options.clock.wallMs();
    this.#kept = this.#kept.filter((kept) => isUnderWay(kept, nowMs)).slice(-MAX_SESSIONS);
    const { path } = this.#options;
    if (path === undefined) return;
    const options = { mode: FILE_MODE, isTransient: true };
    await writeFileAtomic(path, JSON.stringify(this.#kept), options);
  }
}

/** One that began a day and more in time to come began by a clock that was wrong. */
function isUnderWay({ endsMs }: KeptSession, nowMs: number): boolean {
  return endsMs > nowMs && endsMs < nowMs + SESSION_MS + DAY_MS;
}
