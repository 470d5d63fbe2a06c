/** `wifilogger top` in terminals of its own, beside a control socket with a household's flows. */

import { fromFileUrl, join } from "@std/path";
import { compiled } from "../appliance/compiled.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM, wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { inTerminal, type TerminalOptions } from "../terminal.ts";

const SERVER = fromFileUrl(new URL("./live_flows_server.ts", import.meta.url));
const noTmux = lacks({ commands: ["tmux"] });

/** A household's control socket, and the program that asks it. */
async function household(program: readonly string[] = PROGRAM) {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
  const socket = join(folder, "control.sock");
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SERVER, socket],
    stdout: "piped",
  }).spawn();
  const reader = server.stdout.getReader();
  await reader.read();
  const flags = [
    ...["--control-socket", socket, "--ram-log", join(folder, "today.log")],
    ...["--archive-dir", join(folder, "logs")],
  ];
  return {
    once: (...args: string[]) => wifilogger(["top", ...flags, ...args]),
    top: (options: TerminalOptions, ...args: string[]) => {
      const words = [...program, "top", ...flags, ...args].join(" ");
      return inTerminal(`echo before; ${words}; echo "over $?"; exec sleep 60`, {
        ...options,
        env: { LANG: "C.UTF-8", NO_COLOR: "", ...options.env },
      });
    },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await reader.cancel();
      await server.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Without the figures and the time, which differ from look to look. */
function rowsOf(screen: string, columns: number): string[] {
  return screen.split("\n").slice(3).map((line) => line.slice(0, columns).trimEnd());
}

testWhen(
  noTmux,
  "`top` fills 80x24, the busiest flow first, and nothing hostile gets through",
  async () => {
    await using home = await household();
    await using top = await home.top({ columns: 80, rows: 24 });
    const screen = await top.shows((text) => text.includes("MB/s"), "rates");
    const lines = screen.split("\n");
    assertEquals(lines.length, 24);
    assert(/^wifilogger top {2}\d\d:\d\d:\d\d {2}6 flows/.test(lines[0]), lines[0]);
    assertEquals(rowsOf(screen, 36).slice(0, 5), [
      "tv            -> video.example.com",
      "phone         -> a-very-…ample.co.uk",
      "居間のテレビ  -> 動画.example.jp      tls".slice(0, 36).trimEnd(),
      "bad\\u…02eeman -> evil\\u0…example.net",
      "phone         -> 93.184.216.34",
    ]);
    assert(screen.includes("<- 203.0.113.9"), "what came in is told");
    const coloured = await top.screen({ colours: true });
    assert(coloured.includes("\x1b[36mphone"), coloured);
    await top.press("/", "v", "i", "d", "Enter");
    const filtered = await top.shows((text) => text.includes("filter: vid"), "filter");
    assertEquals(rowsOf(filtered, 2).filter((row) => row === "tv").length, 1);
    assert(!filtered.includes("phone"), filtered);
    await top.press("q");
    const after = await top.shows((text) => text.includes("over 0"), "end");
    assertEquals(after, "before\nover 0");
  },
);

testWhen(noTmux, "`top` groups, opens, goes back, and follows a resize", async () => {
  await using home = await household();
  await using top = await home.top({ columns: 200, rows: 50 }, "--by", "device");
  await top.shows((text) => text.includes("MB/s") && text.includes("by device"), "devices");
  await top.press("j", "Enter");
  const opened = await top.shows((text) => text.includes("device phone"), "opened device");
  assertStringIncludes(opened, "does-not-fit-anywhere.cdn.example.co.uk");
  assert(!opened.includes("video.example.com"), opened);
  await top.press("Escape");
  await top.shows((text) => text.includes("by device"), "devices again");
  await top.press("4", "n");
  const sites = await top.shows((text) => text.includes("by site, from A on"), "sites");
  assertStringIncludes(sites, "example.co.uk");
  await top.resize(80, 24);
  const small = await top.shows((text) => text.split("\n").length === 24, "small screen");
  assertStringIncludes(small, "q quit");
  await top.press("?");
  await top.shows((text) => text.includes("choose a row"), "help");
});

testWhen(noTmux, "`top` gives the terminal back on Ctrl-C and on SIGTERM", async () => {
  await using home = await household();
  const options = { columns: 80, rows: 24, env: { NO_COLOR: "1" } };
  {
    await using top = await home.top(options);
    const screen = await top.shows((text) => text.includes("q quit"), "screen");
    assertEquals(await top.screen({ colours: true }), screen, "NO_COLOR");
    await top.press("C-c");
    assertEquals(await top.shows((text) => text.includes("over"), "end"), "before\nover 0");
  }
  await using top = await home.top({ ...options, env: { LANG: "C", LC_ALL: "C" } });
  const ascii = await top.shows((text) => text.includes("MB/s"), "rates");
  // deno-lint-ignore no-control-regex
  assert(/^[\x00-\x7f]*$/.test(ascii), ascii);
  Deno.kill(await top.pid(), "SIGTERM");
  assertEquals(await top.shows((text) => text.includes("over"), "end"), "before\nover 0");
});

testWhen(noTmux, "the compiled `top` fills its screen, with and without colour", async () => {
  await using home = await household([await compiled(Deno.build.arch)]);
  for (const [columns, rows] of [[80, 24], [200, 50]]) {
    for (const noColor of ["", "1"]) {
      await using top = await home.top({ columns, rows, env: { NO_COLOR: noColor } });
      const screen = await top.shows((text) => text.includes("MB/s"), "rates");
      assertEquals(screen.split("\n").length, rows);
      assertEquals(rowsOf(screen, 14).slice(0, 2).map((row) => row.trimEnd()), ["tv", "phone"]);
      const coloured = await top.screen({ colours: true });
      assertEquals(coloured.includes("\x1b[36mphone"), noColor === "", coloured);
      await top.press("C-c");
      assertEquals(await top.shows((text) => text.includes("over"), "end"), "before\nover 0");
    }
  }
});

Deno.test("`top` prints its table once where output is no terminal", async () => {
  await using home = await household();
  const { code, stdout, stderr } = await home.once("--by", "country");
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.slice(3).map((line) => line.split("  ")[0]), [
    "United States",
    "United Kingdom",
    "Japan",
    "unknown",
  ]);
  assert(!stdout.includes("\x1b"), stdout);
});
