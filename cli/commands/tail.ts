/** `wifilogger tail`: the newest records of the log, or those of a span of time, from archive and RAM. */

import { askFlows } from "../../service/control/control_client.ts";
import { parseLine } from "../../record/logged_line.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { isWanted, type RecordFilter } from "../../record/record_filter.ts";
import { daysOf } from "../../report/question/written_question.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import { type LogSection, openSnapshot } from "../../storage/log_snapshot.ts";
import { expectNoPositional, numberOf, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, exitCodeOf } from "../usage/exit_error.ts";
import { LiveLines } from "../text/live_lines.ts";
import { recordLine } from "../text/record_row.ts";
import { standardTerminal } from "../text/terminal.ts";
import { sayError, sayForeign } from "../text/say_error.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";
import { writeOut } from "../text/standard_output.ts";

const DEFAULT_LINES = 20;
/** How often it is looked whether something came. */
const FOLLOW_MS = 1000;
/** Flows under way that are asked for: those that have moved most. */
const LIVE_FLOWS = 50;
/** Characters that are printed at once. */
const PORTION = 64 * 1024;

/** Prints them, oldest first. What cannot be read is said, and the rest is printed. @returns the exit code */
export async function tail(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.tail, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", ["text", "json"]) ?? "text";
  const { ramLogPath, archiveDir, billingDay, controlSocketPath } = logSettingsFrom(args);
  const filter = filterFrom(args, { nowMs: Date.now(), billingDay });
  // Undefined: all.
  const isOfSpan = filter.sinceMs !== undefined || filter.untilMs !== undefined;
  const count = numberOf(args, "lines", "records") ?? (isOfSpan ? undefined : DEFAULT_LINES);
  const range = { ramLogPath, archiveDir, ...daysOf(filter) };
  const reading = new Reading(filter, format, args.has("debug"));
  const follower = args.has("follow")
    ? new LogFollower({ ...range, identityOf: recordIdentity })
    : undefined;
  try {
    {
      using log = await (follower?.start() ?? openSnapshot(range));
      await (count === undefined
        ? reading.printAll(log.sections)
        : reading.printLast(log.sections, count));
    }
    if (follower === undefined) reading.finish();
    else await reading.follow(follower, format === "text" ? controlSocketPath : undefined);
  } catch (error) {
    // The reader of the output has gone, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT_DONE;
    throw error;
  }
  return reading.exitCode;
}

/** A record that is to be printed. */
interface Found {
  readonly day: string;
  /** Without its end. */
  readonly text: string;
}

/** Reads sections and prints what is wanted of them. */
class Reading {
  readonly #filter: RecordFilter;
  readonly #format: "text" | "json";
  readonly #isDebug: boolean;
  #exitCode = EXIT_DONE;
  #printedDay = "";
  #waiting = "";
  #isAnyPrinted = false;
  #foreign = 0;
  /** The failure that was said last. */
  #said = "";
  readonly #terminal = standardTerminal();

  constructor(filter: RecordFilter, format: "text" | "json", isDebug: boolean) {
    this.#filter = filter;
    this.#format = format;
    this.#isDebug = isDebug;
  }

  /** Of what could not be read. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** As they stand, with memory for one line. */
  async printAll(sections: readonly LogSection[]): Promise<void> {
    for (const section of sections) {
      await this.#find(section, (found) => this.#print(found));
    }
  }

  /** The last `count`: sections are read from the newest on, until there are enough. */
  async printLast(sections: readonly LogSection[], count: number): Promise<void> {
    let last: Found[] = [];
    for (const section of sections.toReversed()) {
      const wanted = count - last.length;
      if (wanted === 0) break;
      const found: Found[] = [];
      await this.#find(section, (one) => {
        found.push(one);
        if (found.length >= 2 * wanted) found.splice(0, found.length - wanted);
      });
      last = [...found.slice(-wanted), ...last];
    }
    for (const found of last) this.#print(found);
  }

  /** Prints what comes, until the reader of the output has gone; and flows under way, where a logger's socket is given. */
  async follow(follower: LogFollower, socketPath: string | undefined): Promise<never> {
    const live = new LiveLines(this.#filter);
    this.#writeOut();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
      await this.#reported(async () => {
        for await (const line of follower.lines()) this.#take(line, (found) => this.#print(found));
      });
      // With no logger, or one that this user may not ask, there are records all the same.
      const flows = socketPath && await askFlows(socketPath, LIVE_FLOWS).catch(() => undefined);
      for (const flow of flows ? live.take(flows) : []) {
        const text = recordLine(flow, this.#terminal, { isLive: true });
        this.#print({ day: localDay(Date.parse(flow["@timestamp"])), text });
      }
      this.#writeOut();
    }
  }

  async #find(section: LogSection, take: (found: Found) => void): Promise<void> {
    const decoder = new TextDecoder();
    await this.#reported(async () => {
      for await (const bytes of section.lines()) this.#take(decoder.decode(bytes), take);
    });
  }

  #take(line: string, take: (found: Found) => void): void {
    const record = parseLine(line);
    if (record === undefined) this.#foreign++;
    else if (isWanted(record, this.#filter)) {
      const text = this.#format === "json" ? line : recordLine(record, this.#terminal);
      take({ day: localDay(Date.parse(record["@timestamp"])), text });
    }
  }

  /** Says what could not be read, once in a row. */
  async #reported(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#said = "";
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      this.#exitCode = Math.max(this.#exitCode, exitCodeOf(error));
      if (this.#said === String(error)) return;
      this.#said = String(error);
      sayError(error, this.#isDebug);
    }
  }

  #print({ day, text }: Found): void {
    if (this.#format === "text" && day !== this.#printedDay) {
      this.#waiting += `${this.#printedDay === "" ? "" : "\n"}${day}\n`;
      this.#printedDay = day;
    }
    this.#waiting += text + "\n";
    this.#isAnyPrinted = true;
    if (this.#waiting.length >= PORTION) this.#writeOut();
  }

  #writeOut(): void {
    const text = this.#waiting;
    this.#waiting = "";
    writeOut(text);
  }

  /** Says what there was none of, and what was left out. */
  finish(): void {
    this.#writeOut();
    if (!this.#isAnyPrinted) console.error("wifilogger: there is no such record in the log");
    sayForeign(this.#foreign);
  }
}
