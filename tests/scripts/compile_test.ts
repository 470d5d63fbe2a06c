/** `scripts/compile.ts`: what comes out, and that it comes out the same again. */

import { fromFileUrl } from "@std/path";
import { sha256Hex } from "../../scripts/runtime_base.ts";
import { compiled } from "../appliance/compiled.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { longCapture } from "../long_capture.ts";
import { wifilogger } from "../program.ts";
import { testWhen } from "../skip.ts";
import { whyNoRuntimeBase } from "./runtime_base_missing.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const MACHINE = Deno.build.arch;

testWhen(
  await whyNoRuntimeBase(),
  "compile makes the same bytes again, when files were touched meanwhile, with a version that names the commit",
  async () => {
    const path = await compiled(MACHINE);
    const first = await sha256Hex(await Deno.readFile(path));
    const now = new Date();
    await Deno.utime(MAIN, now, now);
    await compiled(MACHINE);
    assertEquals(await sha256Hex(await Deno.readFile(path)), first);

    const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
    assertMatch(
      new TextDecoder().decode(stdout),
      /^wifilogger \d+\.\d+\.\d+\+([0-9a-f]{12}(\.modified)?|unknown)\n$/,
    );
  },
);

testWhen(
  await whyNoRuntimeBase(),
  "an executable has what `read` needs for a thread of its own",
  async () => {
    using file = longCapture();
    const path = await compiled(MACHINE);
    const { code, stdout } = await new Deno.Command(path, { args: ["read", file.path] }).output();
    assertEquals(code, 0);
    assert(new TextDecoder().decode(stdout) === (await wifilogger(["read", file.path])).stdout);
  },
);
