/** The help texts, made from the table of commands. */

import { type Command, COMMAND_LIST, type Flag } from "./command_table.ts";

/** Columns that a help text may take. */
const WIDTH = 110;
/** Where the text about a flag begins. */
const FLAG_COLUMN = 29;
/** Where the text about a command begins. */
const COMMAND_COLUMN = 43;

/** For `wifilogger --help`. */
export function mainHelp(): string {
  const commands = COMMAND_LIST.map((command) =>
    row(`wifilogger ${invocation(command)}`, command.purpose, COMMAND_COLUMN)
  );
  return `\
wifilogger logs which device of your network talked to which named place, and how much.

Usage:
${commands.join("\n")}
${row("wifilogger --help | --version", "also: wifilogger COMMAND --help", COMMAND_COLUMN)}
${
    row(
      "wifilogger --version --licenses",
      "whose data are inside, and on what terms",
      COMMAND_COLUMN,
    )
  }

The log lies in RAM, /mnt/ramlogs/today.log, and is moved to ~/wifi_logger/logs/YYYY-MM-DD.log every
15 minutes, at midnight and when the logger stops. It is JSON, one record a line.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a privilege or a part of the system is missing.
`;
}

/** For `wifilogger COMMAND --help`. */
export function commandHelp(command: Command): string {
  const { name, operands, about, flags, notes } = command;
  const usage = ["wifilogger", name, operands, "[FLAGS]"].filter(Boolean).join(" ");
  const flagRows = flags.filter((flag) => `--${flag.name}` !== name).map((flag) =>
    row(flagText(flag), flagHelp(flag), FLAG_COLUMN)
  );
  const parts = [`Usage: ${usage}`, ...about.split("\n\n").map(wrap), flagRows.join("\n")];
  return [...parts, ...(notes === undefined ? [] : [notes])].join("\n\n") + "\n";
}

function invocation({ name, operands }: Command): string {
  if (name === "run") return "[run] [--interface NAME]...";
  return operands === undefined ? name : `${name} ${operands}`;
}

/** `-i, --interface NAME` */
function flagText({ name, letter, value }: Flag): string {
  const letterText = letter === undefined ? "" : `-${letter}, `;
  return `${letterText}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** What a flag does, with its default. */
function flagHelp({ help, fallback }: Flag): string {
  return fallback === undefined ? help : `${help} (${fallback})`;
}

/** `  left     right`, right wrapped below itself; on the next line where left is too wide. */
function row(left: string, right: string, column: number): string {
  const [first, ...rest] = lines(right, WIDTH - column);
  const indent = " ".repeat(column);
  const head = left.length + 4 > column
    ? `  ${left}\n${indent}${first}`
    : `  ${left}`.padEnd(column) + first;
  return [head, ...rest.map((line) => indent + line)].join("\n");
}

/** A paragraph in lines of `WIDTH`. */
export function wrap(text: string): string {
  return lines(text, WIDTH).join("\n");
}

function lines(text: string, width: number): string[] {
  const made: string[] = [];
  for (const word of text.split(" ")) {
    const last = made.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      made[made.length - 1] = `${last} ${word}`;
    } else made.push(word);
  }
  return made;
}
