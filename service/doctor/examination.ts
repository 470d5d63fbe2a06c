/** All checks, in the order in which their findings are told. */

import { askStatus, NoLoggerError, WaitingLoggerError } from "../control/control_client.ts";
import { installedService, serviceSources } from "../settings/installed_service.ts";
import {
  dotenvPath,
  processSources,
  readSettingStates,
  type SettingSources,
} from "../settings/read_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { unknownSettings } from "../settings/unknown_settings.ts";
import type { Answer, Finding, Patient } from "./finding.ts";
import { checkArchive, checkLosses, checkRamLog, checkRoom, checkSummaries } from "./log_checks.ts";
import { checkClock, checkLibpcap, checkPrivilege, checkSystem } from "./machine_checks.ts";
import { checkDrops, checkInterfaces, checkVantage } from "./network_checks.ts";
import { checkTables, checkToken } from "./place_checks.ts";
import { checkPrivacy } from "./privacy_check.ts";
import { checkRunning, checkSandbox, checkService, checkSettings } from "./service_checks.ts";

/**
 * Looks at everything that the log depends on: with a service installed, by the settings of that service. `checkReaders`
 * looks at what else reads the log; `onlyReads` says that this process may write nothing, whatever the logger may.
 *
 * @throws {SettingError} when no settings can be read at all
 */
export async function examine(
  flags: Readonly<Record<string, string>>,
  checkReaders: (patient: Patient) => Promise<Finding[]>,
  { onlyReads = false } = {},
): Promise<Finding[]> {
  const patient = { ...await meet(flags), onlyReads };
  return [
    checkSystem(),
    checkLibpcap(),
    checkPrivilege(patient),
    ...checkSettings(patient),
    checkService(patient),
    ...checkSandbox(patient),
    checkRunning(patient),
    ...checkInterfaces(patient),
    checkVantage(patient),
    ...checkDrops(patient),
    checkClock(patient),
    checkRamLog(patient),
    checkArchive(patient),
    await checkRoom(patient),
    await checkSummaries(patient),
    ...checkLosses(patient),
    ...await checkPrivacy(patient),
    checkToken(patient),
    ...await checkTables(patient),
    ...await checkReaders(patient),
  ];
}

async function meet(flags: Readonly<Record<string, string>>): Promise<Patient> {
  const service = installedService();
  const sources: SettingSources = service === undefined
    ? processSources(flags)
    : { ...serviceSources(service), flags };
  const given = readSettingStates(sources);
  // With its default in the place of one that is wrong, the rest can still be looked at.
  const defaults = readSettingStates({ environment: { HOME: sources.environment.HOME } });
  const values = Object.entries(given).map(([key, { value, error }]) => [
    key,
    error === undefined ? value : defaults[key as keyof Settings].value,
  ]);
  const settings = Object.fromEntries(values) as Settings;
  return {
    settings,
    states: Object.values(given),
    unknown: unknownSettings(sources),
    envPath: service?.envPath ?? dotenvPath(sources.environment.HOME),
    service,
    answer: await ask(settings.controlSocketPath),
  };
}

async function ask(socketPath: string): Promise<Answer> {
  try {
    return { kind: "running", status: await askStatus(socketPath) };
  } catch (error) {
    if (error instanceof WaitingLoggerError) return { kind: "waiting", waiting: error.waiting };
    const kind = error instanceof NoLoggerError ? "nobody" : "refused";
    return { kind, why: (error as Error).message };
  }
}
