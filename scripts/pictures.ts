/**
 * Makes the README's pictures anew: `scripts/dev.sh pictures`. The program runs from its sources in a terminal (tmux), on
 * days of the made-up household; `top` beside a control socket on which some of that household's flows go on.
 */

import { join } from "@std/path";
import type { FlowRecord } from "../record/log_record.ts";
import { serveControls } from "../service/control/control_server.ts";
import { localDay } from "../storage/day/calendar_day.ts";
import { inTerminal } from "../tests/terminal.ts";
import { PROGRAM } from "../tests/program.ts";
import { householdDay, householdLines } from "./made_up_log/household_day.ts";
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

/** Flows that go on: each look finds more of them. */
async function serveFlows(path: string): Promise<AsyncDisposable> {
  const startMs = Date.now() - 60_000;
  const seen = new Set<string>();
  const flows = [...householdDay({ startMs, records: 960, seed: 3 })]
    .filter(({ network, destination: { domain } }) => {
      const isTaken = network.direction === "outbound" && !seen.has(domain) && network.bytes > 9000;
      seen.add(domain);
      return isTaken;
    }).slice(0, 60);
  let looks = 0;
  const unasked = () => {
    throw new Error("not asked for here");
  };
  const server = await serveControls(path, {
    status: unasked,
    places: unasked,
    flush: unasked,
    forgetPlaces: unasked,
    async *flows() {
      looks++;
      const all = { flows: flows.length, bytes: 0, packets: 0 };
      yield `{"at":"${new Date().toISOString()}","all":${JSON.stringify(all)},"flows":[`;
      yield flows.map((flow, i) => JSON.stringify(grown(flow, looks + 0.3 * Math.sin(looks + i))))
        .join();
      yield "]}";
    },
  }, console.error);
  return { [Symbol.asyncDispose]: async () => await server?.shutdown() };
}

function grown(flow: FlowRecord, times: number) {
  const end = (end: FlowRecord["source"]) => ({
    ...end,
    bytes: Math.round(end.bytes * times),
    packets: Math.ceil(end.packets * times),
  });
  const source = end(flow.source);
  const destination = { ...flow.destination, ...end(flow.destination) };
  const now = new Date().toISOString();
  return {
    ...flow,
    "@timestamp": now,
    event: { ...flow.event, end: now.replace("Z", "000Z") },
    network: {
      ...flow.network,
      bytes: source.bytes + destination.bytes,
      packets: source.packets + destination.packets,
    },
    source,
    destination,
    wifilogger: { ...flow.wifilogger, part: 0, end_reason: "active" },
    unwritten: {
      source: { bytes: source.bytes, packets: source.packets },
      destination: { bytes: destination.bytes, packets: destination.packets },
    },
  };
}

await main();
