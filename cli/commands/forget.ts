/** `wifilogger forget`: takes a device, a site or a time out of everything that is kept on this machine. */

import { forgetLog, type Forgotten } from "../../forget/forget_log.ts";
import type { ForgetOrder, ForgottenDevice } from "../../forget/order.ts";
import { readOwner } from "../../news/owner/owner_file.ts";
import { type Device, householdDevices } from "../../news/rules/household_devices.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { askFlush, askForgetPlaces, NoLoggerError } from "../../service/control/control_client.ts";
import { moveLeftOver } from "../../service/log/counted_wear.ts";
import { forgetPlaceCache } from "../../service/places/forget_places.ts";
import { countText } from "../../service/program/count_text.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { installedService } from "../../service/settings/installed_service.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import { systemClock } from "../../system/clock.ts";
import { ProgressBar } from "../text/progress_bar.ts";
import { shownLedger } from "../text/shown_ledger.ts";
import { type Arguments, expectNoPositional, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, UsageError } from "../usage/exit_error.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

/** @returns the exit code: 1 when the person who was asked did not want it */
export async function forget(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.forget, argv);
  expectNoPositional(args);
  const settings = settingsFrom(args);
  await checkOwner(settings.archiveDir);
  const { order, what } = await orderFrom(args, settings);
  if (!args.has("yes") && !isConfirmed(what, settings)) {
    console.error("wifilogger: nothing was forgotten");
    return EXIT_FAILED;
  }
  const bar = new ProgressBar("looking through the archive");
  const forgotten = await forgetLog({
    archiveDir: settings.archiveDir,
    order,
    compressLevel: settings.compressLevel,
    flush: () => moveToArchive(settings),
    forgetPlaces: () => forgetPlaces(settings),
    progress: bar.show,
  }).finally(() => bar.clear());
  console.log(reportText(forgotten, what));
  const sent = receiversText(settings);
  if (sent !== undefined) console.log(sent);
  return EXIT_DONE;
}

/** What somebody else writes here, the logger could not go on with. @throws {Error} who has to run it */
async function checkOwner(archiveDir: string): Promise<void> {
  if (!await pathExists(archiveDir)) return;
  const { uid } = await Deno.stat(archiveDir);
  if (uid === Deno.uid()) return;
  const user = installedService()?.user ?? `'#${uid}'`;
  throw new Error(
    `cannot forget: ${archiveDir} belongs to another user. Run it as that one: ` +
      `sudo -Hu ${user} wifilogger forget`,
  );
}

async function orderFrom(
  args: Arguments,
  { ramLogPath, archiveDir, billingDay }: Settings,
): Promise<{ order: ForgetOrder; what: string }> {
  const { sinceMs, untilMs, device: word, site } = filterFrom(args, {
    nowMs: Date.now(),
    billingDay,
  });
  if ([sinceMs, untilMs, word, site].every((given) => given === undefined)) {
    throw new UsageError("forget needs to know what: --device, --site, --since, --until");
  }
  if (site !== undefined && !site.includes(".")) {
    throw new UsageError(`--site=${site} is no domain. Write it as example.org`);
  }
  let device: Device | undefined;
  if (word !== undefined) {
    const { names } = await readOwner(archiveDir);
    const { ledger } = await shownLedger({ ramLogPath, archiveDir });
    device = oneDevice(householdDevices(ledger, names), word);
  }
  const order: ForgetOrder = {
    device: device && forgottenDevice(device),
    site: site?.toLowerCase().replace(/\.$/, ""),
    sinceMs: sinceMs ?? -Infinity,
    untilMs: untilMs ?? Infinity,
  };
  return { order, what: whatText(order, device) };
}

function forgottenDevice({ id, macs, ips, hostNames, ownName, label }: Device): ForgottenDevice {
  const words = (texts: readonly (string | undefined)[]) =>
    new Set(texts.flatMap((text) => text === undefined ? [] : [text.toLowerCase()]));
  return {
    macs: words(macs),
    bare: words(macs.includes(id) ? ips : [id, ...ips]),
    names: words([...hostNames, ownName, label]),
  };
}

/** `everything of tv (02:00:00:00:50:13) with example.org from 2026-11-22T00:00 on` */
function whatText({ site, sinceMs, untilMs }: ForgetOrder, device: Device | undefined): string {
  const of = device === undefined
    ? ""
    : ` of ${device.label} (${device.macs.join(", ") || device.id})`;
  const parts = [
    `everything${of}`,
    ...(site === undefined ? [] : [`with ${site}`]),
    ...(sinceMs === -Infinity ? [] : [`from ${localText(sinceMs)} on`]),
    ...(untilMs === Infinity ? [] : [`up to ${localText(untilMs)}`]),
  ];
  return escapeText(parts.join(" "));
}

function localText(epochMs: number): string {
  const date = new Date(epochMs);
  return new Date(epochMs - date.getTimezoneOffset() * 60e3).toISOString().slice(0, 16)
    .replace("T", " ");
}

function isConfirmed(what: string, settings: Settings): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError("forget asks before it forgets, and nobody is there. Add --yes");
  }
  console.log(`This forgets ${what}: records, sums, firsts, names and marks. It cannot be undone.`);
  const sent = receiversText(settings);
  if (sent !== undefined) console.log(sent);
  return confirm("Forget it?");
}

/** What has left this machine by the settings of now. */
function receiversText({ forward, tell, metricsListen }: Settings): string | undefined {
  const names = [
    ...forward.map(({ name }) => name),
    ...tell.map(({ name }) => name),
    ...(metricsListen === undefined ? [] : ["who scrapes the metrics"]),
  ];
  if (names.length === 0) return undefined;
  return `What was sent on is out of its reach: ${escapeText(names.join(", "))}`;
}

async function moveToArchive(settings: Settings): Promise<void> {
  try {
    await askFlush(settings.controlSocketPath);
  } catch (error) {
    if (!(error instanceof NoLoggerError)) throw notAsked(error);
    const warn = (message: string) => console.error(`wifilogger: warning: ${escapeText(message)}`);
    await moveLeftOver(settings, { clock: systemClock, warn });
  }
}

async function forgetPlaces({ controlSocketPath, placeCachePath }: Settings): Promise<void> {
  try {
    await askForgetPlaces(controlSocketPath);
  } catch (error) {
    if (!(error instanceof NoLoggerError)) throw notAsked(error);
    await forgetPlaceCache(placeCachePath, { clock: systemClock, say: sayOnStderr() });
  }
}

function notAsked(error: unknown): Error {
  return new Error(
    `cannot ask the running logger to move what it has in RAM: ${(error as Error).message}. ` +
      "Run forget as the user that the logger runs as, such as with sudo -Hu",
    { cause: error },
  );
}

function reportText({ records, bytes, days, summedDays, marks }: Forgotten, what: string): string {
  const parts = [
    `${countText(records, "record")} (${formatBytes(bytes)}) of ${countText(days.length, "day")}`,
    ...(summedDays.length > 0 ? [`sums of ${countText(summedDays.length, "older day")}`] : []),
    ...(marks > 0 ? [`${countText(marks, "name or mark")}`] : []),
  ];
  if (records === 0 && summedDays.length === 0 && marks === 0) return `nothing was there: ${what}`;
  return `forgot ${what}: ${parts.join(", ")}`;
}
