/** Other loggers' habits: signals, `tail -F`, modes, and flushing from outside, by another user and twice at once. */

import { join } from "@std/path";
import { fileNames } from "../storage/scratch.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { type LoopbackLogger, startOnLoopback } from "./log_on_loopback.ts";
import { eventually } from "../../scripts/household/eventually.ts";

const missing = lacks({ root: true, commands: ["tail"] });
/** `nobody` and `nogroup` on Debian. */
const NOBODY = 65534;

function archiveText({ archiveDir }: LoopbackLogger): string {
  try {
    return [...Deno.readDirSync(archiveDir)].filter(({ name }) => name.endsWith(".log"))
      .map(({ name }) => Deno.readTextFileSync(join(archiveDir, name))).join("");
  } catch {
    return "";
  }
}

async function untilInRam({ ramLogPath }: LoopbackLogger): Promise<string> {
  await eventually("a record in the RAM log", () => Deno.readTextFileSync(ramLogPath) !== "");
  return Deno.readTextFileSync(ramLogPath);
}

async function flushNow(logger: LoopbackLogger, user: { uid?: number; gid?: number } = {}) {
  const [program, ...first] = PROGRAM;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...first, "--flush-now", "--control-socket", logger.controlSocketPath],
    env: { HOME: logger.home },
    ...user,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

testWhen(
  missing,
  "SIGUSR1 moves the log to the archive, which the group may read and others not",
  async () => {
    await using logger = await startOnLoopback();
    const inRam = await untilInRam(logger);
    logger.signal("SIGUSR1");
    await eventually("the records in the archive", () => archiveText(logger) === inRam);
    assertEquals(Deno.readTextFileSync(logger.ramLogPath), "");
    const [{ name }] = [...Deno.readDirSync(logger.archiveDir)].filter(({ name }) =>
      name.endsWith(".log")
    );
    const modes = [logger.ramLogPath, logger.archiveDir, join(logger.archiveDir, name)]
      .map((path) => (Deno.statSync(path).mode! & 0o777).toString(8));
    assertEquals(modes, ["640", "750", "640"]);
    assertEquals(Deno.statSync(join(logger.archiveDir, name)).uid, Deno.uid());
  },
);

testWhen(
  missing,
  "SIGHUP goes on in a fresh file when somebody has moved the log away",
  async () => {
    await using logger = await startOnLoopback();
    const inRam = await untilInRam(logger);
    const moved = join(logger.home, "moved.log");
    await Deno.rename(logger.ramLogPath, moved);
    logger.signal("SIGHUP");
    await eventually(
      "a fresh log",
      () => Deno.stat(logger.ramLogPath).then(() => true, () => false),
    );
    assertEquals(Deno.readTextFileSync(moved), inRam);
    const { log } = await logger.status();
    assertEquals([log.ramRecords, log.failedFlushes], [0, 0]);
  },
);

testWhen(missing, "`tail -F` follows the log through flushes", async () => {
  await using logger = await startOnLoopback();
  const inRam = await untilInRam(logger);
  const tail = new Deno.Command("tail", {
    args: ["-n", "+1", "--sleep-interval=0.1", "-F", logger.ramLogPath],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let followed = "";
  const reading = (async () => {
    for await (const text of tail.stdout.pipeThrough(new TextDecoderStream())) followed += text;
  })();
  try {
    await eventually("the first record", () => followed === inRam);
    const lines: string[] = [];
    for (let flush = 0; flush < 3; flush++) {
      assertEquals((await flushNow(logger)).code, 0);
      // A record that the logger did not make is moved like any other.
      lines.push(`{"flush":${flush}}\n`);
      Deno.writeTextFileSync(logger.ramLogPath, lines[flush], { append: true });
      await eventually("the line after the flush", () => followed === inRam + lines.join(""));
    }
  } finally {
    tail.kill("SIGTERM");
    await tail.status;
    await reading;
  }
});

testWhen(
  missing,
  "--flush-now twice at once: both are answered, and each record is archived once",
  async () => {
    await using logger = await startOnLoopback();
    const inRam = await untilInRam(logger);
    logger.signal("SIGUSR1");
    const answers = await Promise.all([flushNow(logger), flushNow(logger)]);
    for (const { code, stderr } of answers) assertEquals(code, 0, stderr);
    assertEquals(archiveText(logger), inRam);
  },
);

testWhen(
  missing,
  "the control socket lets a member of its group flush, and refuses another user",
  async () => {
    await using logger = await startOnLoopback();
    const inRam = await untilInRam(logger);
    const flushAs = (uid: number, gid: number) => flushNow(logger, { uid, gid });
    const refused = await flushAs(NOBODY, NOBODY);
    assert(refused.code !== 0);
    assertStringIncludes(refused.stderr, "as a member of its group");
    assertEquals(archiveText(logger), "");
    await Deno.chown(logger.controlSocketPath, 0, NOBODY);
    const { code, stdout, stderr } = await flushAs(NOBODY, NOBODY);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "flushed 1 record");
    assertEquals(archiveText(logger), inRam);
  },
);

testWhen(
  missing,
  "run compresses days that are over and drops what is beyond the retention",
  async () => {
    const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    const archiveDir = join(home, "logs");
    await Deno.mkdir(archiveDir);
    const lines = Array.from({ length: 9000 }, () => `{"noise":${Math.random()}}\n`).join("");
    for (const day of ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04", "2020-01-05"]) {
      await Deno.writeTextFile(join(archiveDir, `${day}.log`), lines);
    }
    const names = () =>
      [...Deno.readDirSync(archiveDir)].map(({ name }) => name).filter((name) => name < "2021")
        .sort();
    try {
      await using logger = await startOnLoopback({
        WIFILOGGER_ARCHIVE_DIR: archiveDir,
        WIFILOGGER_FLUSH_INTERVAL: "1s",
        WIFILOGGER_RETENTION: "1MB",
      });
      await eventually("one day dropped", () => names().length === 4);
      const compressed = [2, 3, 4, 5].map((day) => `2020-01-0${day}.log.gz`);
      await eventually("the others compressed", () => names().join() === compressed.join());
      const sums = join(archiveDir, "summaries");
      const summed = [2, 3, 4, 5].map((day) => `2020-01-0${day}.summary`);
      await eventually("the others summed", () => fileNames(sums).join() === summed.join());
      // The last file is there a moment before it is counted as written; two flushes later it is.
      for (let flush = 1; flush <= 2; flush++) {
        const { lastFlush } = (await logger.status()).log;
        await eventually(
          "a further flush",
          async () => (await logger.status()).log.lastFlush?.at !== lastFlush?.at,
        );
      }
      const { log, card } = await logger.status();
      assertEquals([log.droppedDays, log.compressedDays], [1, 4]);
      const [program, ...first] = PROGRAM;
      const status = await new Deno.Command(program, {
        args: [...first, "status", "--control-socket", logger.controlSocketPath],
        env: { HOME: home },
      }).output();
      assertStringIncludes(
        new TextDecoder().decode(status.stdout),
        ` in ${card.today.syncs} syncs written today`,
      );
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);
