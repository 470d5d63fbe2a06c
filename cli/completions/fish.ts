/** Completion for fish. */

import type { Command, Flag } from "../usage/command_table.ts";
import { COMMAND_LIST } from "../usage/command_table.ts";
import { COMMAND_WORDS, flagValue, operandValue, UNNAMED, type Value } from "./completed.ts";

/** The script that fish is to read. */
export function fishCompletion(): string {
  const names = COMMAND_WORDS.map(({ name }) => name).join(" ");
  const commands = COMMAND_WORDS.map(({ name, purpose }) =>
    `complete -c wifilogger -n __wifilogger_is_first -a ${name} -d ${quoted(purpose)}`
  );
  return `\
# Completion of wifilogger for fish. Made by: wifilogger completions fish
function __wifilogger_is_first
    test (count (commandline -opc)) -eq 1
end
function __wifilogger_is
    set -l words (commandline -opc)
    set -l name ${UNNAMED}
    if contains -- "$words[2]" ${names}
        set name $words[2]
    else if contains -- --flush-now $words
        set name --flush-now
    end
    test "$name" = "$argv[1]"
end
complete -c wifilogger -f
${commands.join("\n")}
complete -c wifilogger -n __wifilogger_is_first -l version -d 'the version'
complete -c wifilogger -n __wifilogger_is_first -l flush-now -d 'move the log now'
complete -c wifilogger -l help -s h -d 'show the flags'
${COMMAND_LIST.flatMap(commandLines).join("\n")}
`;
}

function commandLines(command: Command): string[] {
  const condition = `complete -c wifilogger -n '__wifilogger_is ${command.name}'`;
  const operand = operandValue(command);
  const operandLine = operand.kind === "anything" ? [] : [`${condition} ${optionsOf(operand)}`];
  return [
    ...operandLine.map((line) => line.replace(" -x ", " ").replace(" -r ", " ")),
    ...command.flags.map((flag) => `${condition} ${flagOptions(flag)}`),
  ];
}

function flagOptions(flag: Flag): string {
  const letter = flag.letter === undefined ? "" : ` -s ${flag.letter}`;
  const value = flagValue(flag);
  const options = value === undefined ? "" : ` ${optionsOf(value)}`;
  return `-l ${flag.name}${letter}${options} -d ${quoted(flag.help)}`;
}

function optionsOf(value: Value): string {
  switch (value.kind) {
    case "words":
      return `-x -a ${quoted(value.words.join(" "))}`;
    case "files":
      return "-r -F";
    case "folders":
      return "-x -a '(__fish_complete_directories)'";
    case "interfaces":
      return "-x -a 'any (command ls /sys/class/net)'";
    case "anything":
      return "-x";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
