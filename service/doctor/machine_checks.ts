/** What the machine must have: a 64-bit system, libpcap, the privilege to capture, a clock that is right. */

import { CaptureError } from "../../system/capture_error.ts";
import { kernelClockIsSynced } from "../../system/kernel_clock.ts";
import { loadLibpcap } from "../../system/native.ts";
import { readSystemFile } from "../../system/system_file.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

/** Bit of `CAP_NET_RAW` in a set of capabilities. */
const CAP_NET_RAW = 13n;

export function checkSystem(): Finding {
  // The program is made for these two alone: where it runs, the system is right.
  return ok("system", `64-bit, ${Deno.build.arch}`);
}

export function checkLibpcap(load: () => unknown = loadLibpcap): Finding {
  const what = "libpcap";
  try {
    load();
    return ok(what, "installed");
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    const why = "not installed, or too old: nothing can be captured";
    return { level: "bad", what, why, command: "sudo apt-get install libpcap0.8" };
  }
}

/** Whether the service, or without one this process, may capture. */
export function checkPrivilege(
  { service }: Pick<Patient, "service">,
  processStatus = readSystemFile("/proc/self/status"),
): Finding {
  const what = "privilege";
  if (service !== undefined) {
    const granted = service.directives.findLast(({ key }) => key === "AmbientCapabilities")?.value;
    if (granted?.split(/\s+/).includes("CAP_NET_RAW")) return ok(what, "the service may capture");
    const why = "the service is not given CAP_NET_RAW: it cannot capture";
    return { level: "bad", what, why, command: "sudo systemctl revert wifilogger" };
  }
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(processStatus ?? "")?.[1] ?? "0";
  if ((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) return ok(what, "this user may capture");
  const why = "this user may not capture, and no service is installed that may";
  return { level: "warn", what, why, command: "sudo ./install.sh" };
}

/** Whether times in the log are right: by the running logger, or by the kernel. */
export function checkClock({ answer }: Pick<Patient, "answer">): Finding {
  const isSynced = answer.kind === "running"
    ? answer.status.clock === "synced"
    : kernelClockIsSynced() ?? false;
  if (isSynced) return ok("clock", "kept by the network");
  const why = "not kept by the network: the times of records may be wrong";
  return { level: "warn", what: "clock", why, command: "sudo timedatectl set-ntp true" };
}
