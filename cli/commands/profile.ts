/** `wifilogger profile DEVICE`: what a device speaks to regularly, also for a firewall, and what has changed. */

import { readOwner } from "../../news/owner/owner_file.ts";
import { mudFile } from "../../news/profile/mud_file.ts";
import { readProfile } from "../../news/profile/profile.ts";
import { changesBetween, profileJson, profileText } from "../../news/render/profile_text.ts";
import { householdDevices } from "../../news/rules/household_devices.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { parseMoment } from "../../report/question/moment.ts";
import { openMakers } from "../../service/device_makers.ts";
import { printFaults, tableLook, writeText } from "../text/answer_output.ts";
import { shownLedger } from "../text/shown_ledger.ts";
import { type Arguments, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { UsageError } from "../usage/exit_error.ts";
import { PROFILE_FORMATS } from "../usage/flag_words.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

const MONTH_MS = 30 * 24 * 3600e3;

/** @returns the exit code */
export async function profile(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.profile, argv);
  const [word, ...rest] = args.positional;
  if (word === undefined || rest.length > 0) {
    throw new UsageError("profile needs one device. See: wifilogger devices");
  }
  const format = oneOf(args, "format", PROFILE_FORMATS) ?? "text";
  const { ramLogPath, archiveDir, billingDay } = logSettingsFrom(args);
  const nowMs = Date.now();
  const { sinceMs = nowMs - MONTH_MS, untilMs = nowMs } = filterFrom(args, { nowMs, billingDay });
  const beforeMs = compareFrom(args, { nowMs, billingDay, sinceMs });
  if (beforeMs !== undefined && format === "mud") {
    throw new UsageError("--compare is for people and for json: a mud file has no place for it");
  }
  const log = { ramLogPath, archiveDir };
  const { names } = await readOwner(archiveDir);
  const { ledger } = await shownLedger(log);
  const device = oneDevice(householdDevices(ledger, names), word);
  const found = await readProfile(log, device, { sinceMs, untilMs });
  const before = beforeMs === undefined
    ? undefined
    : await readProfile(log, device, { sinceMs: beforeMs, untilMs: sinceMs });
  const changes = before && changesBetween(before, found);
  switch (format) {
    case "text":
      writeText(profileText(found, tableLook(), changes));
      break;
    case "json":
      writeText(profileJson(found, changes));
      break;
    case "mud": {
      const makerOf = await openMakers();
      const maker = device.macs.map(makerOf).find((one) => one !== undefined);
      const { mud, nameless } = mudFile(found, { nowMs, maker });
      writeText(JSON.stringify(mud, null, 2) + "\n");
      if (nameless.length > 0) {
        console.error(
          `wifilogger: warning: ${nameless.length} regular contacts have no name that a mud file ` +
            `could give. See: wifilogger profile ${word} --format json`,
        );
      }
    }
  }
  return printFaults([...found.faults, ...before?.faults ?? []], args);
}

function compareFrom(
  args: Arguments,
  { nowMs, billingDay, sinceMs }: {
    readonly nowMs: number;
    readonly billingDay: number;
    readonly sinceMs: number;
  },
): number | undefined {
  const text = args.value("compare");
  if (text === undefined) return undefined;
  let beforeMs: number;
  try {
    beforeMs = parseMoment(text, { nowMs, billingDay, isEnd: false });
  } catch (error) {
    throw new UsageError(`--compare=${text} is no moment. ${(error as Error).message}`);
  }
  if (beforeMs < sinceMs) return beforeMs;
  throw new UsageError(`--compare=${text} is not before --since. Give an earlier time`);
}
