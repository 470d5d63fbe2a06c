/** `wifilogger devices`: a row a device, and names of the owner's own. */

import { UnusableName, withName } from "../../news/owner/owner_changes.ts";
import { readOwner, writeOwner } from "../../news/owner/owner_file.ts";
import { devicesCsv, devicesJson, devicesTable } from "../../news/render/devices_text.ts";
import { householdDevices } from "../../news/rules/household_devices.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { openMakers } from "../../service/device_makers.ts";
import { escapeText } from "../../record/escape_text.ts";
import { printFaults, tableLook, writeText } from "../text/answer_output.ts";
import { shownLedger } from "../text/shown_ledger.ts";
import { type Arguments, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, UsageError } from "../usage/exit_error.ts";
import { NEWS_FORMATS } from "../usage/flag_words.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/** @returns the exit code */
export async function devices(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.devices, argv);
  const [action, ...operands] = args.positional;
  if (action === "rename") return await rename(args, operands);
  if (action !== undefined) {
    throw new UsageError(
      `devices takes no "${action}". Write: wifilogger devices rename DEVICE NAME`,
    );
  }
  const format = oneOf(args, "format", NEWS_FORMATS) ?? "table";
  const { ramLogPath, archiveDir } = logSettingsFrom(args);
  const { names } = await readOwner(archiveDir);
  const { ledger, faults } = await shownLedger({ ramLogPath, archiveDir });
  const found = householdDevices(ledger, names).sort((a, b) => b.last - a.last);
  const makerOf = await openMakers();
  writeText({
    table: () => devicesTable(found, makerOf, tableLook()),
    json: () => devicesJson(found, makerOf),
    csv: () => devicesCsv(found, makerOf),
  }[format]());
  return printFaults(faults, args);
}

async function rename(args: Arguments, operands: readonly string[]): Promise<number> {
  const [word, name] = operands;
  if (word === undefined || operands.length > 2) {
    throw new UsageError(
      'Write: wifilogger devices rename DEVICE "NAME"; without a name it has none',
    );
  }
  const { ramLogPath, archiveDir } = logSettingsFrom(args);
  const words = await readOwner(archiveDir);
  const { ledger } = await shownLedger({ ramLogPath, archiveDir });
  const found = householdDevices(ledger, words.names);
  const device = oneDevice(found, word);
  try {
    await writeOwner(archiveDir, withName(words, found, device, name));
  } catch (error) {
    throw error instanceof UnusableName ? new UsageError(error.message) : error;
  }
  console.log(
    name === undefined
      ? `${device.id} has no name of yours any more`
      : `${device.id} is called ${escapeText(name)}`,
  );
  return EXIT_DONE;
}
