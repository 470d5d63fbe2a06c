import { fromFileUrl } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { manual } from "../../cli/usage/manual.ts";
import { MANUAL } from "../../scripts/manual.ts";
import { COMMAND_LIST } from "../../cli/usage/command_table.ts";
import { SETTING_LIST } from "../../service/settings/setting_table.ts";

Deno.test("the manual is that of the tables; scripts/dev.sh man makes it anew", async () => {
  assert(await Deno.readTextFile(MANUAL) === manual(), "man/wifilogger.1 is out of date");
});

testWhen(
  lacks({ commands: ["mandoc"] }),
  "the manual shows every command, flag and setting, and is without faults",
  async () => {
    const lint = await mandoc("-Tlint", "-Wstyle");
    assertEquals(lint, { success: true, stdout: "" });
    const { stdout } = await mandoc("-Tascii");
    // deno-lint-ignore no-control-regex
    const shown = stdout.replaceAll(/.\x08/g, "");
    for (const { name, flags } of COMMAND_LIST) {
      assertStringIncludes(shown, `\n   ${name}`);
      for (const flag of flags) assertStringIncludes(shown, `--${flag.name}`);
    }
    for (const { name, isHidden } of SETTING_LIST) {
      assert(
        isHidden || shown.includes(`${name}=`),
        name,
      );
    }
  },
);

async function mandoc(...args: string[]): Promise<{ success: boolean; stdout: string }> {
  const { success, stdout } = await new Deno.Command("mandoc", {
    args: [...args, fromFileUrl(MANUAL)],
  }).output();
  return { success, stdout: new TextDecoder().decode(stdout) };
}
