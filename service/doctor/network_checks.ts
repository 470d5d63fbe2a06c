/** What is listened on, and from where it looks at the network. */

import { CaptureError } from "../../system/capture_error.ts";
import {
  ANY_INTERFACE,
  defaultInterface,
  interfaceIsUp,
  interfaceNames,
} from "../../system/network_interfaces.ts";
import { readSystemFile } from "../../system/system_file.ts";
import { VANTAGE_ADVICE, vantageOf, vantageText } from "../control/vantage.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

/** Of the packets that came, the share that the kernel may drop before the log is poor. */
const DROPPED_SHARE = 0.001;
const ADVICE_FILE_ARGUMENT = "WIFILOGGER_INTERFACE=NAME";

/** Each interface that is, or would be, listened on. */
export function checkInterfaces(
  { settings, envPath, answer }: Pick<Patient, "settings" | "envPath" | "answer">,
): Finding[] {
  const what = "interface";
  const there = interfaceNames();
  const choose = `echo ${ADVICE_FILE_ARGUMENT} >> ${envPath}`;
  const listened = answer.kind === "running"
    ? answer.status.interfaces.map(({ name }) => name)
    : settings.interfaces;
  const names = listened.length > 0 ? listened : defaultOrNone();
  if (names.length === 0) {
    const why = `none is set, and there is no default route; there are: ${
      there.join(", ") || "none"
    }`;
    return [{ level: "bad", what, why, command: choose }];
  }
  return names.map((name): Finding => {
    if (name !== ANY_INTERFACE && name !== "lo" && !there.includes(name)) {
      const why = `there is no ${name}; there are: ${there.join(", ") || "none"}`;
      return { level: "bad", what, why, command: choose };
    }
    if (interfaceIsUp(name)) return ok(what, `${name} is up: ${roleText(name)}`);
    const why = `${name} is down, or has no carrier: nothing passes`;
    return { level: "bad", what, why, command: `sudo ip link set ${name} up` };
  });
}

/** Whether other devices' traffic passes, by what the running logger has seen. */
export function checkVantage({ answer }: Pick<Patient, "answer">): Finding {
  const what = "vantage";
  if (answer.kind !== "running") {
    return { level: "warn", what, why: "not known while no logger is capturing" };
  }
  const why = vantageText(answer.status);
  switch (vantageOf(answer.status)) {
    case "network":
      return ok(what, why);
    case "nothing":
      return { level: "warn", what, why: `${why}. If this lasts: ${VANTAGE_ADVICE}` };
    default:
      return { level: "bad", what, why };
  }
}

/** Whether the kernel had to drop packets. */
export function checkDrops({ answer }: Pick<Patient, "answer">): Finding[] {
  if (answer.kind !== "running") return [];
  return answer.status.interfaces.map(({ name, statistics }): Finding => {
    const { received, droppedByKernel } = statistics;
    const why = `${droppedByKernel} of ${received} packets on ${name} were dropped by the kernel`;
    if (droppedByKernel <= DROPPED_SHARE * received) return ok("drops", why);
    const command = "systemd-cgtop # what else takes the processor?";
    return { level: "warn", what: "drops", why: `${why}: they are missing in the log`, command };
  });
}

/** What an interface is in the network, as far as the system tells: the places of docs/where_to_listen.md. */
function roleText(name: string, defaultName = defaultOrNone()[0]): string {
  if (name === ANY_INTERFACE) return "all interfaces";
  if (name === "lo") return "this machine's loopback";
  const hasFile = (path: string) => readSystemFile(`/sys/class/net/${name}/${path}`) !== undefined;
  const isWireless = hasFile("phy80211/index");
  if (hasFile("bridge/bridge_id")) return "a bridge";
  const forwards = [
    "/proc/sys/net/ipv4/ip_forward",
    "/proc/sys/net/ipv6/conf/all/forwarding",
  ].some((path) => readSystemFile(path)?.trim() === "1");
  if (forwards && name !== defaultName) {
    return isWireless ? "an access point's, this machine forwards" : "a router's inside";
  }
  if (forwards) return "a router's outside: devices behind address translation look like this one";
  if (isWireless) return "a client of a wireless network";
  const hasAddress = addressedOrNone()?.includes(name);
  if (hasAddress === undefined) return "a host on a wire, or a mirror port's end";
  return hasAddress ? "a client on a wire" : "a mirror port's end, without an address";
}

/** Interfaces with an address; undefined where this process may not ask, as in the sandbox of the pages. */
function addressedOrNone(): readonly string[] | undefined {
  try {
    const found = Deno.networkInterfaces().map(({ name }) => name);
    return found.length > 0 ? found : undefined;
  } catch {
    return undefined;
  }
}

function defaultOrNone(): readonly string[] {
  try {
    return [defaultInterface()];
  } catch (error) {
    if (error instanceof CaptureError) return [];
    throw error;
  }
}
