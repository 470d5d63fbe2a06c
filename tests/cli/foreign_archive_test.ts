/** An archive that somebody has edited, cut, and filled with what other programs write stops no question. */

import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { flowLine } from "../news/flow_line.ts";
import { wifilogger } from "../program.ts";

const DAY = "2026-11-20";
const GOOD = flowLine({
  endMs: Date.UTC(2026, 10, 20, 12),
  ip: "192.168.1.20",
  name: "ours.example",
  id: "a-1",
});

/** Lines that are no records. */
const FOREIGN = [
  "",
  "not JSON at all \u0000 \u001b]0;owned\u0007",
  "{",
  "null",
  "[]",
  "7",
  '"text"',
  "{}",
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `{"a":${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}}`,
  "x".repeat(3 << 20),
  '{"ts":1700000000.1,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"9.9.9.9","proto":"tcp"}',
  '{"@timestamp":"2026-11-20T12:00:00.000Z","message":"another program\'s"}',
  '{"timestamp":"2026-11-20T12:00:00.000+0100","event_type":"flow","src_ip":"10.0.0.1"}',
  GOOD.slice(0, 200),
  GOOD.replace(/"bytes":\d+/g, '"bytes":"many"'),
  GOOD.replace(/"bytes":\d+/g, '"bytes":null'),
  GOOD.replace(/"ip":"[^"]*"/g, '"ip":{}'),
  GOOD.replace(/"@timestamp":"[^"]*"/, '"@timestamp":"yesterday"'),
  GOOD.replace(/"wifilogger":\{.*$/, '"wifilogger":[]}'),
  GOOD.replace(/"network":\{[^}]*\}/, '"network":7'),
];

Deno.test("a compressed day that is damaged or cut is said, and the other days are answered", async () => {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
  try {
    const archive = join(folder, "logs");
    await Deno.mkdir(archive);
    await Deno.writeTextFile(join(archive, `${DAY}.log`), GOOD + "\n");
    const whole = gzipSync(`${GOOD}\n`.repeat(100));
    const damaged = whole.map((byte, i) => i === whole.length >> 1 ? byte ^ 0xff : byte);
    const days = ["2026-11-17", "2026-11-18", "2026-11-19"];
    for (const [i, bytes] of [new Uint8Array(0), damaged, whole.subarray(0, -20)].entries()) {
      await Deno.writeFile(join(archive, `${days[i]}.log.gz`), bytes);
    }
    const env = {
      WIFILOGGER_ARCHIVE_DIR: archive,
      WIFILOGGER_RAM_LOG: join(folder, "today.log"),
      HOME: folder,
    };
    for (
      const question of ["tail", "report", "export", "news", "devices", "profile 192.168.1.20"]
    ) {
      const span = /tail|devices/.test(question) ? [] : ["--since", "2026-11-01"];
      const flags = question === "tail" ? ["--lines", "1000"] : span;
      const { code, stdout, stderr } = await wifilogger([...question.split(" "), ...flags], {
        env,
      });
      assertEquals(code, 1, `${question}: ${stderr}`);
      for (const day of days) {
        assertMatch(stderr, new RegExp(`^wifilogger: reading .*/${day}.log.gz: .*Restore it`, "m"));
      }
      assert(stdout.includes("192.168.1.20") || question === "news", `${question}: ${stdout}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an archive of other people's lines stops no question, and what is ours is answered", async () => {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
  try {
    const archive = join(folder, "logs");
    await Deno.mkdir(archive);
    const lines = FOREIGN.flatMap((line) => [line, GOOD]);
    const text = `\ufeff${lines.join("\n")}\r\n${GOOD}\n${GOOD.slice(0, 90)}`;
    await Deno.writeTextFile(join(archive, `${DAY}.log`), text);
    await Deno.writeTextFile(join(archive, "notes.txt"), "mine");
    const env = {
      WIFILOGGER_ARCHIVE_DIR: archive,
      WIFILOGGER_RAM_LOG: join(folder, "today.log"),
      HOME: folder,
    };
    const span = ["--since", DAY, "--until", "2026-11-21"];
    const good = FOREIGN.length + 1;
    const ask = async (...args: string[]) => {
      const { code, stdout, stderr } = await wifilogger([...args, ...span], { env });
      assertEquals(code, 0, `${args}: ${stderr}`);
      assert(!stderr.includes("    at "), stderr);
      assert(!stdout.includes("\u001b]0;"), `${args}: an escape reached the terminal`);
      return stdout;
    };
    const tail = (await ask("tail", "--format", "json")).trimEnd().split("\n");
    assertEquals(tail.filter((line) => line.trimEnd() === GOOD).length, good);
    await ask("tail");
    const { total } = JSON.parse(await ask("report", "--format", "json"));
    assertEquals(total.bytes % JSON.parse(GOOD).network.bytes, 0);
    assert(total.bytes >= good * JSON.parse(GOOD).network.bytes, JSON.stringify(total));
    for (const format of ["csv", "zeek", "eve"]) await ask("export", "--format", format);
    await ask("news", "--format", "json");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
