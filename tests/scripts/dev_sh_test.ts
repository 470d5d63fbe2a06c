/** dev.sh, on a small project of its own that borrows this one's .tools. */

import { fromFileUrl, join } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** Runs `body` with the dev.sh of a folder, with a space in its name, whose main.ts is `program`. */
async function withProject(program: string, body: (devSh: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "dev sh " });
  try {
    await Deno.mkdir(join(folder, "scripts"));
    await Deno.mkdir(join(folder, "web/page"), { recursive: true });
    for (const file of ["scripts/dev.sh", "deno.json", "deno.lock", "web/page/deno.json"]) {
      await Deno.copyFile(join(ROOT, file), join(folder, file));
    }
    await Deno.symlink(join(ROOT, ".tools"), join(folder, ".tools"));
    await Deno.writeTextFile(join(folder, "main.ts"), program);
    await body(join(folder, "scripts/dev.sh"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function command(devSh: string, args: string[]) {
  return new Deno.Command(devSh, { args, cwd: "/", stdout: "piped", stderr: "piped" });
}

Deno.test("dev.sh without a task, or with an unknown one, lists every task and ends with 2", async () => {
  for (const args of [[], ["nonesuch"]]) {
    const { code, stderr } = await command(join(ROOT, "scripts/dev.sh"), args).output();
    assertEquals(code, 2);
    const usage = new TextDecoder().decode(stderr);
    for (const [name, { description }] of Object.entries(project.tasks)) {
      assertStringIncludes(usage, description);
      assertMatch(usage, new RegExp(`^  ${name} `, "m"));
    }
  }
});

testWhen(lacks({ root: true }), "dev.sh hands on arguments and exit code as they are", async () => {
  await withProject("console.log(JSON.stringify(Deno.args)); Deno.exit(3);", async (devSh) => {
    const { code, stdout } = await command(devSh, ["start", "a  b", "*"]).output();
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), ["run", "a  b", "*"]);
    assertEquals(code, 3);
  });
});

testWhen(
  lacks({ root: true }),
  "dev.sh becomes the program, so that a signal reaches it",
  async () => {
    const program = `
    Deno.addSignalListener("SIGTERM", () => Deno.exit(2));
    setInterval(() => {}, 1000);
    console.log("ready");`;
    await withProject(program, async (devSh) => {
      const child = command(devSh, ["start"]).spawn();
      const output = child.stdout.getReader();
      await output.read();
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 2);
      await output.cancel();
      await child.stderr.cancel();
    });
  },
);
