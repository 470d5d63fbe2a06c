/** `wifilogger news`: what was not there before, the weightiest first. */

import { householdNews } from "../../news/household_news.ts";
import { readOwner } from "../../news/owner/owner_file.ts";
import { forgottenText, newsCsv, newsJson, newsTable } from "../../news/render/news_text.ts";
import { NEWS_FORMATS } from "../usage/flag_words.ts";
import { expectNoPositional, numberOf, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";
import { printFaults, tableLook, writeText } from "../text/answer_output.ts";
import { shownLedger } from "../text/shown_ledger.ts";

const DEFAULT_ROWS = 20;
const WEEK_MS = 7 * 24 * 3600e3;

/** @returns the exit code */
export async function news(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.news, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", NEWS_FORMATS) ?? "table";
  const maxRows = numberOf(args, "lines", "rows") ?? DEFAULT_ROWS;
  const { ramLogPath, archiveDir, billingDay, learningMs, limits } = logSettingsFrom(args);
  const nowMs = Date.now();
  const { sinceMs = nowMs - WEEK_MS, untilMs = Infinity, device } = filterFrom(args, {
    nowMs,
    billingDay,
  });
  const words = await readOwner(archiveDir);
  const { ledger, faults } = await shownLedger({ ramLogPath, archiveDir });
  const rules = { billingDay, learningMs, limits };
  const found = householdNews(ledger, words, rules, { sinceMs, untilMs, nowMs, device });
  writeText({
    table: () => newsTable(found, { ...tableLook(), maxRows }) + forgottenText(ledger.forgotten),
    json: () => newsJson(found),
    csv: () => newsCsv(found),
  }[format]());
  return printFaults(faults, args);
}
