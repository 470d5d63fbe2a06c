/** What gives places their names: the token, and how old the tables are. */

import { systemClock } from "../../system/clock.ts";
import { asksForAddresses, fetchedDatabases } from "../places/fetched_databases.ts";
import { databasePaths, LocalPlaces } from "../places/local_places.ts";
import { readRenewalState } from "../renewal/renewal_state.ts";
import type { Settings } from "../settings/settings.ts";
import { SettingError } from "../settings/setting_error.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

const DAY_MS = 86_400e3;
/** Networks change hands: after so long, it is said how tables are renewed. */
const OLD_DAYS = 90;

/** Whether ipinfo.io takes the token, by what the running logger was answered. */
export function checkToken({ settings, states, answer, envPath, service }: Patient): Finding {
  const what = "token";
  if (states.some(({ setting, error }) => setting.name === "IPINFO_TOKEN" && error !== undefined)) {
    return { level: "warn", what, why: "the one that is set is none: ipinfo.io is not asked" };
  }
  if (settings.ipinfoToken === undefined) {
    return ok(what, "none is set: ipinfo.io is not asked");
  }
  if (!asksForAddresses(settings.ipinfoUse)) {
    return ok(what, `set; no address is asked for (WIFILOGGER_IPINFO=${settings.ipinfoUse})`);
  }
  if (settings.privacy !== "full") {
    return ok(what, `set; no address is asked for (WIFILOGGER_PRIVACY=${settings.privacy})`);
  }
  const ipinfo = answer.kind === "running" ? answer.status.places.ipinfo : undefined;
  if (ipinfo === undefined) {
    return {
      level: "warn",
      what,
      why: "it is set; whether ipinfo.io takes it, a running logger finds out",
    };
  }
  const month = ipinfo.budget.month;
  switch (ipinfo.state) {
    case "token refused":
      return {
        level: "bad",
        what,
        why: "ipinfo.io refuses it: no more cities come from there",
        command: service?.isPackaged
          ? `sudoedit ${envPath} # IPINFO_TOKEN`
          : `sudo ./install.sh --token # or edit IPINFO_TOKEN in ${envPath}`,
      };
    case "paused":
      return { level: "warn", what, why: `ipinfo.io is not asked for now: ${ipinfo.pause?.why}` };
    case "budget spent":
      return {
        level: "warn",
        what,
        why: `the budget of ${month} is spent: not asked until the next`,
      };
    default:
      return ok(
        what,
        ipinfo.plan === undefined ? "set; not tried yet" : `accepted, plan ${ipinfo.plan}`,
      );
  }
}

/** The age of each table of places, and whether they are renewed. */
export async function checkTables(
  { settings, service, envPath }: Pick<Patient, "settings" | "service" | "envPath">,
  nowMs = systemClock.wallMs(),
): Promise<Finding[]> {
  const what = "tables";
  try {
    using local = await LocalPlaces.open(databasePaths(settings));
    const { databases } = local;
    const ages = databases.map(({ name, builtAt }) =>
      ok(what, `${name}, as of ${builtAt.toISOString().slice(0, 10)}`)
    );
    const newestMs = Math.max(...databases.map(({ builtAt }) => builtAt.getTime()));
    const days = Math.floor((nowMs - newestMs) / DAY_MS);
    const renewal = checkRenewal(settings, nowMs, days);
    return [...ages, service?.isPackaged ? withoutInstallSh(renewal, envPath) : renewal];
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return [{ level: "bad", what, why: error.message }];
  }
}

/** Where the package is installed, settings are edited. */
function withoutInstallSh(finding: Finding, envPath: string): Finding {
  if (!finding.command?.includes("install.sh")) return finding;
  return { ...finding, command: `sudoedit ${envPath} # one of these lines` };
}

/** Whether what the settings ask for is fetched; and where they ask for nothing, how old the newest table is. */
function checkRenewal(settings: Settings, nowMs: number, days: number): Finding {
  const what = "renewal";
  const command = "sudo wifilogger places update";
  const wanted = fetchedDatabases(settings);
  const states = readRenewalState(settings.placesDir);
  for (const database of wanted) {
    const { checkedMs, why } = states[database.name] ?? {};
    const { title } = database;
    if (why !== undefined) return { level: "warn", what, why: `${title}: ${why}`, command };
    if (checkedMs === undefined) {
      return { level: "warn", what, why: `${title} is not fetched yet`, command };
    }
    if (nowMs - checkedMs > OLD_DAYS * DAY_MS) {
      const age = Math.floor((nowMs - checkedMs) / DAY_MS);
      return { level: "warn", what, why: `${title} was last fetched ${age} days ago`, command };
    }
  }
  if (wanted.length > 0) return ok(what, wanted.map(({ title }) => title).join(", "));
  if (days <= OLD_DAYS) return ok(what, "not set; the newest table is young enough");
  return {
    level: "warn",
    what,
    why:
      `the newest table is ${days} days old, and networks change hands: with a free IPINFO_TOKEN, ` +
      "or with WIFILOGGER_PLACES_UPDATE=dbip, they are renewed",
    command: "sudo ./install.sh --token # or that line in ~/.env",
  };
}
