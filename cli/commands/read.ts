/** `wifilogger read FILE...`: capture files in, records out. */

import type { CaptureFileResult } from "../../service/read/capture_reader.ts";
import { countText } from "../../service/program/count_text.ts";
import type { RecordSink } from "../../service/read/record_sink.ts";
import { SettingError } from "../../service/settings/setting_error.ts";
import { RecordThread } from "../../service/read/record_thread.ts";
import type { ReverseDns } from "../../service/read/reverse_names.ts";
import { oneOf, readArguments } from "../usage/arguments.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, exitCodeOf, UsageError } from "../usage/exit_error.ts";
import { FORMATS, type RecordOrder } from "./record_order.ts";
import { escapeText } from "../../record/escape_text.ts";
import { sayError } from "../text/say_error.ts";
import { databasePaths } from "../../service/places/local_places.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

/** From so many bytes in all a thread for the records gains more than it takes to begin; 300 MB take a fifth less time. */
export const LONG_BYTES = 100e6;
const RECORD_WORKER = new URL("./record_worker.ts", import.meta.url);

/** Reads each file; one that cannot be read is said and does not keep the others from being read. @returns the exit code */
export async function read(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.read, argv);
  if (args.positional.length === 0) {
    throw new UsageError(
      "read needs a capture file, or - for standard input. See: wifilogger read --help",
    );
  }
  const format = oneOf(args, "format", FORMATS) ?? "json";
  const settings = settingsFrom(args);
  const { localNetworks, tunnels, geoDbPaths } = settings;
  using reverseDns = args.has("lookup") ? await openReverseDns() : undefined;
  const { fetched: fetchedPaths } = databasePaths(settings);
  const order: RecordOrder = { format, geoDbPaths, fetchedPaths };
  const hasThread = reverseDns === undefined && isLong(args.positional) &&
    navigator.hardwareConcurrency > 1;
  // What the thread needs is loaded there, while the rest is loaded here.
  using thread = hasThread ? new RecordThread(RECORD_WORKER, order) : undefined;
  const [records, { CaptureReader }] = await Promise.all([
    thread ?? openHere(order, reverseDns),
    import("../../service/read/capture_reader.ts"),
  ]);
  const reader = new CaptureReader({
    localNetworks,
    looksIntoTunnels: tunnels === "inner",
    includeInternal: args.has("include-internal"),
    reverseDns,
    records,
  });

  let exitCode = EXIT_DONE;
  for (const path of args.positional) {
    try {
      const result = await reader.read(path);
      console.error(statisticsText(path, result));
      if (result.damage !== undefined) throw result.damage;
    } catch (error) {
      // The reader of the output has gone, as `head` does: there is nobody to write for.
      if (error instanceof Deno.errors.BrokenPipe) return EXIT_DONE;
      if (error instanceof SettingError) throw error;
      sayError(error, args.has("debug"));
      exitCode = Math.max(exitCode, exitCodeOf(error));
    }
  }
  return exitCode;
}

async function openReverseDns(): Promise<ReverseDns> {
  return (await import("../../service/read/reverse_names.ts")).openReverseDns();
}

async function openHere(order: RecordOrder, reverseDns?: ReverseDns): Promise<RecordSink> {
  const { openRecordOutput } = await import("./record_output.ts");
  return await openRecordOutput(order, (address) => reverseDns?.name(address));
}

function isLong(paths: readonly string[]): boolean {
  return paths.map(fileBytes).reduce((sum, bytes) => sum + bytes, 0) >= LONG_BYTES;
}

/** 0 of what is no file, and of what cannot be read: that is said when it is opened. */
function fileBytes(path: string): number {
  try {
    const { isFile, size } = Deno.statSync(path);
    return isFile ? size : 0;
  } catch {
    return 0;
  }
}

function statisticsText(path: string, { counters, flows, records }: CaptureFileResult): string {
  const parts = [
    countText(counters.frames, "frame"),
    `${countText(counters.ipPackets, "IP packet")} (${formatBytes(counters.ipBytes)})`,
  ];
  if (counters.internalPackets > 0) {
    parts.push(`${counters.internalPackets} of them between local addresses and not logged`);
  }
  if (counters.notIp > 0) parts.push(`${countText(counters.notIp, "frame")} without IP`);
  if (counters.badIp > 0) parts.push(countText(counters.badIp, "damaged IP packet"));
  parts.push(`${countText(flows, "flow")} in ${countText(records, "record")}`);
  return `${path === "-" ? "standard input" : escapeText(path)}: ${parts.join(", ")}`;
}
