/**
 * The doctor's checks of the forwarder: a finding for each output, for each receiver of news, and for the address of the
 * metrics.
 */

import { type Finding, ok, type Patient } from "../service/doctor/finding.ts";
import { hasUnit } from "../service/settings/installed_service.ts";
import type { OutputUrl } from "../service/settings/output_url.ts";
import type { TellUrl } from "../service/settings/tell_url.ts";
import { behindText } from "./progress/output_text.ts";
import { isForwarderRunning } from "./progress/forwarder_lock.ts";
import { readTellStates, type ReceiverState, receiverText } from "./telling/tell_state.ts";
import { type OutputState, readOutputState } from "./progress/progress.ts";

/** The unit that `install.sh` writes, or the package brings. */
const FORWARD_UNIT = "wifilogger-forward";
/** A receiver that is away for less is no reason to act. */
const PATIENCE_MS = 3600e3;

type Known = Pick<Patient, "settings" | "service" | "envPath">;

/** Findings about everything that is sent on; none where nothing is set. `nowMs`: the time of day. */
export async function checkOutputs(
  patient: Known,
  nowMs: number,
  unitFolders?: readonly string[],
): Promise<Finding[]> {
  const { settings: { forward, metricsListen, tell } } = patient;
  const start = startCommand(patient, unitFolders);
  const findings = forward.map((url) => checkOutput(patient, url, { nowMs, start }));
  findings.push(...tell.map((url) => checkReceiver(patient, url, { nowMs, start })));
  if (metricsListen !== undefined) findings.push(checkMetrics(metricsListen, start));
  return await Promise.all(findings);
}

/** What starts the forwarder here. */
function startCommand({ service }: Known, unitFolders?: readonly string[]): string {
  if (service === undefined) return "wifilogger forward";
  return hasUnit(`${FORWARD_UNIT}.service`, unitFolders)
    ? `sudo systemctl enable --now ${FORWARD_UNIT}`
    : "sudo ./install.sh";
}

async function checkOutput(
  { settings: { forwardDir }, envPath }: Known,
  url: OutputUrl,
  { nowMs, start }: { nowMs: number; start: string },
): Promise<Finding> {
  const what = "output";
  let state: OutputState | undefined;
  let isRunning: boolean;
  try {
    state = await readOutputState(forwardDir, url);
    isRunning = await isForwarderRunning(forwardDir);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    const why = `${url.name}: this user may not read ${forwardDir}`;
    return { level: "warn", what, why, command: "sudo wifilogger doctor" };
  }
  if (state === undefined || !isRunning) {
    const behind = state === undefined ? "" : `; when it last did: ${behindText(state, nowMs)}`;
    const why = `${url.name}: the forwarder does not run, nothing is sent${behind}`;
    return { level: "bad", what, why, command: start };
  }
  const { failure, refused } = state;
  const why = `${url.name}: ${behindText(state, nowMs)}`;
  if (failure !== undefined) {
    const isLong = nowMs - Date.parse(failure.since) > PATIENCE_MS;
    return {
      level: isLong || failure.kind === "denied" ? "bad" : "warn",
      what,
      why: `${why}. Sending fails since ${failure.since}: ${failure.message}`,
      command: remedy(failure.kind, url, envPath),
    };
  }
  if (refused > 0) {
    const command = `journalctl -u ${FORWARD_UNIT} -p warning`;
    return { level: "warn", what, why: `${why}; ${refused} refused by the receiver`, command };
  }
  return ok(what, why);
}

async function checkReceiver(
  { settings: { forwardDir }, envPath }: Known,
  { name }: TellUrl,
  { nowMs, start }: { nowMs: number; start: string },
): Promise<Finding> {
  const what = "telling";
  let state: ReceiverState | undefined;
  let isRunning: boolean;
  try {
    state = (await readTellStates(forwardDir)).find(({ receiver }) => receiver === name);
    isRunning = await isForwarderRunning(forwardDir);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    const why = `${name}: this user may not read ${forwardDir}`;
    return { level: "warn", what, why, command: "sudo wifilogger doctor" };
  }
  if (state === undefined || !isRunning) {
    const why = `${name}: the forwarder does not run, nothing is told`;
    return { level: "bad", what, why, command: start };
  }
  const why = receiverText(state, { isRunning });
  if (state.failure === undefined) return ok(what, why);
  const isLong = nowMs - Date.parse(state.failure.since) > PATIENCE_MS;
  const command = `sudo editor ${envPath} && sudo systemctl restart ${FORWARD_UNIT}`;
  return { level: isLong ? "bad" : "warn", what, why, command };
}

function remedy(
  kind: NonNullable<OutputState["failure"]>["kind"],
  { url: { hostname } }: OutputUrl,
  envPath: string,
): string {
  switch (kind) {
    case "unreachable":
      return `ping -c 3 ${hostname} # is it there?`;
    case "denied":
      return `sudo editor ${envPath} && sudo systemctl restart ${FORWARD_UNIT}`;
    default:
      return `journalctl -u ${FORWARD_UNIT} -p warning`;
  }
}

async function checkMetrics(listen: Deno.TcpListenOptions, start: string): Promise<Finding> {
  const what = "metrics";
  const { hostname = "", port } = listen;
  const address = `${hostname}:${port}`;
  // Who listens everywhere listens here, too.
  const here = { "0.0.0.0": "127.0.0.1", "::": "::1" }[hostname] ?? hostname;
  try {
    (await Deno.connect({ hostname: here, port })).close();
    return ok(what, `served on ${address}`);
  } catch {
    return { level: "bad", what, why: `nothing listens on ${address}`, command: start };
  }
}
