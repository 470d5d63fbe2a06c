/** Writes the manual, `man/wifilogger.1`, as the program prints it. */

import { manual } from "../cli/usage/manual.ts";

/** Where the manual lies. */
export const MANUAL = new URL("../man/wifilogger.1", import.meta.url);

if (import.meta.main) await Deno.writeTextFile(MANUAL, manual());
