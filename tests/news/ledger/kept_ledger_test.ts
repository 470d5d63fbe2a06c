/** The ledger of a real archive and RAM log: kept, taken up again or made anew, it is the same. */

import fc from "fast-check";
import { join } from "@std/path";
import type { LogRecord } from "../../../record/log_record.ts";
import { keepSummaries } from "../../../report/summary/summaries.ts";
import { LEDGER_FILE, newsDir, openLedger } from "../../../news/ledger/kept_ledger.ts";
import { Ledger } from "../../../news/ledger/ledger.ts";
import { forgottenText } from "../../../news/render/news_text.ts";
import { NewsWatch } from "../../../news/telling/news_watch.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { HandClock } from "../../hand_clock.ts";
import { lineOf, madeUpRecords } from "../../report/export/made_up_log.ts";
import { flowLine, type MadeUpFlow } from "../flow_line.ts";
import { ledgerText } from "./ledger_text.ts";

/** Devices of several addresses and names, one of which has no MAC address at times. */
const flow = fc.record({
  endMs: fc.integer({ min: Date.UTC(2026, 10, 20), max: Date.UTC(2026, 10, 24) - 1 }),
  mac: fc.constantFrom(undefined, "b8:27:eb:00:00:01", "b8:27:eb:00:00:02", "da:00:00:00:00:03"),
  ip: fc.constantFrom("192.168.1.20", "192.168.1.21", "2001:db8::1", "2001:db8::2"),
  host: fc.constantFrom(undefined, "tv", "phone"),
  name: fc.constantFrom("unknown", "www.example.org", "a.example.org", "example.net", "é.example"),
  evidence: fc.constantFrom("tls_sni", "dns", "ptr", "none"),
  country: fc.constantFrom(undefined, "DE", "NL"),
  owner: fc.constantFrom(undefined, "One", "Two"),
  transport: fc.constantFrom("tcp", "udp"),
  port: fc.constantFrom(443, 53, 50123, 60999),
  direction: fc.constantFrom("outbound", "inbound"),
  up: fc.nat(1e9),
  down: fc.nat(1e9),
});

let made = 0;

function lineOfFlow(fields: Omit<MadeUpFlow, "id">): { day: string; line: string } {
  return {
    day: localDay(fields.endMs),
    line: flowLine({ ...fields, id: `id${made++}` }),
  };
}

