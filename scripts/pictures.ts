/**
 * Makes the README's pictures anew: `scripts/dev.sh pictures`. The program runs from its sources in a terminal (tmux), on
 * days of the made-up household; `top` beside a control socket on which some of that household's flows go on.
 */

import { join } from "@std/path";
import { localDay } from "../storage/day/calendar_day.ts";
import { inTerminal } from "../tests/terminal.ts";
import { PROGRAM } from "../tests/program.ts";
import { householdLines } from "./made_up_log/household_day.ts";
import { serveFlows } from "./made_up_log/live_flows.ts";
import { terminalSvg } from "./terminal_svg.ts";

const [COLUMNS, ROWS] = [100, 26];
const LAST_DAY = "2026-11-22";
const DAYS = 14;
const RECORDS = 5000;
const FOLDER = "docs/pictures";

async function main(): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger_pictures_" });
  const logs = join(home, "wifi_logger/logs");
  const socket = join(home, "control.sock");
  await Deno.mkdir(logs, { recursive: true });
  await Deno.mkdir(FOLDER, { recursive: true });
  const last = new Date(`${LAST_DAY}T00:00:00`);
  for (let i = 0; i < DAYS; i++) {
    const startMs = new Date(last).setDate(last.getDate() - i);
    const lines = [...householdLines({ startMs, records: RECORDS + 200 * (i % 7), seed: i })];
    await Deno.writeTextFile(join(logs, `${localDay(startMs)}.log`), lines.join(""));
  }
  await using _ = await serveFlows(socket);
  const env = {
    HOME: home,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    NO_COLOR: "",
    WIFILOGGER_RAM_LOG: join(home, "ram/today.log"),
    WIFILOGGER_CONTROL_SOCKET: socket,
  };
  const span = ["--since", "2026-11-16", "--until", LAST_DAY];
  const pictures: [name: string, args: string[], until: (screen: string) => boolean][] = [
    ["report", ["report", ...span, "--by", "site,country", "-n", "14"], ended],
    ["tail", ["tail", "-n", "18", "--until", LAST_DAY], ended],
    ["top", ["top"], (screen) => /[1-9].* [kM]B\/s/.test(screen) && /[▁▂▃▄▅▆▇█]{4}/.test(screen)],
  ];
  for (const [name, args, until] of pictures) {
    const command = `wifilogger ${args.join(" ")}`;
    const line = `${[...PROGRAM, ...args].join(" ")}; ${
      name === "top" ? "" : "echo END; "
    }sleep 60`;
    await using terminal = await inTerminal(line, { columns: COLUMNS, rows: ROWS, env });
    await terminal.shows(until, name);
    const screen = (await terminal.screen({ colours: true })).replace(/\n?END$/, "").trimEnd();
    await Deno.writeTextFile(join(FOLDER, `${name}.svg`), terminalSvg(screen, COLUMNS, command));
    console.log(`${FOLDER}/${name}.svg`);
  }
  await Deno.remove(home, { recursive: true });
}

const ended = (screen: string) => screen.endsWith("END");

await main();
