/** Records of `read` on their way to standard output. */

import { RecordLines } from "../../service/read/record_lines.ts";
import type { RecordOrder } from "./record_order.ts";
import { recordText } from "../text/record_text.ts";
import { writeOut } from "../text/standard_output.ts";

const FORMATTERS: Record<RecordOrder["format"], (line: string) => string> = {
  json: (line) => line,
  text: (line) => recordText(JSON.parse(line)) + "\n",
};

/** Opens what makes records and writes them to standard output. @throws {SettingError} */
export function openRecordOutput(
  { format, geoDbPaths, fetchedPaths }: RecordOrder,
  ptr?: (address: string) => string | undefined,
): Promise<RecordLines> {
  return RecordLines.open({
    geoDbPaths,
    fetchedPaths,
    ptr,
    onLines: (lines) => writeOut(lines.map(FORMATTERS[format]).join("")),
  });
}
