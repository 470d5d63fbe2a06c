/** The rules over captures of real and hostile traffic: what would be told of each, as if its devices were known for a month. */

import { readdir } from "node:fs/promises";
import { LedgerLines } from "../../../news/ledger/kept_ledger.ts";
import { Ledger } from "../../../news/ledger/ledger.ts";
import { findNews } from "../../../news/rules/find_news.ts";
import { householdDevices } from "../../../news/rules/household_devices.ts";
import { planTellings } from "../../../news/telling/tell_plan.ts";
import { NOTHING_TOLD } from "../../../news/telling/told_file.ts";
import { assert } from "../../assert.ts";
import { capturePaths, lacksCaptures } from "../../captures.ts";
import { wifilogger } from "../../program.ts";
import { testWhen } from "../../skip.ts";

const DAY_MS = 24 * 3600e3;
/** Files that are given to `read` at once. */
const PORTION = 40;

testWhen(
  lacksCaptures(),
  "of real and hostile captures no more is told than of a household",
  async () => {
    const paths = capturePaths();
    assert(paths.length === (await readdir(paths[0].replace(/[^/]*$/, ""))).length);
    const counts: number[] = [];
    let [flows, devices, news] = [0, 0, 0];
    for (let i = 0; i < paths.length; i += PORTION) {
      const { stdout } = await wifilogger(["read", ...paths.slice(i, i + PORTION)]);
      const lines = stdout.split("\n").filter(Boolean);
      const times = lines.map((line) => Date.parse(JSON.parse(line)["@timestamp"]))
        .filter((ms) => ms > 0);
      const ledger = new Ledger();
      new LedgerLines(ledger).read(new TextEncoder().encode(lines.join("\n") + "\n"));
      flows += lines.length;
      devices += householdDevices(ledger).length;
      const sinceMs = Math.min(...times);
      const found = findNews(ledger, { sinceMs, untilMs: Infinity, learningMs: 0 });
      news += found.length;
      const days = Map.groupBy(found, ({ firstMs }) => Math.floor(firstMs / DAY_MS));
      let state = NOTHING_TOLD;
      for (const [day, items] of [...days].sort(([a], [b]) => a - b)) {
        let count = 0;
        // Every ten minutes of the day.
        for (let minute = 0; minute < 24 * 60; minute += 10) {
          const nowMs = day * DAY_MS + minute * 60e3;
          const step = planTellings(state, items, { nowMs, receivers: ["somebody"] });
          state = step.state;
          count += step.tellings.length;
          for (const { title, text } of step.tellings) {
            // deno-lint-ignore no-control-regex
            assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(title + text), title);
          }
        }
        counts.push(count);
      }
    }
    const most = Math.max(...counts);
    console.log(
      `${paths.length} captures, ${flows} records, ${devices} devices, ${news} news; ` +
        `told on ${counts.filter(Boolean).length} days, at most ${most} a day`,
    );
    assert(devices > 50 && news > 500, `${devices} devices, ${news} news`);
    // Local days and those of UTC do not end together.
    assert(most <= 8, `${most}`);
  },
);
