/** The service: its settings, whether it runs and will run again, and whether its sandbox is as shipped. */

import { join } from "@std/path";
import { type Directive, UNIT_FOLDER, UNIT_NAME } from "../settings/installed_service.ts";
import { type Finding, ok, type Patient } from "./finding.ts";
import { SANDBOX } from "./sandbox.ts";

/** One that cannot be used stops the logger, a misspelt one is not seen by it. */
export function checkSettings(
  { states, unknown, envPath }: Pick<Patient, "states" | "unknown" | "envPath">,
): Finding[] {
  const what = "settings";
  const findings: Finding[] = [];
  for (const { setting, error, origin } of states) {
    if (error === undefined) continue;
    const where = origin === "~/.env" ? ` in ${envPath}` : ` (${origin})`;
    const why = `${setting.name}${where} cannot be used: ${error.message}`;
    findings.push({ level: "bad", what, why, command: "wifilogger config" });
  }
  for (const { name, origin, closest } of unknown) {
    const why = `${name} is no setting; did you mean ${closest}?`;
    const isInFile = origin === "~/.env";
    const command = isInFile ? `sed -i s/${name}/${closest}/ ${envPath}` : `unset ${name}`;
    findings.push({ level: "warn", what, why, command });
  }
  return findings.length === 0 ? [ok(what, `all can be used; from ${envPath}`)] : findings;
}

/** Whether a logger is running. */
export function checkRunning({ answer, service }: Pick<Patient, "answer" | "service">): Finding {
  const what = "logger";
  switch (answer.kind) {
    case "running":
      return ok(what, `running since ${answer.status.started.slice(0, 16).replace("T", " ")} UTC`);
    case "waiting":
      return {
        level: "bad",
        what,
        why: `${answer.waiting.state}: nothing is logged`,
        command: "ip route # is there a network?",
      };
    case "refused":
      return {
        level: "warn",
        what,
        why: `one is running, and does not answer this user: ${answer.why}`,
        command: "sudo wifilogger doctor",
      };
    case "nobody":
      return {
        level: "bad",
        what,
        why: answer.why,
        command: service === undefined ? "sudo ./install.sh" : "sudo systemctl start wifilogger",
      };
  }
}

/** Whether the service is installed, and starts with the machine. */
export function checkService(
  { service }: Pick<Patient, "service">,
  unitFolder = UNIT_FOLDER,
): Finding {
  const what = "service";
  if (service === undefined) {
    const why = "not installed: after a power cut nobody starts the logger";
    return { level: "warn", what, why, command: "sudo ./install.sh" };
  }
  try {
    Deno.lstatSync(join(unitFolder, "multi-user.target.wants", UNIT_NAME));
    return ok(what, `installed for ${service.user}, starts with the machine`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const why = "installed, and not enabled: it does not start with the machine";
    return { level: "bad", what, why, command: "sudo systemctl enable wifilogger" };
  }
}

/** Whether the unit, with what was added to it, still holds all that keeps the service in. */
export function checkSandbox({ service }: Pick<Patient, "service">): Finding[] {
  if (service === undefined) return [];
  const what = "sandbox";
  const changed = changedDirectives(service.directives);
  if (changed.length === 0) return [ok(what, "as shipped")];
  const why = `not as shipped: ${changed.join(", ")}`;
  const command = service.dropIns.length > 0 || service.isPackaged
    ? "sudo systemctl revert wifilogger"
    : "sudo ./install.sh";
  return [{ level: "warn", what, why, command }];
}

/** Keys of the sandbox whose value is another one. */
export function changedDirectives(directives: readonly Directive[]): string[] {
  const keys = [...new Set(SANDBOX.map(({ key }) => key))];
  const values = (given: readonly Directive[], key: string) =>
    given.filter((directive) => directive.key === key).map(({ value }) => value).join("\n");
  return keys.filter((key) => values(directives, key) !== values(SANDBOX, key));
}
