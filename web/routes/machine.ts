/** Routes to the logger and its machine. */

import { examine } from "../../service/doctor/examination.ts";
import { askFlush, askStatus, WaitingLoggerError } from "../../service/control/control_client.ts";
import type { Patient } from "../../service/doctor/finding.ts";
import { vantageOf, vantageText } from "../../service/control/vantage.ts";
import { configFields, configOf } from "../../service/settings/config.ts";
import { installedService } from "../../service/settings/installed_service.ts";
import { processSources } from "../../service/settings/read_settings.ts";
import type { ConfigAnswer, DoctorAnswer, StatusAnswer } from "../api/answers.ts";
import type { Desk } from "./desk.ts";
import { loggerFault, stateOf } from "./logger_fault.ts";
import { type Asked, json, type Route } from "./route.ts";

export const MACHINE_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "status",
    about: "what the running logger says about itself, as `wifilogger status`",
    parameters: [],
    answer: "StatusAnswer",
    run: status,
  },
  {
    method: "GET",
    path: "doctor",
    about: "what keeps the log from being whole, as `wifilogger doctor`",
    parameters: [],
    answer: "DoctorAnswer",
    run: doctor,
  },
  {
    method: "GET",
    path: "config",
    about: "every setting, as `wifilogger config`; secrets are not shown",
    parameters: [],
    answer: "ConfigAnswer",
    run: config,
  },
  {
    method: "POST",
    path: "flush",
    about: "moves the RAM log to the archive",
    parameters: [],
    answer: "FlushReport",
    run: flush,
  },
];

async function status({ desk }: Asked): Promise<Response> {
  const body: StatusAnswer = {
    ...await loggerStatus(desk),
    outputs: await desk.readers.outputs(),
    receivers: await desk.readers.receivers(),
  };
  return json(body);
}

async function loggerStatus(
  { settings }: Desk,
): Promise<Omit<StatusAnswer, "outputs" | "receivers">> {
  try {
    const logger = await askStatus(settings.controlSocketPath);
    return { state: "running", logger, vantage: vantageOf(logger), sees: vantageText(logger) };
  } catch (error) {
    const why = (error as Error).message;
    const waiting = error instanceof WaitingLoggerError ? { logger: error.waiting } : {};
    return { state: stateOf(error), why, ...waiting };
  }
}

async function doctor({ desk }: Asked): Promise<Response> {
  // As a service it is kept from writing to the log.
  const onlyReads = desk.settings.webSocketPath !== undefined;
  const check = (patient: Patient) => desk.readers.check(patient);
  const findings = await examine({}, check, { onlyReads });
  return json({ findings } satisfies DoctorAnswer);
}

function config(): Promise<Response> {
  const { settings, unknown, env_file } = configFields(
    configOf(processSources(), installedService()),
  );
  const body: ConfigAnswer = { settings, unknown, env_file };
  return Promise.resolve(json(body));
}

async function flush({ desk }: Asked): Promise<Response> {
  try {
    return json(await askFlush(desk.settings.controlSocketPath));
  } catch (error) {
    throw loggerFault(error);
  }
}
