/** A line of the log, read back. What stands in the archive may be of another program, or damaged by hand. */

import type { LogRecord } from "./log_record.ts";

/** The record of a line; `undefined` when it is none of ours. */
export function parseLine(line: string): LogRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isRecord(record) ? record as unknown as LogRecord : undefined;
}

type Fields = Record<string, unknown>;

/** Whether it has the fields that everything which reads records goes by; `docs/record.schema.json` has all. */
function isRecord(value: unknown): value is Fields {
  if (!isObject(value) || !isObject(value.event) || !isObject(value.wifilogger)) return false;
  if (Number.isNaN(Date.parse(String(value["@timestamp"])))) return false;
  if (value.observer !== undefined && !isObserver(value.observer)) return false;
  if ("action" in value.event) return isObject(value.wifilogger.gap);
  const { source, destination, network, device } = value;
  const isMerged = "merged_flows" in value.wifilogger;
  return isObject(network) && isEnd(source, isMerged) && isEnd(destination, isMerged) &&
    typeof destination.domain === "string" && (device === undefined || isObject(device));
}

function isEnd(value: unknown, isMerged: boolean): value is Fields {
  return isObject(value) && typeof value.bytes === "number" &&
    (typeof value.ip === "string" || (isMerged && value.ip === undefined));
}

function isObserver(value: unknown): boolean {
  return isObject(value) && isObject(value.ingress) && isObject(value.ingress.interface);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
