/** The program's version: that of `deno.json`, and in an executable the commit it was made from. */

import config from "../../deno.json" with { type: "json" };

/** Embedded by `scripts/compile.ts`; the path is from this file. */
const COMMIT_FILE = new URL("../../commit", import.meta.url);

/** Semantic version, such as `0.1.0` or, in an executable, `0.1.0+1a2b3c4d5e6f`. */
export const VERSION: string = Deno.build.standalone
  ? `${config.version}+${Deno.readTextFileSync(COMMIT_FILE)}`
  : config.version;
