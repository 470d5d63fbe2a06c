/**
 * Renews the databases of places that the settings ask for; a process of its own, never the one that captures.
 *
 *     due? -> NAME.part (goes on where it broke off) -> sum -> unpacked to NAME.new -> checked -> renamed -> state.json
 *
 * Until the rename the old database stays and serves, and whatever goes wrong before leaves it so: a network that is cut, a
 * full card, a kill. Who uses the database sees by its file that there is a new one.
 */

import { join } from "@std/path";
import { IPINFO_HOSTS } from "../../enrich/ipinfo_plan.ts";
import { syncFolder } from "../../storage/card/atomic_file.ts";
import type { Clock } from "../../system/clock.ts";
import { fileSystemRoom } from "../../system/files/tmpfs.ts";
import {
  type FetchedDatabase,
  fetchedDatabases,
  fetchedPath,
} from "../places/fetched_databases.ts";
import type { Settings } from "../settings/settings.ts";
import { checkDatabase, UnfitDatabaseError } from "./database_check.ts";
import { download, type DownloadOutcome } from "./download.ts";
import { ipinfoChecksum } from "./ipinfo_checksum.ts";
import { type DatabaseState, readRenewalState, writeRenewalState } from "./renewal_state.ts";
import { isDue, monthOf, pauseMs } from "./schedule.ts";
import { sha256Of, syncFile, unpack } from "./unpacked.ts";
import { openOwn } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** How to renew. */
export interface RenewalOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Leave alone what is not due: a week for IPinfo's, a month for DB-IP's, and what a failure asks for. */
  readonly onlyDue: boolean;
  /** How far the one that is fetched has come, from 0 to 1. */
  readonly onProgress?: (database: FetchedDatabase, share: number) => void;
  /** @default fetch */
  readonly fetch?: typeof fetch;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** How long a server may say nothing. @default 60_000 */
  readonly stallMs?: number;
}

/** What came of it. */
export type RenewalOutcome =
  | { readonly kind: "renewed"; readonly builtAt: Date }
  /** What is there is the newest. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "not due" }
  /** The service does not take the token. */
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly why: string; readonly afterMs?: number };

/** Another process is at it. */
export class RenewalUnderWayError extends Error {
  override name = "RenewalUnderWayError";
}

/** What stays free of the card: the archive needs it more. */
const RESERVE_BYTES = 50e6;
/** Packed, unpacked, and the old one. */
const UNPACKED_SHARE = 1 / 4;
const DBIP = "https://download.db-ip.com";

/**
 * Renews each; the outcomes are in the order of `fetchedDatabases()`.
 *
 * @throws {RenewalUnderWayError}
 * @throws what making the folder throws
 */
export async function renewDatabases(
  options: RenewalOptions,
): Promise<[FetchedDatabase, RenewalOutcome][]> {
  const { placesDir } = options.settings;
  const databases = fetchedDatabases(options.settings);
  if (databases.length === 0) return [];
  await makeOwnFolder(placesDir);
  using lock = await openOwn(join(placesDir, "lock"), { write: true, create: true, mode: 0o640 });
  if (!lock.tryLockSync(true)) {
    throw new RenewalUnderWayError("another process is fetching databases. Wait until it is done");
  }
  const outcomes: [FetchedDatabase, RenewalOutcome][] = [];
  const states: Record<string, DatabaseState> = { ...readRenewalState(placesDir) };
  for (const database of databases) {
    outcomes.push([database, await new Renewal(options, database, states).run()]);
  }
  return outcomes;
}

/** One database. */
class Renewal {
  readonly #options: RenewalOptions;
  readonly #database: FetchedDatabase;
  readonly #states: Record<string, DatabaseState>;
  readonly #path: string;
  readonly #partPath: string;
  readonly #newPath: string;

  /** @param states of all; what becomes of this one is noted there */
  constructor(
    options: RenewalOptions,
    database: FetchedDatabase,
    states: Record<string, DatabaseState>,
  ) {
    this.#options = options;
    this.#database = database;
    this.#states = states;
    this.#path = fetchedPath(options.settings, database);
    this.#partPath = this.#path.replace(/\.mmdb$/, ".part");
    this.#newPath = this.#path.replace(/\.mmdb$/, ".new");
  }

