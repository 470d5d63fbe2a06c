/** The table of commands and that of settings, and the help that is made from them. */

import { COMMAND_LIST, COMMANDS } from "../../cli/usage/command_table.ts";
import { commandHelp, mainHelp } from "../../cli/usage/help.ts";
import { SETTING_LIST } from "../../service/settings/setting_table.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

Deno.test("the help of `run` names every setting's flag and its default", () => {
  const help = commandHelp(COMMANDS.run).replaceAll(/\s+/g, " ");
  for (const { name, flag, fallback } of SETTING_LIST) {
    if (flag === undefined) continue;
    assertStringIncludes(help, `--${flag} `);
    assert(fallback === undefined || help.includes(`(${fallback})`), `${name}: ${fallback}`);
  }
});

Deno.test("every command stands in the list of commands, and no help text is too wide", () => {
  for (const command of COMMAND_LIST) assertStringIncludes(mainHelp(), command.purpose);
  for (const help of [mainHelp(), ...COMMAND_LIST.map(commandHelp)]) {
    for (const line of help.split("\n")) assert(line.length <= 120, line);
  }
});

Deno.test("no two flags of a command have one name or one letter", () => {
  for (const { name, flags } of COMMAND_LIST) {
    const words = flags.flatMap(({ name, letter }) => [name, letter]).filter(Boolean);
    assertEquals(words.length, new Set(words).size, name);
  }
});

Deno.test("no two settings have one name or one flag, and each is read from its own default", () => {
  const words = SETTING_LIST.flatMap(({ name, flag }) => [name, flag]).filter(Boolean);
  assertEquals(words.length, new Set(words).size);
  for (const { read, fallback } of SETTING_LIST) {
    if (fallback !== undefined) read(fallback, "/home/pi");
  }
});
