/** `wifilogger doctor`: what keeps the log from being whole, and what mends it. */

import { checkOutputs } from "../../forward/output_checks.ts";
import { examine } from "../../service/doctor/examination.ts";
import type { Finding } from "../../service/doctor/finding.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED } from "../usage/exit_error.ts";
import { flagValues } from "../usage/setting_flags.ts";
import { escapeText } from "../../record/escape_text.ts";

/** Prints the findings. @returns the exit code: 1 when one of them is bad */
export async function doctor(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.doctor, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", ["text", "json"]);
  const findings = await examine(
    flagValues(args),
    (patient) => checkOutputs(patient, Date.now()),
  );
  console.log(format === "json" ? JSON.stringify(findings, null, 2) : findingsText(findings));
  return findings.some(({ level }) => level === "bad") ? EXIT_FAILED : EXIT_DONE;
}

/** A line for each finding, and one for all. */
function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.map(({ level, what, why, command }) => {
    const mend = command === undefined ? "" : `${/[.?!]$/.test(why) ? "" : "."} Run: ${command}`;
    return escapeText(`${level.padEnd(4)}  ${what.padEnd(width)}  ${why}${mend}`);
  });
  const count = (wanted: Finding["level"]) =>
    findings.filter(({ level }) => level === wanted).length;
  return `${lines.join("\n")}\n\n${count("bad")} bad, ${count("warn")} to look at, ${
    count("ok")
  } ok`;
}
