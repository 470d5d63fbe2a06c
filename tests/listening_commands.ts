/** The commands of docs/where_to_listen.md, for tests that run them as they stand there. */

import { assert } from "./assert.ts";

const DOCUMENT = new URL("../docs/where_to_listen.md", import.meta.url);

/** Those of a block, such as "bridge undo". */
export async function commandsOf(block: string): Promise<string> {
  const text = await Deno.readTextFile(DOCUMENT);
  const found = text.match(new RegExp(`^\`\`\`sh ${block}\\n([^\`]*)\`\`\`$`, "m"));
  assert(found !== null, `the document has a block "${block}"`);
  return found[1];
}
