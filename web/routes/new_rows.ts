/** Which rows of an answer are new to the household: the ledger of firsts tells it without reading every earlier day. */

import type { Ledger } from "../../news/ledger/ledger.ts";
import { QUARTER_MS } from "../../news/ledger/quarter.ts";
import { firstSeen, householdSince, type SeenKind } from "../../news/rules/first_seen.ts";
import { householdDevices, isCalled } from "../../news/rules/household_devices.ts";
import type { Answer } from "../../report/question/answer.ts";
import type { Dimension } from "../../report/question/dimension_words.ts";
import type { Desk } from "./desk.ts";

/** The rows with what the household had not seen before the period, where the ledger is there and reaches so far. */
export async function withNews(answer: Answer, desk: Desk): Promise<Answer> {
  const { by: [dimension, ...more], span: { sinceMs } } = answer.question;
  if (more.length > 0 || !["device", "site", "country", "owner"].includes(dimension)) return answer;
  const ledger = (await desk.ledgerIfReady())?.ledger;
  if (ledger === undefined || !((householdSince(ledger) ?? Infinity) < sinceMs)) return answer;
  const firstOf = dimension === "device" ? deviceFirstOf(ledger) : wordFirstOf(ledger, dimension);
  return {
    ...answer,
    rows: answer.rows.map((row) => {
      const firstMs = firstOf(String(row.groups[0].value));
      return firstMs === undefined ? row : { ...row, isNew: firstMs >= sinceMs };
    }),
  };
}

function wordFirstOf(ledger: Ledger, dimension: Dimension): (value: string) => number | undefined {
  const firsts = firstSeen(ledger, dimension as SeenKind);
  return (value) => firsts.get(value);
}

function deviceFirstOf(ledger: Ledger): (value: string) => number | undefined {
  const devices = householdDevices(ledger);
  return (value) => {
    const device = devices.find((one) => isCalled(one, value));
    return device && device.first * QUARTER_MS;
  };
}
