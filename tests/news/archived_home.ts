/** A home folder whose archive holds made-up flows, for commands that are asked of it. */

import { join } from "@std/path";
import { localDay } from "../../storage/day/calendar_day.ts";
import { flowLine, type MadeUpFlow } from "./flow_line.ts";

/** The last noon that is over, whatever time it is now: milliseconds since 1970. */
export const LAST_NOON_MS = lastNoon();

function lastNoon(): number {
  const noon = new Date();
  if (noon.getHours() < 12) noon.setDate(noon.getDate() - 1);
  return noon.setHours(12, 0, 0, 0);
}

/** The home; gone when disposed of. */
export interface ArchivedHome extends AsyncDisposable {
  /** By which a command finds it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Writes the flows, in their order, each into its day. */
export async function archivedHome(
  flows: readonly Omit<MadeUpFlow, "id">[],
): Promise<ArchivedHome> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const logs = join(home, "wifi_logger/logs");
  await Deno.mkdir(logs, { recursive: true });
  for (const [i, flow] of flows.entries()) {
    const line = flowLine({ ...flow, id: `f${i}` });
    await Deno.writeTextFile(join(logs, `${localDay(flow.endMs)}.log`), line + "\n", {
      append: true,
    });
  }
  return {
    env: { HOME: home, WIFILOGGER_RAM_LOG: join(home, "ram/today.log"), LANG: "C.UTF-8" },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}
