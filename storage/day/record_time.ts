/** The instant a record's line is filed under. */

const FIRST_KEY = new TextEncoder().encode('{"@timestamp":"');
const LONGEST_TIMESTAMP = "YYYY-MM-DDTHH:MM:SS.nnnnnnnnn+HH:MM".length;
const QUOTE = 0x22;
/** RFC 3339 section 5.6, `date-time`. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

const decoder = new TextDecoder();

/**
 * The `@timestamp` of one log line (without its newline) in epoch milliseconds; NaN when the line has
 * none that is an RFC 3339 date-time, or is no JSON object.
 *
 * The logger writes `@timestamp` as the first key, so only a line that begins otherwise is parsed as
 * JSON: 0.4 us a line instead of 1.2 us.
 */
export function recordTime(line: Uint8Array): number {
  const leading = parseDateTime(leadingTimestamp(line));
  return Number.isNaN(leading) ? parseDateTime(timestampMember(line)) : leading;
}

function leadingTimestamp(line: Uint8Array): string | undefined {
  for (let i = 0; i < FIRST_KEY.length; i++) {
    if (line[i] !== FIRST_KEY[i]) return undefined;
  }
  const start = FIRST_KEY.length;
  const end = line.subarray(0, start + LONGEST_TIMESTAMP + 1).indexOf(QUOTE, start);
  return end === -1 ? undefined : decoder.decode(line.subarray(start, end));
}

function timestampMember(line: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(line))?.["@timestamp"];
  } catch {
    return undefined;
  }
}

function parseDateTime(text: unknown): number {
  if (typeof text !== "string" || !DATE_TIME.test(text)) return NaN;
  return Date.parse(text.toUpperCase());
}
