/**
 * `read` of files so long that a thread of its own makes the records. Standard input has none: what it gives is what
 * must come out.
 */

import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { lacksLibpcap } from "../capture/source/lacks_libpcap.ts";
import { LONG_CAPTURE_PACKETS, longCapture } from "../long_capture.ts";
import { type Outcome, PROGRAM, wifilogger } from "../program.ts";
import { testWhen } from "../skip.ts";

const MISSING = lacksLibpcap() ??
  (navigator.hardwareConcurrency > 1 ? null : "there is one processor, and so one thread");

testWhen(MISSING, "a long file gives the records that standard input gives", async () => {
  using file = longCapture();
  for (const format of ["json", "text"]) {
    const args = ["read", "--format", format];
    const asInput = await wifilogger([...args, "-"], { stdin: await Deno.readFile(file.path) });
    const asFile = await wifilogger([...args, file.path]);
    assertEquals([asInput.code, asFile.code], [0, 0], asFile.stderr);
    assertEquals(asFile.stdout, asInput.stdout);
    assertEquals(asFile.stderr.replace(file.path, "standard input"), asInput.stderr);
    assertMatch(
      asFile.stderr,
      new RegExp(`: ${LONG_CAPTURE_PACKETS} frames, .* damaged IP packets, `),
    );
  }
});

testWhen(MISSING, "two long files are read one after the other, and said", async () => {
  using file = longCapture();
  using cut = longCapture({ cutBytes: 7 });
  const one = await wifilogger(["read", file.path]);
  const both = await wifilogger(["read", cut.path, file.path]);
  assertEquals(both.code, 1);
  assertEquals(lines(both.stdout).length, 2 * lines(one.stdout).length);
  const said = lines(both.stderr);
  assertEquals(said.length, 3, both.stderr);
  assertStringIncludes(said[0], cut.path);
  assertStringIncludes(said[1], "truncated dump file");
  assertStringIncludes(said[2], file.path);
});

testWhen(MISSING, "a database that cannot be used is said once, before any record", async () => {
  using file = longCapture();
  const { code, stdout, stderr } = await wifilogger([
    ...["read", "--geo-db", "/nonexistent.mmdb", file.path, file.path],
  ]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /^wifilogger: [^\n]*\/nonexistent\.mmdb[^\n]+\n$/);
});

testWhen(MISSING, "a reader that goes away, as `head` does, ends it without a word", async () => {
  using file = longCapture();
  const { code, stdout, stderr } = await piped(`read ${file.path}`, "| head -n 3");
  assertEquals([code, lines(stdout).length, stderr], [0, 3, ""]);
});

testWhen(MISSING, "an output that cannot be written to is said in one line", async () => {
  using file = longCapture();
  const { code, stderr } = await piped(`read ${file.path}`, "> /dev/full");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^wifilogger: cannot write to standard output: No space left on device[^\n]*\n$/,
  );
});

testWhen(MISSING, "a slow reader of the output gets everything", async () => {
  using file = longCapture();
  const { code, stdout } = await piped(`read ${file.path}`, "| (sleep 2; cat)");
  const { stdout: atOnce } = await wifilogger(["read", file.path]);
  assertEquals(code, 0);
  assert(stdout === atOnce);
});

/** Runs the program in a shell that keeps its exit code. */
async function piped(args: string, into: string): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const codeFile = join(folder, "code");
  const program = PROGRAM.map((word) => `'${word}'`).join(" ");
  const output = await new Deno.Command("bash", {
    args: ["-c", `{ ${program} ${args}; echo $? > ${codeFile}; } ${into}`],
    env: { NO_COLOR: "1" },
  }).output();
  const code = Number(await Deno.readTextFile(codeFile));
  await Deno.remove(folder, { recursive: true });
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

function lines(text: string): string[] {
  return text.trimEnd().split("\n");
}
