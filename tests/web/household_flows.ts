/** The flows of a household in which there is news of every kind. */

import { LAST_NOON_MS } from "../news/archived_home.ts";
import type { MadeUpFlow } from "../news/flow_line.ts";

const DAY_MS = 24 * 3600e3;

export const PLUG = { mac: "b8:27:eb:00:00:29", ip: "192.168.1.29" } as const;
export const PHONE = { mac: "b8:27:eb:00:00:30", ip: "192.168.1.30", host: "pixel" } as const;
/** A name that would be markup and script, were it not text. */
export const HOSTILE = `<img src=x onerror="alert(1)">.example`;

/** Twenty days of a plug and a phone; of late the plug goes astray, and a guest comes. */
export function householdFlows(): Omit<MadeUpFlow, "id">[] {
  const made: Omit<MadeUpFlow, "id">[] = [];
  for (let day = 20; day >= 0; day--) {
    const endMs = LAST_NOON_MS - day * DAY_MS;
    const cloud = { name: "a1.iot.example", country: "DE", owner: "Good Hosting" };
    made.push({ endMs, ...PLUG, ...cloud, up: 100, down: 200 });
    made.push({ endMs: endMs + 1, ...PHONE, name: "www.news.example", country: "FR" });
  }
  const astray = { country: "RU", owner: "Bad Hosting", port: 23, remoteIp: "198.51.100.7" };
  made.push({ endMs: LAST_NOON_MS - 2 * DAY_MS, ...PLUG, ...astray, up: 5000, down: 100 });
  made.push({ endMs: LAST_NOON_MS - 2 * DAY_MS + 1000, ...PLUG, name: HOSTILE, country: "RU" });
  const guest = { mac: "b8:27:eb:00:00:31", ip: "192.168.1.31", host: "guest" };
  made.push({ endMs: LAST_NOON_MS - DAY_MS, ...guest, name: "www.news.example", country: "FR" });
  return made.sort((a, b) => a.endMs - b.endMs);
}
