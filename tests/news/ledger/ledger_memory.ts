/**
 * Prints what a ledger of 100,000 entries takes: `scripts/dev.sh bench:ledger`. One process makes the ledger, another one
 * measures what it takes to hold it, to add to it and to ask it.
 */

import { fromFileUrl } from "@std/path";
import { LedgerLines } from "../../../news/ledger/kept_ledger.ts";
import { decodeLedger, encodeLedger } from "../../../news/ledger/ledger_file.ts";
import { Ledger, MAX_ENTRIES } from "../../../news/ledger/ledger.ts";
import { findNews } from "../../../news/rules/find_news.ts";
import { seededRandom } from "../../../scripts/seeded_random.ts";
import { flowLine } from "../flow_line.ts";

declare const gc: () => void;

const DAY_MS = 24 * 3600e3;
const START_MS = Date.UTC(2026, 0, 1, 12);
const LINES = 200;

/** 40 devices, 40,000 sites of 600 owners, 60 days, in the order of time. */
function fill(ledger: Ledger, entries: number): void {
  const random = seededRandom(4);
  const encoder = new TextEncoder();
  const lines = new LedgerLines(ledger);
  for (let number = 0; ledger.entries.length < entries;) {
    let text = "";
    for (let i = 0; i < LINES; i++, number++) {
      const site = Math.floor(random() * 40_000);
      const device = 10 + Math.floor(random() * 40);
      text += flowLine({
        endMs: START_MS + number * 90_000,
        mac: `b8:27:eb:00:00:${device}`,
        ip: `192.168.178.${device}`,
        host: `device-${device}`,
        name: `host${site % 7}.site-number-${site}.com`,
        country: ["US", "DE", "NL", "IE", "FR", "GB"][site % 6],
        owner: `Network owner ${site % 600}`,
        id: String(number),
      }) + "\n";
    }
    lines.read(encoder.encode(text));
  }
}

function resident(): number {
  gc();
  gc();
  return Deno.memoryUsage().rss;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

if (Deno.args[0] === "make") {
  const ledger = new Ledger();
  fill(ledger, MAX_ENTRIES);
  await Deno.writeFile(Deno.args[1], await encodeLedger({ days: {}, ledger }));
} else {
  const path = await Deno.makeTempFile({ prefix: "wifilogger-test-" });
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", fromFileUrl(import.meta.url), "make", path],
  }).output();
  if (!success) throw new Error("no ledger was made");
  // What the code takes, and the list of public suffixes, is there before.
  fill(new Ledger(), 3000);
  resident();
  const before = Deno.memoryUsage();
  let startMs = performance.now();
  const { ledger } = decodeLedger(await Deno.readFile(path));
  const readMs = performance.now() - startMs;
  const now = resident();
  const { heapUsed, external } = Deno.memoryUsage();
  console.log(`${ledger.entries.length} entries: ${megabytes(now - before.rss)} more resident`);
  const held = heapUsed - before.heapUsed + external - before.external;
  console.log(`of these it holds: ${megabytes(held)}`);
  console.log(`its file: ${megabytes(Deno.statSync(path).size)}, read in ${readMs.toFixed()} ms`);
  startMs = performance.now();
  const untilMs = Infinity;
  const news = findNews(ledger, {
    sinceMs: START_MS + 50 * DAY_MS,
    untilMs,
    learningMs: 7 * DAY_MS,
  });
  console.log(`${news.length} news found in ${(performance.now() - startMs).toFixed()} ms`);
  await Deno.remove(path);
}