async function openArchive() {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const place = { archiveDir: join(home, "wifi_logger/logs"), ramLogPath: join(home, "today.log") };
  await Deno.mkdir(place.archiveDir, { recursive: true });
  return {
    place,
    async append(lines: readonly { day: string; line: string }[]) {
      for (const { day, line } of lines) {
        const path = join(place.archiveDir, `${day}.log`);
        await Deno.writeTextFile(path, line + "\n", { append: true });
      }
    },
    /** Sums so many days more, the oldest first. */
    async sum(days: number) {
      for (let i = 0; i < days; i++) {
        await keepSummaries({
          archiveDir: place.archiveDir,
          compressAfterDays: undefined,
          retention: { days: undefined, bytes: undefined },
          today: "2099-01-01",
          clockIsTrusted: true,
          card: { note() {} },
        });
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** A ledger that is made of nothing but records. */
async function fromRecords(place: { archiveDir: string; ramLogPath: string }) {
  const bare = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  try {
    for await (const { name, isFile } of Deno.readDir(place.archiveDir)) {
      if (isFile) await Deno.copyFile(join(place.archiveDir, name), join(bare, name));
    }
    const { ledger } = await openLedger({ ...place, archiveDir: bare });
    return ledgerText(ledger);
  } finally {
    await Deno.remove(bare, { recursive: true });
  }
}

Deno.test("a ledger that is kept over days and late lines is the one that is made anew", async () => {
  const portion = fc.record({ flows: fc.array(flow, { maxLength: 12 }), summed: fc.nat(2) });
  let saved = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(portion, { minLength: 1, maxLength: 5 }), async (portions) => {
      await using archive = await openArchive();
      for (const { flows, summed } of portions) {
        await archive.append(flows.map(lineOfFlow));
        await archive.sum(summed);
        const { ledger, faults, isSaved } = await openLedger(archive.place);
        if (isSaved) saved++;
        assertEquals(faults, []);
        assertEquals(ledgerText(ledger), await fromRecords(archive.place));
      }
      await Deno.remove(newsDir(archive.place.archiveDir), { recursive: true }).catch(() => {});
      const { ledger } = await openLedger(archive.place);
      assertEquals(ledgerText(ledger), await fromRecords(archive.place));
    }),
    { numRuns: 60 },
  );
  assert(saved > 30, "files were written, and read");
});

Deno.test("a ledger that is kept live, record by record, is the one that is made anew", async () => {
  const portion = fc.record({
    flows: fc.array(flow, { maxLength: 8 }),
    summed: fc.nat(1),
    hours: fc.constantFrom(0, 1, 30),
    isInRam: fc.boolean(),
  });
  let looks = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(portion, { minLength: 2, maxLength: 5 }), async (portions) => {
      await using archive = await openArchive();
      const { place } = archive;
      const clock = new HandClock(Date.UTC(2026, 10, 24));
      const watch = await NewsWatch.open({
        place,
        clock,
        learningMs: 0,
        limits: [],
        billingDay: 1,
        digest: "off",
        receivers: ["somebody"],
        stateLines: () => Promise.resolve([]),
        warn: (message) => {
          throw new Error(message);
        },
      });
      for (const { flows, summed, hours, isInRam } of portions) {
        const lines = flows.map(lineOfFlow);
        if (isInRam) {
          const text = lines.map(({ line }) => line + "\n").join("");
          await Deno.writeTextFile(place.ramLogPath, text, { append: true });
        } else await archive.append(lines);
        await archive.sum(summed);
        clock.pass(hours * 3600e3);
        await watch.look();
        looks++;
        assertEquals(ledgerText(watch.ledger), await fromRecords(place));
      }
    }),
    { numRuns: 40 },
  );
  assert(looks > 80);
});

Deno.test("a ledger that many bring up to date at once is whole for each of them, and afterwards", async () => {
  await using archive = await openArchive();
  const { place } = archive;
  const path = join(newsDir(place.archiveDir), LEDGER_FILE);
  const anyFlows = fc.sample(flow, 400);
  let saved = 0;
  for (let round = 0; round < 20; round++) {
    await archive.append(anyFlows.slice(round * 20, (round + 1) * 20).map(lineOfFlow));
    await archive.sum(round % 3);
    // Made anew in some rounds, and in others a day is added.
    if (round % 4 === 3) await Deno.remove(path).catch(() => {});
    const expected = await fromRecords(place);
    const opened = await Promise.all(Array.from({ length: 6 }, () => openLedger(place)));
    for (const { ledger, faults, isSaved } of opened) {
      if (isSaved) saved++;
      assertEquals(faults, []);
      assertEquals(ledgerText(ledger), expected);
    }
    assertEquals(ledgerText((await openLedger(place)).ledger), expected);
  }
  assert(saved > 5, `the file was written ${saved} times`);
});

Deno.test("any record of a log can be taken into a ledger, gaps and merged flows too", async () => {
  await fc.assert(
    fc.asyncProperty(madeUpRecords, async (records: LogRecord[]) => {
      await using archive = await openArchive();
      await archive.append(
        records.map((record) => ({
          day: localDay(Date.parse(record["@timestamp"])),
          line: lineOf(record),
        })),
      );
      const before = ledgerText((await openLedger(archive.place)).ledger);
      await archive.sum(9);
      assertEquals(ledgerText((await openLedger(archive.place)).ledger), before);
      // The second time from the file alone.
      const { isSaved, ledger } = await openLedger(archive.place);
      assertEquals(isSaved, false);
      assertEquals(ledgerText(ledger), before);
    }),
    { numRuns: 40 },
  );
});

