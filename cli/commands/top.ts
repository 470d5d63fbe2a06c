/** `wifilogger top`: a live table of what goes on now, from the control socket; once, where nobody can press keys. */

import { askFlows, NoLoggerError } from "../../service/control/control_client.ts";
import { parseLine } from "../../record/logged_line.ts";
import type { LogRecord } from "../../record/log_record.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { isWanted, type RecordFilter } from "../../record/record_filter.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import { localTime } from "../text/record_text.ts";
import { writeOut } from "../text/standard_output.ts";
import { standardTerminal } from "../text/terminal.ts";
import { HEAD_LINES, headLines, HELP, rowLine, screenLines, type TopView } from "../top/screen.ts";
import { type Group, type Sort, Traffic } from "../../service/live_traffic.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED } from "../usage/exit_error.ts";
import { TOP_GROUPS, TOP_SORTS } from "../usage/flag_words.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

const LOOK_MS = 2000;
/** Between the two looks that rates are made of, where the table is printed once. */
const ONCE_MS = 1000;
const ONCE_ROWS = 20;
const LISTED_FLOWS = 2000;

/** Shows it until it is told to quit. @returns the exit code */
export async function top(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.top, argv);
  expectNoPositional(args);
  const settings = logSettingsFrom(args);
  const { ramLogPath, archiveDir, controlSocketPath: socketPath } = settings;
  const watch = new Watch({
    socketPath,
    follower: new LogFollower({ ramLogPath, archiveDir, identityOf: recordIdentity }),
    filter: filterFrom(args, { nowMs: Date.now(), billingDay: settings.billingDay }),
  });
  const group = oneOf(args, "by", TOP_GROUPS) ?? "flow";
  const sort = oneOf(args, "sort", TOP_SORTS) ?? "rate";
  await watch.look();
  const isInteractive = Deno.stdout.isTerminal() && Deno.stdin.isTerminal() &&
    Deno.env.get("TERM") !== "dumb";
  const isOnce = args.has("once") || !isInteractive;
  if (!isOnce) return await new Interactive(watch, group, sort).run();
  await new Promise((resolve) => setTimeout(resolve, ONCE_MS));
  await watch.look();
  const terminal = standardTerminal();
  const view = new Choice(group, sort).view(watch.traffic);
  const lines = [
    ...headLines(view, terminal),
    ...view.rows.slice(0, ONCE_ROWS).map((row) => rowLine(row, terminal)),
  ];
  writeOut(lines.map((line) => line.trimEnd() + "\n").join(""));
  return EXIT_DONE;
}

/** Looks at a logger again and again. */
class Watch {
  readonly traffic = new Traffic();
  readonly #options: { socketPath: string; follower: LogFollower; filter: RecordFilter };
  #isFollowing = false;

  constructor(options: { socketPath: string; follower: LogFollower; filter: RecordFilter }) {
    this.#options = options;
  }

  /** @throws {NoLoggerError} @throws {Error} what the logger answered */
  async look(): Promise<void> {
    const { socketPath, filter } = this.#options;
    const answer = await askFlows(socketPath, LISTED_FLOWS);
    const records = await this.#newRecords();
    this.traffic.take(
      { ...answer, flows: answer.flows.filter((flow) => isWanted(flow, filter)) },
      records.filter((record) => isWanted(record, filter)),
    );
  }

  /** None where this user may not read the log: then a flow is over without its last bytes. */
  async #newRecords(): Promise<LogRecord[]> {
    const { follower } = this.#options;
    try {
      if (!this.#isFollowing) {
        (await follower.start())[Symbol.dispose]();
        this.#isFollowing = true;
        return [];
      }
      const lines = await Array.fromAsync(follower.lines());
      return lines.flatMap((line) => parseLine(line) ?? []);
    } catch {
      return [];
    }
  }
}

/** What of the traffic is to be seen, and how. */
class Choice {
  group: Group;
  sort: Sort;
  filter = "";
  isTyping = false;
  isPaused = false;
  chosen = 0;
  first = 0;
  readonly opened: { group: Group; label: string }[] = [];

  constructor(group: Group, sort: Sort) {
    this.group = group;
    this.sort = sort;
  }

  view(traffic: Traffic, trouble?: string): TopView {
    const wanted = this.filter.toLowerCase();
    const rows = traffic.rows(
      this.group,
      this.sort,
      (words) =>
        this.opened.every(({ group, label }) => words[group] === label) &&
        (wanted === "" || Object.values(words).some((word) => word.toLowerCase().includes(wanted))),
    );
    return {
      time: localTime(new Date().toISOString()),
      rows,
      live: traffic.live,
      history: traffic.history,
      group: this.group,
      sort: this.sort,
      opened: this.opened.map(({ group, label }) => `${group} ${label}`),
      filter: this.filter,
      isTyping: this.isTyping,
      isPaused: this.isPaused,
      first: this.first,
      trouble,
    };
  }
}

const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l";

/** The full screen. Whatever ends it, the terminal is as it was before. */
class Interactive {
  readonly #watch: Watch;
  readonly #choice: Choice;
  readonly #over = Promise.withResolvers<number>();
  #view: TopView;
  #isHelp = false;
  #trouble: string | undefined;

  constructor(watch: Watch, group: Group, sort: Sort) {
    this.#watch = watch;
    this.#choice = new Choice(group, sort);
    this.#view = this.#choice.view(watch.traffic);
  }

