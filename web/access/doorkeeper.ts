/** Who is let in, and as whom: by a session's cookie, by a token, or by the password. */

import { HttpFault } from "../door/http_fault.ts";
import type { Clock } from "../../system/clock.ts";
import type { KeptAccess } from "./access_file.ts";
import type { EntryLink } from "./entry_link.ts";
import type { LoginLimit } from "./login_limit.ts";
import { isPassword } from "./password.ts";
import { isSameText, secretHash } from "./secret_text.ts";
import { SESSION_MS, type Sessions } from "./sessions.ts";

/** Guesses that wait for one that is looked at; of more, each is told to come again. */
const MAX_GUESSES = 4;

/** Somebody who has been let in. */
export interface Guest {
  /** By a cookie, which a browser sends by itself; or by a token, which it does not. */
  readonly kind: "session" | "token";
  /** What a page must show to change something; empty for a token. */
  readonly csrf: string;
  /** Milliseconds since 1970; undefined: it does not end by itself. */
  readonly endsMs: number | undefined;
  readonly mayChange: boolean;
}

export interface DoorkeeperOptions {
  readonly access: KeptAccess;
  readonly sessions: Sessions;
  readonly limit: LoginLimit;
  /** The link that a terminal printed, if any. */
  readonly link: EntryLink | undefined;
  readonly clock: Clock;
  readonly isTls: boolean;
}

export class Doorkeeper {
  readonly #options: DoorkeeperOptions;
  readonly #cookieName: string;
  #guesses: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
    // The prefix has browsers take it from nobody but this host, over HTTPS (RFC 6265bis, section 4.1.3.2).
    this.#cookieName = options.isTls ? "__Host-wifilogger" : "wifilogger";
  }

  /** Undefined: nobody who may come in. @throws {HttpFault} when a token is shown that is none */
  async guestOf(request: Request): Promise<Guest | undefined> {
    const shown = request.headers.get("authorization");
    if (shown !== null) return await this.#tokenGuest(shown);
    const secret = this.#cookieOf(request);
    const session = secret === undefined ? undefined : await this.#options.sessions.find(secret);
    if (session === undefined) return undefined;
    return { kind: "session", csrf: session.csrf, endsMs: session.endsMs, mayChange: true };
  }

  async #tokenGuest(shown: string): Promise<Guest> {
    const token = /^Bearer ([\w.~+/=-]{1,500})$/i.exec(shown)?.[1];
    const hash = token === undefined ? "" : secretHash(token);
    const { tokens } = await this.#options.access.words();
    const found = tokens.find((one) => isSameText(one.hash, hash));
    if (found === undefined) {
      throw new HttpFault(
        401,
        "this token is none, or was revoked. See: wifilogger web token list",
      );
    }
    return { kind: "token", csrf: "", endsMs: undefined, mayChange: found.mayChange };
  }

  /** Whether somebody may come in by a password. */
  async hasPassword(): Promise<boolean> {
    return (await this.#options.access.words()).password !== undefined;
  }

  /** Begins a session for who knows the password. @returns its cookie @throws {HttpFault} */
  async signIn(password: string, address: string | undefined): Promise<string> {
    const { limit, access } = this.#options;
    const kept = (await access.words()).password;
    if (kept === undefined) {
      throw new HttpFault(409, "no password is set. On the machine, run: wifilogger web password");
    }
    const waitMs = limit.waitMs(address);
    if (waitMs > 0 || this.#waiting >= MAX_GUESSES) {
      const seconds = Math.max(1, Math.ceil(waitMs / 1e3));
      throw new HttpFault(429, `too many wrong passwords. Try again in ${seconds} s`, {
        "retry-after": String(seconds),
      });
    }
    limit.begin(address);
    if (!await this.#look(password, kept)) {
      limit.fail(address);
      throw new HttpFault(401, "the password is wrong");
    }
    limit.succeed(address);
    return this.#cookie(await this.#options.sessions.begin());
  }

  /** One guess at a time: each takes memory and a core. */
  async #look(password: string, kept: string): Promise<boolean> {
    this.#waiting++;
    const before = this.#guesses;
    const guess = before.then(() => isPassword(password, kept));
    this.#guesses = guess.catch(() => {});
    try {
      return await guess;
    } finally {
      this.#waiting--;
    }
  }

  /** Begins a session for who has the link. @returns its cookie; undefined where the link is used up */
  async enter(secret: string): Promise<string | undefined> {
    if (!this.#options.link?.take(secret)) return undefined;
    return this.#cookie(await this.#options.sessions.begin());
  }

  /** Ends the session of a browser. @returns what takes its cookie away */
  async signOut(request: Request): Promise<string> {
    const secret = this.#cookieOf(request);
    if (secret !== undefined) await this.#options.sessions.end(secret);
    return `${this.#cookieName}=; ${this.#cookieWords}; Max-Age=0`;
  }

  #cookie(secret: string): string {
    return `${this.#cookieName}=${secret}; ${this.#cookieWords}; Max-Age=${SESSION_MS / 1e3}`;
  }

  get #cookieWords(): string {
    return `Path=/; HttpOnly; SameSite=Strict${this.#options.isTls ? "; Secure" : ""}`;
  }

  #cookieOf(request: Request): string | undefined {
    const prefix = `${this.#cookieName}=`;
    const found = (request.headers.get("cookie") ?? "").split(/;\s*/)
      .find((cookie) => cookie.startsWith(prefix));
    const secret = found?.slice(prefix.length);
    return secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : undefined;
  }
}
