/** Whether what is to be hidden is, and what earlier settings have left. */

import { pathExists } from "../../system/files/path_exists.ts";
import { PRIVACY_TEXTS } from "../control/privacy_text.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

/** How much is kept, whether the running logger goes by it, and addresses that lie in a file from before. */
export async function checkPrivacy({ settings, answer, service }: Patient): Promise<Finding[]> {
  const { privacy, leaveOut, placeCachePath } = settings;
  const what = "privacy";
  const findings: Finding[] = [];
  if (answer.kind === "running") {
    const { level, leftOut } = answer.status.privacy;
    if (level !== privacy || leftOut !== leaveOut.length) {
      findings.push({
        level: "warn",
        what,
        why: `the running logger keeps ${level} and leaves ${leftOut} out, as it was set before: ` +
          `${privacy} and ${leaveOut.length} is what is set now`,
        command: service === undefined
          ? "stop the logger, and start it again"
          : "sudo systemctl restart wifilogger",
      });
    }
  }
  if (privacy !== "full" && await pathExists(placeCachePath)) {
    findings.push({
      level: "warn",
      what,
      why: `${placeCachePath} has addresses that were looked up before they were to be hidden`,
      command: `rm ${placeCachePath}`,
    });
  }
  return findings.length > 0 ? findings : [ok(what, PRIVACY_TEXTS[privacy])];
}
