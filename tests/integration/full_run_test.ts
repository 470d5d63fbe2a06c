/** A logger whose `/run` has no room left: it cannot be asked, and logs all the same. */

import { join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM } from "../program.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";

testWhen(
  lacks({ root: true }),
  "run with a full /run logs, and says that it cannot be asked",
  async () => {
    const home = await Deno.makeTempDir({ prefix: "wifilogger-run-" });
    const run = join(home, "run");
    await Deno.mkdir(run);
    // Room for a folder and one file: each socket is one.
    const options = { args: ["-t", "tmpfs", "-o", "size=4k,nr_inodes=2", "tmpfs", run] };
    assert((await new Deno.Command("mount", options).output()).success);
    try {
      await Deno.writeFile(join(run, "filler"), new Uint8Array(4096));
      const [program, ...args] = PROGRAM;
      const child = new Deno.Command(program, {
        args: [...args, "run", "--interface", "lo"],
        env: {
          HOME: home,
          WIFILOGGER_RAM_LOG: join(home, "today.log"),
          WIFILOGGER_CONTROL_SOCKET: join(run, "wifilogger/control.sock"),
        },
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const said = new Response(child.stderr).text();
      const inRam = await eventually(
        "a record in RAM",
        async () => await Deno.readTextFile(join(home, "today.log")).catch(() => "") || undefined,
      );
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0, await said);
      assertStringIncludes(
        await said,
        `warning: control: cannot open the control socket ${run}/wifilogger/control.sock: No space left on device`,
      );
      const archive = join(home, "wifi_logger/logs");
      const texts = [...Deno.readDirSync(archive)].filter(({ name }) => name.endsWith(".log"))
        .map(({ name }) => Deno.readTextFileSync(join(archive, name)));
      assert(texts.join("").startsWith(inRam));
      assertEquals(parseRecords(texts.join("")).length > 0, true);
    } finally {
      await new Deno.Command("umount", { args: [run] }).output();
      await Deno.remove(home, { recursive: true });
    }
  },
);
