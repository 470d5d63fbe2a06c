/** Completion for zsh, by its own `_arguments`. */

import type { Command, Flag } from "../usage/command_table.ts";
import { COMMAND_LIST } from "../usage/command_table.ts";
import {
  COMMAND_WORDS,
  FIRST_FLAGS,
  flagValue,
  operandValue,
  spellings,
  UNNAMED,
  type Value,
} from "./completed.ts";

/** The script that zsh is to read: as `_wifilogger` in a folder of `$fpath`, or with `source`. */
export function zshCompletion(): string {
  const names = COMMAND_WORDS.map(({ name }) => name);
  const described = COMMAND_WORDS.map(({ name, purpose }) => `    ${quoted(`${name}:${purpose}`)}`);
  return `\
#compdef wifilogger
# Completion of wifilogger for zsh. Made by: wifilogger completions zsh
_wifilogger() {
  local command=${UNNAMED}
  local -a commands=(
${described.join("\n")}
  )
  if ((CURRENT == 2)); then
    if [[ $words[2] == -* ]]; then
      compadd -- ${FIRST_FLAGS.join(" ")}
    else
      _describe command commands
      return
    fi
  fi
  case $words[2] in
    ${names.join("|")})
      command=$words[2]
      shift words
      ((CURRENT--))
      ;;
    *) ((\${words[(I)--flush-now]})) && command=--flush-now ;;
  esac
  case $command in
${COMMAND_LIST.map(commandCase).join("\n")}
  esac
}
if [[ $funcstack[1] == _wifilogger ]]; then
  _wifilogger "$@"
else
  compdef _wifilogger wifilogger
fi
`;
}

function commandCase(command: Command): string {
  const operand = actionOf(operandValue(command));
  const specs = [
    ...command.flags.flatMap(flagSpecs),
    quoted("(-)--help[show this command's flags]"),
    ...(operand === " " ? [] : [quoted(`*:${command.operands ?? ""}:${operand}`)]),
  ];
  return `\
    ${command.name})
      _arguments \\
${specs.map((spec) => `        ${spec}`).join(" \\\n")}
      ;;`;
}

function flagSpecs(flag: Flag): string[] {
  const value = flagValue(flag);
  const help = `[${flag.help.replaceAll(/[\[\]\\:]/g, "\\$&")}]`;
  const others = flag.isList ? "*" : `(${spellings(flag).join(" ")})`;
  return spellings(flag).map((spelling) => {
    if (value === undefined) return quoted(`${others}${spelling}${help}`);
    const joint = spelling.startsWith("--") ? "=" : "+";
    return quoted(`${others}${spelling}${joint}${help}:${flag.value}:${actionOf(value)}`);
  });
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "interfaces":
      return "_net_interfaces";
    case "anything":
      return " ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
