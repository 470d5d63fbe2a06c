/** `wifilogger read FILE...`: capture files in, records out. */

import { countText } from "../service/count_text.ts";
import { type CaptureFileResult, CaptureReader } from "../service/capture_reader.ts";
import { type FlagNames, oneOf, readArguments } from "./arguments.ts";
import { formatBytes } from "./bytes_text.ts";
import { EXIT_DONE, exitCodeOf, UsageError } from "./exit_error.ts";
import { sayError } from "./say_error.ts";
import { escapeText, recordText } from "./record_text.ts";
import { settingsFrom } from "./setting_flags.ts";

const FLAGS: FlagNames = {
  boolean: ["include-internal", "lookup"],
  string: ["format"],
  collect: ["local-networks", "geo-db"],
};

const FORMATTERS = {
  json: (line: string) => line,
  text: (line: string) => recordText(JSON.parse(line)) + "\n",
};

/** Reads each file; one that cannot be read is said and does not keep the others from being read. @returns the exit code */
export async function read(argv: readonly string[]): Promise<number> {
  const args = readArguments("read", argv, FLAGS);
  if (args.positional.length === 0) {
    throw new UsageError(
      "read needs a capture file, or - for standard input. See: wifilogger read --help",
    );
  }
  const format = FORMATTERS[oneOf(args, "format", ["json", "text"]) ?? "json"];
  const { localNetworks, geoDbPaths } = settingsFrom(args);
  using reader = await CaptureReader.open({
    localNetworks,
    geoDbPaths,
    includeInternal: args.has("include-internal"),
    lookup: args.has("lookup"),
    onLines: (lines) => writeOut(lines, format),
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
      sayError(error, args.has("debug"));
      exitCode = Math.max(exitCode, exitCodeOf(error));
    }
  }
  return exitCode;
}

function writeOut(lines: readonly string[], format: (line: string) => string): void {
  let text = "";
  for (const line of lines) text += format(line);
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
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
