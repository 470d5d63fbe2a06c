/** The command line: chooses the command, and turns what it throws into one line and an exit code. */

import { EXIT_DONE, exitCodeOf, UsageError } from "./usage/exit_error.ts";
import { sayError } from "./text/say_error.ts";
import { LICENCES } from "../service/program/licences.ts";
import { VERSION } from "../service/program/version.ts";

type Command = (argv: readonly string[]) => Promise<number>;

/** Each loads its part of the program on demand: all of it takes twice as long to load as `--version` in all. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).run,
  read: async () => (await import("./commands/read.ts")).read,
  tail: async () => (await import("./commands/tail.ts")).tail,
  report: async () => (await import("./commands/report.ts")).report,
  news: async () => (await import("./commands/news.ts")).news,
  known: async () => (await import("./commands/known.ts")).known,
  devices: async () => (await import("./commands/devices.ts")).devices,
  forget: async () => (await import("./commands/forget.ts")).forget,
  profile: async () => (await import("./commands/profile.ts")).profile,
  export: async () => (await import("./commands/export.ts")).exportLog,
  top: async () => (await import("./commands/top.ts")).top,
  status: async () => (await import("./commands/status.ts")).status,
  metrics: async () => (await import("./commands/metrics.ts")).metrics,
  forward: async () => (await import("./commands/forward.ts")).forward,
  web: async () => (await import("./commands/web.ts")).web,
  places: async () => (await import("./commands/places.ts")).places,
  lookup: async () => (await import("./commands/lookup.ts")).lookup,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  config: async () => (await import("./commands/config.ts")).config,
  completions: async () => (await import("./commands/completions.ts")).completions,
  manual: async () => (await import("./commands/manual.ts")).printManual,
};

/** Runs the program. @returns the exit code; never throws */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    sayError(error, argv.includes("--debug"));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  const flags = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  const isCommand = first !== undefined && Object.hasOwn(COMMANDS, first);
  const isFlush = !isCommand && flags.includes("--flush-now");

  if (flags.includes("--help") || flags.includes("-h")) {
    const name = isCommand ? first : isFlush ? "--flush-now" : undefined;
    console.log((await helpOf(name)).trimEnd());
    return EXIT_DONE;
  }
  if (flags.includes("--version")) {
    console.log(`wifilogger ${VERSION}`);
    if (flags.includes("--licenses")) console.log(`\n${LICENCES.trimEnd()}`);
    return EXIT_DONE;
  }
  if (isCommand) {
    const command = await COMMANDS[first]();
    return await command(argv.slice(1));
  }
  if (isFlush) {
    const { flushNow } = await import("./commands/flush_now.ts");
    return await flushNow(argv);
  }
  if (first !== undefined && !first.startsWith("-")) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new UsageError(
      `there is no command "${first}". Write one of: ${known}. See: wifilogger --help`,
    );
  }
  const run = await COMMANDS.run();
  return await run(argv);
}

/** The help of a command, or of the program. */
async function helpOf(name: string | undefined): Promise<string> {
  const { commandHelp, mainHelp } = await import("./usage/help.ts");
  const { COMMAND_LIST } = await import("./usage/command_table.ts");
  const command = COMMAND_LIST.find((command) => command.name === name);
  return command === undefined ? mainHelp() : commandHelp(command);
}
