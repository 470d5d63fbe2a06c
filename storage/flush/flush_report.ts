/** What a flush did, and how it fails. */

import { osErrorCode, osReason } from "../../system/files/os_error.ts";

/** What a flush appended to one archive file. */
export interface FlushedFile {
  /** The archive file. */
  path: string;
  /** Records (lines) appended. */
  records: number;
  /** Bytes appended. */
  bytes: number;
}

/** What a flush did. Nothing to flush: zeros and empty lists. */
export interface FlushReport {
  /** Records moved to the archive. */
  records: number;
  /** Bytes moved to the archive. */
  bytes: number;
  /** The archive files they went to, each once. */
  files: FlushedFile[];
  /** What a person should know of: torn lines cut, an archive shorter than it was. */
  warnings: string[];
  /** How long the flush took, milliseconds. */
  durationMs: number;
}

/** Adds what was appended to some archive files to a report. */
export function addFlushed(report: FlushReport, files: readonly FlushedFile[]): void {
  for (const { path, records, bytes } of files) {
    report.records += records;
    report.bytes += bytes;
    const file = report.files.find((file) => file.path === path);
    if (file === undefined) {
      report.files.push({ path, records, bytes });
    } else {
      file.records += records;
      file.bytes += bytes;
    }
  }
}

/** Adds what one more flush did to a report. */
export function addReport(report: FlushReport, more: FlushReport): void {
  addFlushed(report, more.files);
  report.warnings.push(...more.warnings);
  report.durationMs += more.durationMs;
}

/** Thrown when a flush could not be finished. No record is lost: they stay in RAM. */
export class FlushError extends Error {
  override name = "FlushError";

  /** The system's errno, such as `"ENOSPC"`; undefined when it gave none. */
  readonly code: string | undefined;

  constructor(
    /** The file or folder at which it failed. */
    readonly path: string,
    cause: unknown,
  ) {
    const code = osErrorCode(cause);
    super(
      `flushing the RAM log, at ${path}: ${osReason(cause)}. ` +
        `${adviceFor(code)}; the records stay in RAM and the next flush tries again`,
      { cause },
    );
    this.code = code;
  }
}

/** Runs one step of a flush; its failure becomes a `FlushError` that names `path`. */
export async function flushStep<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new FlushError(path, cause);
  }
}

function adviceFor(code: string | undefined): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "Free some space there";
    case "EROFS":
      return "Remount it read-write, and look into dmesg: a failing SD card turns read-only";
    case "EACCES":
    case "EPERM":
      return "Give the logger's user the right to write there";
    case "EMFILE":
    case "ENFILE":
      return "Look into /proc/PID/fd what holds them: connections to the control socket, perhaps";
    case "EIO":
      return "Look into dmesg: the SD card may be failing";
    default:
      return "Make it a place the logger can write to";
  }
}
