/** Where the log goes: RAM, and the archive with room for what is to be kept. */

import { systemClock } from "../../system/clock.ts";
import { dirname } from "@std/path";
import { isWhole, summaryDir } from "../../report/summary/summaries.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { osReason } from "../../system/files/os_error.ts";
import { fileSystemRoom, isTmpfs } from "../../system/files/tmpfs.ts";
import { DEFAULT_RAM_LOG } from "../settings/setting_table.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

/** Less free than this, and the next busy day may not fit. */
const LEAST_FREE_BYTES = 100e6;
const DAY_MS = 86_400e3;
/** As many of the newest days tell how much a day takes. */
const TYPICAL_DAYS = 7;

export function checkRamLog({ settings, service }: Pick<Patient, "settings" | "service">): Finding {
  const what = "RAM log";
  const { ramLogPath, ramLimitBytes } = settings;
  const folder = dirname(ramLogPath);
  if (!isTmpfs(folder)) {
    const why = `${folder} is not in RAM: every record wears the card`;
    if (ramLogPath === DEFAULT_RAM_LOG && service === undefined) {
      // Run by hand as root, the logger mounts it.
      return { level: "warn", what, why, command: "sudo ./install.sh" };
    }
    const command = ramLogPath === DEFAULT_RAM_LOG
      ? "sudo systemctl start mnt-ramlogs.mount"
      : `sudo mount -t tmpfs -o size=50M tmpfs ${folder}`;
    return { level: "bad", what, why, command };
  }
  const { totalBytes } = fileSystemRoom(folder);
  const room = `${folder} is in RAM, with room for ${formatBytes(totalBytes)}`;
  if (totalBytes >= ramLimitBytes) return ok(what, room);
  const why = `${room}, less than the ${formatBytes(ramLimitBytes)} that the log may take`;
  const command = `sudo mount -o remount,size=${Math.ceil(ramLimitBytes * 1.25)} ${folder}`;
  return { level: "warn", what, why, command };
}

/** Whether whoever logs may write to the archive; tried where that can be done without becoming another user. */
export function checkArchive(
  { settings: { archiveDir }, service, onlyReads }: Pick<
    Patient,
    "settings" | "service" | "onlyReads"
  >,
  passwd = readIfThere("/etc/passwd") ?? "",
): Finding {
  const what = "archive";
  const user = service?.user;
  const owner = user === undefined ? undefined : uidOf(user, passwd);
  const folder = nearestFolder(archiveDir);
  const command = user === undefined
    ? `sudo chown -R "$USER" ${folder}`
    : `sudo chown -R ${user} ${folder}`;
  const { uid, mode } = Deno.statSync(folder);
  const isOthers = owner !== undefined && uid !== owner && ((mode ?? 0) & 0o022) === 0;
  if (isOthers) {
    const why =
      `${folder} does not belong to ${user}, as whom the service runs: nothing can be archived`;
    return { level: "bad", what, why, command };
  }
  if (onlyReads) return ok(what, `${archiveDir} is there`);
  const isOurs = Deno.uid() === 0 || owner === undefined || owner === Deno.uid();
  const failure = isOurs ? failureToWrite(folder) : undefined;
  if (failure === undefined) return ok(what, `${archiveDir} can be written`);
  return { level: "bad", what, why: `${folder} cannot be written: ${failure}`, command };
}

/** Whether the card has room for what retention lets the archive grow to. */
export async function checkRoom(
  { settings }: Pick<Patient, "settings">,
  freeBytes = fileSystemRoom(nearestFolder(settings.archiveDir)).freeBytes,
): Promise<Finding> {
  const what = "room";
  const { archiveDir, retention } = settings;
  const days = await listDays(archiveDir);
  const sizes = days.map(({ plainBytes = 0, gzipBytes = 0 }) => plainBytes + gzipBytes);
  const used = sum(sizes);
  const newest = sizes.slice(-TYPICAL_DAYS);
  const aDay = newest.length === 0 ? 0 : sum(newest) / newest.length;
  // Of an archive without a day, nothing but a bound in bytes tells what it will take.
  const ofDays = retention.days === undefined ? Infinity : retention.days * aDay;
  const byDays = days.length > 0 ? ofDays : retention.bytes ?? 0;
  const kept = Math.min(retention.bytes ?? Infinity, byDays);
  const command = `df -h ${nearestFolder(archiveDir)} # make room, or lower WIFILOGGER_RETENTION`;
  const has = `${days.length === 1 ? "1 day" : `${days.length} days`}, ${formatBytes(used)}, ` +
    `and ${formatBytes(freeBytes)} free`;
  if (freeBytes < LEAST_FREE_BYTES) {
    return { level: "bad", what, why: `${has}: the next days may not fit`, command };
  }
  if (kept - used > freeBytes) {
    const whole = kept === Infinity ? "without end" : `up to ${formatBytes(kept)}`;
    const why = `${has}: the archive may grow ${whole}, and the card is full before`;
    return { level: "warn", what, why, command };
  }
  return ok(what, `${has}: enough for what is kept`);
}

/** Whether every day that has long been over has its sums, and they say what the day's files hold. */
export async function checkSummaries(
  { settings, service }: Pick<Patient, "settings" | "service">,
  nowMs = systemClock.wallMs(),
): Promise<Finding> {
  const what = "summaries";
  const { archiveDir, compressAfterDays = 1 } = settings;
  // The logger makes them one by one after its flushes: a day's grace.
  const closedBefore = localDay(nowMs - (compressAfterDays + 1) * DAY_MS);
  const days = (await listDays(archiveDir)).filter(({ day }) => day < closedBefore);
  const missing: string[] = [];
  for (const day of days) {
    if (!await isWhole(summaryDir(archiveDir), archiveDir, day)) missing.push(day.day);
  }
  if (missing.length === 0) return ok(what, `whole for all days that are over (${days.length})`);
  const why = `missing or no longer true for ${missing.length} of ${days.length} days, ` +
    `the oldest ${missing[0]}: the logger makes one after each flush, until then reports are slow`;
  const command = service === undefined ? "wifilogger --flush-now" : "journalctl -u wifilogger";
  return { level: "warn", what, why, command };
}

/** What the running logger could not write. */
export function checkLosses({ answer }: Pick<Patient, "answer">): Finding[] {
  if (answer.kind !== "running") return [];
  const { failedFlushes, droppedRecords } = answer.status.log;
  if (failedFlushes === 0 && droppedRecords === 0) return [ok("flushes", "none has failed")];
  const why = `${failedFlushes} flushes failed, and ${droppedRecords} records were dropped, ` +
    "since the logger started";
  const level = droppedRecords > 0 ? "bad" : "warn";
  return [{ level, what: "flushes", why, command: "journalctl -u wifilogger -p warning" }];
}

function failureToWrite(folder: string): string | undefined {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: ".doctor-" }));
    return undefined;
  } catch (error) {
    return osReason(error);
  }
}

/** The folder, or the nearest above it that is there. */
function nearestFolder(path: string): string {
  try {
    Deno.statSync(path);
    return path;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return nearestFolder(dirname(path));
    throw error;
  }
}

function uidOf(user: string, passwd: string): number | undefined {
  const fields = passwd.split("\n").map((line) => line.split(":")).find(([name]) => name === user);
  return fields && Number(fields[2]);
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // then ownership is not judged
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
