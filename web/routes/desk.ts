/** What routes ask with: the settings, the log, the ledger for a while, and one question at a time. */

import { join } from "@std/path";
import {
  type KeptLedger,
  LEDGER_FILE,
  newsDir,
  openLedger,
} from "../../news/ledger/kept_ledger.ts";
import { type OwnerWords, readOwner, writeOwner } from "../../news/owner/owner_file.ts";
import { type Device, householdDevices, isCalled } from "../../news/rules/household_devices.ts";
import type { LogPlace } from "../../report/question/log_facts.ts";
import { openMakers } from "../../service/device_makers.ts";
import type { Finding, Patient } from "../../service/doctor/finding.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { KeptMonths } from "../../report/summary/month_sums.ts";
import { listSummaries, summaryDir } from "../../report/summary/summaries.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import { SpareMemory } from "../../system/spare_memory.ts";
import { HttpFault } from "../door/http_fault.ts";

/** What is told of others who read the log. */
export interface OtherReaders {
  /** As `status --format json` tells of them. */
  outputs(): Promise<readonly unknown[]>;
  receivers(): Promise<readonly unknown[]>;
  check(patient: Patient): Promise<Finding[]>;
}

/** Questions that wait for the one that is being answered. */
const MAX_WAITING = 16;
const QUESTION_MS = 120_000;
/** While a question is answered, spare memory is released so often, and pages of files beyond so much growth. */
const RELEASE_MS = 100;
const RELEASED_BYTES = 10e6;
/** After it was read, a ledger is asked for so long before it is read again. */
const LEDGER_MS = 30_000;
/** Where it was made before it takes a moment to read; else, unless there are few days, it is for the next who asks. */
const LEDGER_WAIT_MS = 300;
const FEW_DAYS = 30;

export class Desk {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly readers: OtherReaders;
  readonly #months: KeptMonths;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #spareMemory = new SpareMemory(RELEASED_BYTES);
  #releasedMs = -Infinity;
  #ledger: { readonly kept: Promise<KeptLedger>; untilMs: number } | undefined;
  #makers: ReturnType<typeof openMakers> | undefined;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings, clock: Clock, readers: OtherReaders) {
    this.settings = settings;
    this.clock = clock;
    this.readers = readers;
    this.#months = new KeptMonths(settings.archiveDir);
  }

  get log(): LogPlace {
    const { ramLogPath, archiveDir } = this.settings;
    return { ramLogPath, archiveDir, months: this.#months };
  }

  /**
   * Answers one question at a time, since each takes memory: `ask` calls what it is given whenever it may be broken off.
   *
   * @throws {HttpFault} when too many wait, or it takes too long, or who asked has gone
   */
  async question<T>(gone: AbortSignal, ask: (goOn: () => void) => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) {
      throw new HttpFault(503, "too many questions at once. Ask again", { "retry-after": "2" });
    }
    this.#waiting++;
    const before = this.#last;
    const answer = (async () => {
      await before;
      const endMs = this.clock.monotonicMs() + QUESTION_MS;
      const goOn = () => {
        if (gone.aborted) throw new HttpFault(499, "who asked has gone");
        const nowMs = this.clock.monotonicMs();
        this.#release(nowMs);
        if (nowMs < endMs) return;
        throw new HttpFault(503, "it takes longer than two minutes. Ask for a shorter period");
      };
      goOn();
      return await ask(goOn);
    })();
    this.#last = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) void this.#months.makeMissing(() => this.#idle());
    }
  }

  /** A question that reads a year leaves 40 MB behind: garbage, freed memory, and pages of the program's own file. */
  #release(nowMs: number): void {
    if (nowMs < this.#releasedMs + RELEASE_MS) return;
    if (this.#releasedMs === -Infinity) this.#spareMemory.release();
    this.#spareMemory.releaseIfGrown();
    this.#spareMemory.collectIfGrown();
    this.#releasedMs = nowMs;
  }

  /** Resolves when nobody waits for an answer, and no ledger is being read. */
  async #idle(): Promise<void> {
    await this.#ledger?.kept.catch(() => {});
    await this.#letOthersGoFirst();
  }

  /** Resolves when nobody waits for an answer. */
  async #letOthersGoFirst(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
    this.#release(this.clock.monotonicMs());
  }

  /** The ledger of firsts, as it was at most half a minute ago, or when reading it began. */
  async ledger(): Promise<KeptLedger> {
    this.tidy();
    const asked = this.#ledger ??= {
      kept: openLedger({
        ...this.log,
        progress: () => this.#letOthersGoFirst(),
      }),
      untilMs: Infinity,
    };
    try {
      const kept = await asked.kept;
      const nowMs = this.clock.monotonicMs();
      if (asked.untilMs === Infinity) asked.untilMs = nowMs + LEDGER_MS;
      this.#release(nowMs);
      return kept;
    } catch (error) {
      if (this.#ledger === asked) this.#ledger = undefined;
      throw error;
    }
  }

  /** The ledger, where it is there at once; otherwise it is for the next who asks. */
  async ledgerIfReady(): Promise<KeptLedger | undefined> {
    const isSoon = await this.#isLedgerSoon();
    const ready = this.ledger().catch(() => undefined);
    if (!isSoon) return undefined;
    const waited = new AbortController();
    const late = sleep(LEDGER_WAIT_MS, waited.signal).then(() => undefined);
    return await Promise.race([ready, late]).finally(() => waited.abort());
  }

  /** Whether the ledger was made before, or is made of few days. */
  async #isLedgerSoon(): Promise<boolean> {
    const { archiveDir } = this.settings;
    return await pathExists(join(newsDir(archiveDir), LEDGER_FILE)) ||
      (await listSummaries(summaryDir(archiveDir))).length <= FEW_DAYS;
  }

  /** Lets go of a ledger that is too old to be asked again. */
  tidy(): void {
    if (this.#ledger !== undefined && this.#ledger.untilMs < this.clock.monotonicMs()) {
      this.#ledger = undefined;
    }
  }

  async owner(): Promise<OwnerWords> {
    return await readOwner(this.settings.archiveDir);
  }

  /** The devices, with the names that their owner gave them. */
  async devices(): Promise<{ readonly devices: Device[]; readonly kept: KeptLedger }> {
    const kept = await this.ledger();
    return { devices: householdDevices(kept.ledger, (await this.owner()).names), kept };
  }

  async makers(): Promise<(mac: string) => string | undefined> {
    return await (this.#makers ??= openMakers());
  }

  /** What the owner calls the devices that answers name. */
  async deviceLabels(): Promise<(label: string) => string> {
    const { names } = await this.owner();
    if (Object.keys(names).length === 0) return (label) => label;
    const kept = await this.ledgerIfReady();
    if (kept === undefined) return (label) => label;
    const renamed = householdDevices(kept.ledger, names).filter(({ ownName }) =>
      ownName !== undefined
    );
    return (label) => renamed.find((device) => isCalled(device, label))?.label ?? label;
  }

  /** Changes what the owner says, one change after the other. @returns what `change` returns beside the words */
  async changeOwner<T>(
    change: (words: OwnerWords) => Promise<{ readonly words: OwnerWords; readonly result: T }>,
  ): Promise<T> {
    const { archiveDir } = this.settings;
    const changed = this.#changes.then(async () => {
      const { words, result } = await change(await readOwner(archiveDir));
      await writeOwner(archiveDir, words);
      return result;
    });
    this.#changes = changed.catch(() => {});
    return await changed;
  }
}
