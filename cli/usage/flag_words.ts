/** Words that flags take, for the table of commands and for the commands that go by them. */

import type { Group, Sort } from "../../service/live_traffic.ts";

/** What a report can be. */
export const REPORT_FORMATS = ["table", "json", "csv", "markdown", "html", "parquet"] as const;

/** What the rows of `top` can be made of. */
export const TOP_GROUPS = [
  "flow",
  "device",
  "name",
  "site",
  "country",
  "owner",
] as const satisfies readonly Group[];

/** What they can be sorted by, the largest first; names from A on. */
export const TOP_SORTS = ["rate", "total", "up", "down", "name"] as const satisfies readonly Sort[];

/** What news, devices and marks can be. */
export const NEWS_FORMATS = ["table", "json", "csv"] as const;

/** What a device's profile can be. */
export const PROFILE_FORMATS = ["text", "json", "mud"] as const;