Deno.test("a ledger keeps to its bounds, forgets sites of chatty networks first, and counts them", async () => {
  await using archive = await openArchive();
  const lines = [];
  const startMs = Date.UTC(2026, 10, 20, 12);
  const fields = { mac: "b8:27:eb:00:00:01", ip: "192.168.1.20", country: "DE" };
  for (let i = 0; i < 400; i++) {
    const dayMs = Math.floor(i / 100) * 24 * 3600e3;
    const chatty = { name: `n${i}.example${i}.org`, owner: "Content" };
    const quiet = { name: `www.quiet${i}.org`, owner: `Owner ${i % 40}` };
    lines.push(lineOfFlow({ ...fields, endMs: startMs + dayMs + i, ...chatty }));
    if (i % 4 === 0) lines.push(lineOfFlow({ ...fields, endMs: startMs + dayMs + i, ...quiet }));
  }
  await archive.append(lines);
  await archive.sum(9);
  const bounds = { maxEntries: 600, maxDevices: 10 };
  const { ledger } = await openLedger({ ...archive.place, bounds });
  assert(ledger.entries.length <= 600, `${ledger.entries.length}`);
  assert(ledger.forgotten.entries > 300, JSON.stringify(ledger.forgotten));
  assertMatch(
    forgottenText(ledger.forgotten),
    /^\n\d+ firsts and 0 devices of long ago were forgotten/,
  );
  const sites = new Set(
    Array.from(
      { length: ledger.entries.length },
      (_, i) => ledger.words.wordOf(ledger.entries.wordAt(i)),
    )
      .filter(({ kind }) => kind === "site").map(({ text }) => text),
  );
  for (let i = 0; i < 400; i += 4) assert(sites.has(`quiet${i}.org`), `quiet${i}.org`);
  assert(!sites.has("example0.org"), "an old one of the content network");
  assert(sites.has("example399.org"), "the newest one of the content network");
});

Deno.test("a ledger takes up facts in any order", () => {
  const facts = [5, 3, 9].map((hour) => ({ hour, owner: `Owner ${hour}` }));
  const texts = [facts, facts.toReversed()].map((some) => {
    const ledger = new Ledger();
    for (const { hour, owner } of some) {
      const { vocabulary } = ledger;
      ledger.fact({
        hourMs: Date.UTC(2026, 10, 20, hour),
        device: vocabulary.device("b8:27:eb:00:00:01", "tv", "192.168.1.20"),
        name: vocabulary.name("www.example.org"),
        country: vocabulary.country("DE", "Germany"),
        owner: vocabulary.owner(1, owner),
        service: vocabulary.service("tcp", "tls", 443),
        direction: vocabulary.direction("outbound"),
        evidence: vocabulary.evidence("tls_sni"),
        upBytes: 1,
        downBytes: 2,
        packets: 2,
        flows: 1,
      });
    }
    return ledgerText(ledger);
  });
  assertEquals(texts[0], texts[1]);
});

Deno.test("the ledger keeps the sums of the last 63 days that have any, a day of 2038 among them or not", async () => {
  await using archive = await openArchive();
  const flowAt = (endMs: number) =>
    lineOfFlow({ endMs, ip: "192.168.1.20", mac: "b8:27:eb:00:00:01", up: 1, down: 1 });
  const times = Array.from({ length: 70 }, (_, i) => Date.UTC(2026, 8, 1 + i, 12));
  await archive.append([...times, Date.UTC(2038, 0, 19, 12)].map(flowAt));
  const { ledger } = await openLedger(archive.place);
  ledger.forget();
  const days = ledgerText(ledger).filter((line) =>
    line.startsWith('{"device":"household","kind":"day"')
  ).map((line) => JSON.parse(line).text);
  assertEquals([days.length, days[0], days.at(-1)], [63, localDay(times[8]), "2038-01-19"]);
});
