/** Every route that needs a session or a token, in the order in which the API's document has them. */

import { DEVICE_ROUTES } from "./devices.ts";
import { MACHINE_ROUTES } from "./machine.ts";
import { NEWS_ROUTES } from "./news.ts";
import { RECORD_ROUTES } from "./records.ts";
import type { Route } from "./route.ts";
import { SUM_ROUTES } from "./sums.ts";

export const ROUTES: readonly Route[] = [
  ...SUM_ROUTES,
  ...RECORD_ROUTES,
  ...DEVICE_ROUTES,
  ...NEWS_ROUTES,
  ...MACHINE_ROUTES,
];
