/** What gives places their names: the token, and how old the tables are. */

import { systemClock } from "../../system/clock.ts";
import { LocalPlaces } from "../places/local_places.ts";
import { SettingError } from "../settings/setting_error.ts";
import { type Finding, ok, type Patient } from "./finding.ts";

const DAY_MS = 86_400e3;
/** Networks change hands: after so long, tables are told of. */
const OLD_DAYS = 550;

/** Whether ipinfo.io takes the token, by what the running logger was answered. */
export function checkToken({ settings, states, answer, envPath }: Patient): Finding {
  const what = "token";
  if (states.some(({ setting, error }) => setting.name === "IPINFO_TOKEN" && error !== undefined)) {
    return { level: "warn", what, why: "the one that is set is none: ipinfo.io is not asked" };
  }
  if (settings.ipinfoToken === undefined) {
    return ok(what, "none is set: ipinfo.io is not asked");
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
        command: `sudo ./install.sh --token # or edit IPINFO_TOKEN in ${envPath}`,
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

/** The age of each table of places. */
export async function checkTables(
  { settings }: Pick<Patient, "settings">,
  nowMs = systemClock.wallMs(),
): Promise<Finding[]> {
  const what = "tables";
  try {
    const { databases } = await LocalPlaces.open(settings.geoDbPaths);
    return databases.map(({ name, builtAt }, index): Finding => {
      const days = Math.floor((nowMs - builtAt.getTime()) / DAY_MS);
      const age = `${name}, as of ${builtAt.toISOString().slice(0, 10)}`;
      if (days <= OLD_DAYS) return ok(what, age);
      const why = `${age}: older than ${OLD_DAYS} days, places may be wrong`;
      const isOwn = index < settings.geoDbPaths.length;
      const command = isOwn
        ? `ls -l ${settings.geoDbPaths[index]} # replace it`
        : "sudo ./install.sh # of a newer version";
      return { level: "warn", what, why, command };
    });
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return [{ level: "bad", what, why: error.message }];
  }
}
