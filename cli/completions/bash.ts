/** Completion for bash, by itself: nothing of the package bash-completion is used. */

import type { Command } from "../usage/command_table.ts";
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

/** The script that bash is to read. */
export function bashCompletion(): string {
  const names = COMMAND_WORDS.map(({ name }) => name);
  return `\
# Completion of wifilogger for bash. Made by: wifilogger completions bash
_wifilogger() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=${UNNAMED}
  local flags= kind=anything words= given
  # bash takes the = of --flag=value for a word of its own.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case \${COMP_WORDS[1]} in
    ${names.join(" | ")}) ((COMP_CWORD == 1)) || command=\${COMP_WORDS[1]} ;;
    *)
      for given in "\${COMP_WORDS[@]:1}"; do
        [[ $given != --flush-now ]] || command=--flush-now
      done
      ;;
  esac
  case $command in
${COMMAND_LIST.map(commandCase).join("\n")}
  esac
  if ((COMP_CWORD == 1)); then
    kind=words
    words='${names.join(" ")}'
    flags+=' ${FIRST_FLAGS.join(" ")}'
  fi
  if [[ $word == -* && $kind != value-* ]]; then
    kind=words
    words=$flags
  fi
  case \${kind#value-} in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
    interfaces) mapfile -t COMPREPLY < <(compgen -W "any $(command ls /sys/class/net)" -- "$word") ;;
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    folders)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      ;;
    *) COMPREPLY=() ;;
  esac
}
complete -F _wifilogger wifilogger
`;
}

function commandCase(command: Command): string {
  const flags = [...command.flags.flatMap(spellings), "--help"];
  const values = command.flags.flatMap((flag) => {
    const value = flagValue(flag);
    if (value === undefined) return [];
    return [`        ${spellings(flag).join(" | ")}) ${assignments(value, "value-")} ;;`];
  });
  return `\
    ${command.name})
      flags='${flags.join(" ")}'
      case $before in
${values.join("\n")}
        *) ${assignments(operandValue(command), "")} ;;
      esac
      ;;`;
}

function assignments(value: Value, prefix: string): string {
  const words = value.kind === "words" ? ` words='${value.words.join(" ")}'` : "";
  return `kind=${prefix}${value.kind}${words}`;
}