  async run(): Promise<RenewalOutcome> {
    const { onlyDue } = this.#options;
    if (onlyDue && this.#isThere() && !isDue(this.#database, this.#state, this.#nowMs)) {
      return { kind: "not due" };
    }
    if (onlyDue && (this.#state.notBeforeMs ?? 0) > this.#nowMs) return { kind: "not due" };
    let outcome: RenewalOutcome;
    try {
      outcome = this.#database.maker === "ipinfo" ? await this.#ofIpinfo() : await this.#ofDbip();
    } catch (error) {
      outcome = { kind: "failed", why: await this.#whyNot(error) };
    } finally {
      await Deno.remove(this.#newPath).catch(() => {}); // it is mostly not there
    }
    await this.#note(outcome).catch(() => {}); // on a full card: the next time it is tried again
    return outcome;
  }

  async #ofIpinfo(): Promise<RenewalOutcome> {
    const { ipinfoToken, ipinfoUrl } = this.#options.settings;
    const { fetch = globalThis.fetch } = this.#options;
    const token = ipinfoToken!.reveal();
    const url = `${ipinfoUrl ?? IPINFO_HOSTS.www}/data/${this.#database.name}.mmdb`;
    const sum = await ipinfoChecksum({ url, token, fetch, nowMs: this.#nowMs });
    if (typeof sum === "object") return sum;
    if (sum !== undefined && sum === await sha256Of(this.#path)) return { kind: "unchanged" };
    const outcome = await this.#download(url, token);
    if (outcome.kind === "absent") return { kind: "failed", why: "it has no such database" };
    if (outcome.kind !== "whole") return outcome;
    if (sum !== undefined && sum !== await sha256Of(this.#partPath)) {
      throw new UnfitDatabaseError("what came does not have the sum that is said of it");
    }
    await syncFile(this.#partPath);
    return await this.#put(this.#partPath, { etag: outcome.etag });
  }

  async #ofDbip(): Promise<RenewalOutcome> {
    const host = this.#options.settings.dbipUrl ?? DBIP;
    // In the first days of a month there may be none of that month yet.
    for (const month of [monthOf(this.#nowMs), monthOf(this.#nowMs, -1)]) {
      const outcome = await this.#download(`${host}/free/${this.#database.name}-${month}.mmdb.gz`);
      if (outcome.kind === "absent") {
        if (this.#isThere() && this.#state.month === monthOf(this.#nowMs, -1)) {
          return { kind: "unchanged" };
        }
        continue;
      }
      if (outcome.kind !== "whole") return outcome;
      await unpack(this.#partPath, this.#newPath);
      return await this.#put(this.#newPath, { etag: outcome.etag, month });
    }
    return { kind: "failed", why: "it has none of this month or the last. Is the clock right?" };
  }

  async #download(url: string, token?: string): Promise<DownloadOutcome> {
    const { fetch = globalThis.fetch, onProgress, settings, stallMs } = this.#options;
    const { part, etag, month } = this.#state;
    const isHad = this.#isThere() && (month === undefined || url.includes(month));
    return await download({
      url,
      token,
      partPath: this.#partPath,
      partEtag: part?.url === url ? part.etag : undefined,
      knownEtag: isHad ? etag : undefined,
      onBegin: async (etag) => {
        await this.#save({ part: etag === undefined ? undefined : { url, etag } });
      },
      onProgress: (bytes, ofBytes) => {
        if (ofBytes !== undefined) onProgress?.(this.#database, bytes / ofBytes);
      },
      room: () => {
        const free = fileSystemRoom(settings.placesDir).freeBytes - RESERVE_BYTES;
        return token === undefined ? free * UNPACKED_SHARE : free;
      },
      fetch,
      nowMs: this.#nowMs,
      stallMs,
    });
  }

  /** In the place of the old one, once it is checked. */
  async #put(path: string, state: Pick<DatabaseState, "etag" | "month">): Promise<RenewalOutcome> {
    const builtAt = checkDatabase(path, this.#path, this.#database);
    await Deno.rename(path, this.#path);
    await syncFolder(this.#options.settings.placesDir);
    this.#states[this.#database.name] = { ...this.#state, ...state, part: undefined };
    return { kind: "renewed", builtAt };
  }

  /** What came and cannot be used goes, so that the next try begins anew. */
  async #whyNot(error: unknown): Promise<string> {
    await Deno.remove(this.#partPath).catch(() => {});
    const { code, message } = error as { code?: string; message: string };
    if (error instanceof UnfitDatabaseError) return message;
    if (code === "ENOSPC" || code === "EDQUOT") return "there is no room for it";
    if (code !== undefined) return `it cannot be written: ${message}`;
    return `what came cannot be unpacked: ${message}`;
  }

  async #note(outcome: RenewalOutcome): Promise<void> {
    const { random = Math.random } = this.#options;
    if (outcome.kind === "renewed" || outcome.kind === "unchanged") {
      const { etag, month } = this.#state;
      this.#states[this.#database.name] = { etag, month, checkedMs: this.#nowMs };
      await Deno.remove(this.#partPath).catch(() => {}); // it is mostly not there
      return await this.#save({});
    }
    const failures = (this.#state.failures ?? 0) + 1;
    const why = outcome.kind === "refused"
      ? "the token is refused"
      : outcome.kind === "failed"
      ? outcome.why
      : undefined;
    const asked = outcome.kind === "failed" ? outcome.afterMs : undefined;
    if (why === "there is no room for it") await Deno.remove(this.#partPath).catch(() => {});
    const notBeforeMs = this.#nowMs + (asked ?? pauseMs(failures, random));
    await this.#save({ failures, why, notBeforeMs });
  }

  async #save(change: DatabaseState): Promise<void> {
    this.#states[this.#database.name] = { ...this.#state, ...change };
    await writeRenewalState(this.#options.settings.placesDir, this.#states);
  }

  get #state(): DatabaseState {
    return this.#states[this.#database.name] ?? {};
  }

  get #nowMs(): number {
    return this.#options.clock.wallMs();
  }

  #isThere(): boolean {
    try {
      return Deno.statSync(this.#path).isFile;
    } catch {
      return false;
    }
  }
}
