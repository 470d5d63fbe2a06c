/** What a letter says of the logger and its card. */

import { formatBytes } from "../../report/render/bytes_text.ts";
import { askStatus } from "../../service/control/control_client.ts";
import { vantageText } from "../../service/control/vantage.ts";

/** Sentences. */
export async function loggerLines(socketPath: string): Promise<readonly string[]> {
  try {
    const status = await askStatus(socketPath);
    const { card: { today, yearlyShare }, log } = status;
    const wear = yearlyShare === undefined
      ? ""
      : `; a year of this is ${(yearlyShare * 100).toFixed(2)} % of its life`;
    return [
      `the logger runs since ${
        status.started.slice(0, 16).replace("T", " ")
      } UTC, version ${status.version}`,
      `it sees ${vantageText(status)}`,
      `written to the card today: ${formatBytes(today.bytes)}${wear}`,
      ...(log.droppedRecords > 0
        ? [`${log.droppedRecords} records were LOST: neither RAM nor card had room`]
        : []),
    ];
  } catch (error) {
    return [`the logger does not answer: ${(error as Error).message}`];
  }
}
