/** `wifilogger known`: what the owner has looked at, and need not be told again. */

import {
  isMarked,
  type KnownMark,
  markOf,
  type OwnerWords,
  readOwner,
  writeOwner,
} from "../../news/owner/owner_file.ts";
import { withMarks, withoutMarks } from "../../news/owner/owner_changes.ts";
import { marksCsv, marksJson, marksTable } from "../../news/render/marks_text.ts";
import { findNews } from "../../news/rules/find_news.ts";
import { householdDevices } from "../../news/rules/household_devices.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { tableLook, writeText } from "../text/answer_output.ts";
import { shownLedger } from "../text/shown_ledger.ts";
import { type Arguments, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, UsageError } from "../usage/exit_error.ts";
import { NEWS_FORMATS } from "../usage/flag_words.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

const WEEK_MS = 7 * 24 * 3600e3;
const USAGE = "Write: wifilogger known list, known add [FLAGS] or known remove [FLAGS]";

/** @returns the exit code */
export async function known(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.known, argv);
  const [action = "list", ...rest] = args.positional;
  if (rest.length > 0) throw new UsageError(`known ${action} takes no "${rest[0]}". ${USAGE}`);
  const { archiveDir } = logSettingsFrom(args);
  const words = await readOwner(archiveDir);
  switch (action) {
    case "list":
      return await list(args, words);
    case "add":
      return await add(args, words);
    case "remove":
      return await remove(args, words);
    default:
      throw new UsageError(`known has no "${action}". ${USAGE}`);
  }
}

async function list(args: Arguments, { names, known }: OwnerWords): Promise<number> {
  const format = oneOf(args, "format", NEWS_FORMATS) ?? "table";
  const { ramLogPath, archiveDir } = logSettingsFrom(args);
  const { ledger } = await shownLedger({ ramLogPath, archiveDir });
  const devices = householdDevices(ledger, names);
  writeText({
    table: () => marksTable(known, devices, tableLook()),
    json: () => marksJson(known, devices),
    csv: () => marksCsv(known, devices),
  }[format]());
  return EXIT_DONE;
}

async function add(args: Arguments, words: OwnerWords): Promise<number> {
  const marks = args.has("all") ? await marksOfNews(args, words) : await marksOf(args, words);
  const { words: marked, changed } = withMarks(words, marks);
  await writeOwner(logSettingsFrom(args).archiveDir, marked);
  console.log(changed === 1 ? "1 thing is known now" : `${changed} things are known now`);
  return EXIT_DONE;
}

async function remove(args: Arguments, words: OwnerWords): Promise<number> {
  const { words: left, changed } = withoutMarks(
    words,
    args.has("all") ? "all" : await marksOf(args, words),
  );
  if (changed === 0) {
    console.error("wifilogger: nothing of that kind is known. See: wifilogger known list");
    return EXIT_FAILED;
  }
  await writeOwner(logSettingsFrom(args).archiveDir, left);
  console.log(
    changed === 1 ? "1 thing is no longer known" : `${changed} things are no longer known`,
  );
  return EXIT_DONE;
}

/** Everything that is new now. */
async function marksOfNews(args: Arguments, { names, known }: OwnerWords): Promise<KnownMark[]> {
  const { ramLogPath, archiveDir, billingDay, learningMs } = logSettingsFrom(args);
  const nowMs = Date.now();
  const { sinceMs = nowMs - WEEK_MS } = filterFrom(args, { nowMs, billingDay });
  const { ledger } = await shownLedger({ ramLogPath, archiveDir });
  return findNews(ledger, {
    sinceMs,
    untilMs: Infinity,
    learningMs,
    ownNames: names,
    isKnown: isMarked(known),
  }).map(markOf);
}

/** What the flags name: a device, or things that it, or any device, may meet. */
async function marksOf(args: Arguments, { names }: OwnerWords): Promise<KnownMark[]> {
  const { ramLogPath, archiveDir } = logSettingsFrom(args);
  const word = args.value("device");
  let device: string | undefined;
  if (word !== undefined) {
    const { ledger } = await shownLedger({ ramLogPath, archiveDir });
    device = oneDevice(householdDevices(ledger, names), word).id;
  }
  const marks = (["site", "country", "owner", "service"] as const).flatMap((kind): KnownMark[] =>
    args.values(kind).map((text) => ({
      kind,
      what: kind === "country" && /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : text,
      ...(device !== undefined && { device }),
    }))
  );
  if (marks.length > 0) return marks;
  if (device !== undefined) return [{ kind: "device", device }];
  throw new UsageError(
    "known needs what is known: --device, --site, --country, --owner, --service, or --all",
  );
}