  async run(): Promise<number> {
    const redraw = () => this.#draw();
    const interrupt = () => this.#over.resolve(EXIT_DONE);
    Deno.stdin.setRaw(true);
    writeOut(ENTER_SCREEN);
    Deno.addSignalListener("SIGWINCH", redraw);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, interrupt);
    }
    const timer = setInterval(() => void this.#look(), LOOK_MS);
    try {
      this.#draw();
      void this.#readKeys();
      return await this.#over.promise;
    } finally {
      clearInterval(timer);
      try {
        writeOut(LEAVE_SCREEN);
        Deno.stdin.setRaw(false);
      } catch {
        // The terminal has gone.
      }
      // A read of the keyboard is still waiting.
      setTimeout(() => Deno.exit(EXIT_DONE), 0);
    }
  }

  async #look(): Promise<void> {
    try {
      await this.#watch.look();
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof NoLoggerError
        ? "no logger is running now; waiting for it"
        : (error as Error).message;
    }
    if (!this.#choice.isPaused) this.#draw();
  }

  #draw(): void {
    const terminal = standardTerminal();
    const choice = this.#choice;
    if (!choice.isPaused || choice.isTyping) {
      this.#view = choice.view(this.#watch.traffic, this.#trouble);
    }
    const { rows } = this.#view;
    const room = Math.max(1, (terminal.size?.rows ?? 24) - HEAD_LINES - 1);
    choice.chosen = Math.max(0, Math.min(choice.chosen, rows.length - 1));
    if (choice.chosen < choice.first) choice.first = choice.chosen;
    if (choice.chosen >= choice.first + room) choice.first = choice.chosen - room + 1;
    const { chosen, first, isPaused } = choice;
    const lines = this.#isHelp
      ? HELP.slice(0, terminal.size?.rows)
      : screenLines({ ...this.#view, chosen, first, isPaused }, terminal);
    try {
      writeOut("\x1b[H" + lines.map((line) => `${line}\x1b[K`).join("\r\n") + "\x1b[J");
    } catch {
      this.#over.resolve(EXIT_FAILED);
    }
  }

  async #readKeys(): Promise<void> {
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(256);
    for (;;) {
      const length = await Deno.stdin.read(bytes).catch(() => null);
      if (length === null) return this.#over.resolve(EXIT_DONE);
      const text = decoder.decode(bytes.subarray(0, length), { stream: true });
      // An escape by itself, a sequence of a key, or a character.
      // deno-lint-ignore no-control-regex
      for (const key of text.match(/\x1b(?:[[O][0-9;]*[A-Za-z~])?|[^\x1b]/gu) ?? []) {
        this.#take(key);
      }
      this.#draw();
    }
  }

  #take(key: string): void {
    if (key === "\x03") return this.#over.resolve(EXIT_DONE);
    if (this.#choice.isTyping) return this.#type(key);
    if (this.#isHelp) {
      this.#isHelp = false;
      return;
    }
    const group = TOP_GROUPS[Number(key) - 1];
    if (group !== undefined) return this.#groupBy(group);
    const choice = this.#choice;
    const page = Math.max(1, (standardTerminal().size?.rows ?? 24) - HEAD_LINES - 2);
    switch (key) {
      case "q":
        return this.#over.resolve(EXIT_DONE);
      case "?":
      case "h":
        this.#isHelp = true;
        return;
      case " ":
        choice.isPaused = !choice.isPaused;
        return;
      case "/":
        choice.isTyping = true;
        return;
      case "g":
        return this.#groupBy(
          TOP_GROUPS[(TOP_GROUPS.indexOf(choice.group) + 1) % TOP_GROUPS.length],
        );
      case "r":
      case "t":
      case "u":
      case "d":
      case "n":
        choice.sort = TOP_SORTS.find((sort) => sort[0] === key)!;
        return;
      case "\r":
        return this.#open();
      case "\x1b":
      case "\x7f":
        return this.#back();
      case "\x1b[A":
      case "\x1bOA":
      case "k":
        choice.chosen--;
        return;
      case "\x1b[B":
      case "\x1bOB":
      case "j":
        choice.chosen++;
        return;
      case "\x1b[5~":
        choice.chosen -= page;
        return;
      case "\x1b[6~":
        choice.chosen += page;
        return;
    }
  }

  #type(key: string): void {
    const choice = this.#choice;
    if (key === "\r") choice.isTyping = false;
    else if (key === "\x1b") {
      choice.filter = "";
      choice.isTyping = false;
    } else if (key === "\x7f") choice.filter = [...choice.filter].slice(0, -1).join("");
    else if (key >= " ") choice.filter += key;
  }

  #groupBy(group: Group): void {
    Object.assign(this.#choice, { group, chosen: 0, first: 0, isPaused: false });
  }

  #open(): void {
    const { group, chosen } = this.#choice;
    const row = this.#view.rows[chosen];
    if (row === undefined) return;
    const opened = group === "flow" ? "device" : group;
    this.#choice.opened.push({ group: opened, label: row.label });
    this.#groupBy("flow");
  }

  #back(): void {
    const last = this.#choice.opened.pop();
    if (last !== undefined) this.#groupBy(last.group);
    else this.#choice.filter = "";
  }
}
