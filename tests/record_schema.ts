/** The schema of the log record, as a check. */

import { Ajv2020 } from "ajv/dist/2020.js";
import schema from "../docs/record.schema.json" with { type: "json" };
import type { LogRecord } from "../record/log_record.ts";
import { fail } from "./assert.ts";

const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(
  schema,
);

/** Parses a line of the log and fails the test when it is none by the schema. */
export function parseRecord(line: string): LogRecord {
  const record = JSON.parse(line);
  if (!validate(record)) fail(`${line}\nis no record: ${JSON.stringify(validate.errors, null, 2)}`);
  return record as unknown as LogRecord;
}

/** Parses all lines of a log, each of them closed by a line feed. */
export function parseRecords(text: string): LogRecord[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") fail("the last line is not closed");
  return lines.map(parseRecord);
}
