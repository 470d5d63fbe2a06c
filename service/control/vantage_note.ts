/** What the head of a report says when the logger sees less than a network. */

import { askStatus } from "./control_client.ts";
import { vantageOf, vantageText } from "./vantage.ts";

/** One sentence; `undefined` when all is well, or no logger can be asked. */
export async function vantageNote(socketPath: string): Promise<string | undefined> {
  try {
    const status = await askStatus(socketPath);
    const isPoor = ["self", "one-sided"].includes(vantageOf(status));
    return isPoor ? `The logger sees ${vantageText(status)}.` : undefined;
  } catch {
    return undefined; // a report is of what was logged, whoever logs now
  }
}
