/** Taking back from a broker what it keeps of this site, so that Home Assistant forgets the devices. */

import type { OutputUrl } from "../../service/settings/output_url.ts";
import { sleep } from "../../system/clock.ts";
import { CONFIG_TOPICS, loggerId, ORIGIN } from "../home_assistant/discovery.ts";
import { type BrokerConnection, connectBroker } from "./broker_connection.ts";

/** A broker that has sent nothing for so long has sent all that it keeps. */
const QUIET_MS = 500;
const LONGEST_MS = 10_000;

/**
 * Removes the discovery messages of the site and what else is retained below `wifilogger/SITE`. Its own status goes with
 * the connection.
 *
 * @returns the topics that were removed
 * @throws {SendFailure} why the broker cannot be asked
 */
export async function forgetSite(url: OutputUrl, site: string): Promise<string[]> {
  const status = `wifilogger/${site}/status`;
  const connection = await connectBroker(url, {
    clientId: `wifilogger-${site}-forget`,
    // Empty: what is retained there is removed.
    will: { topic: status, payload: "" },
  });
  try {
    const kept = await retainedOf(connection, [CONFIG_TOPICS, `wifilogger/${site}/#`]);
    const topics = [...kept].filter(([topic, text]) => isOurs(topic, text, site))
      .map(([topic]) => topic).sort();
    for (const topic of topics) {
      await connection.client.publishAsync(topic, "", { qos: 1, retain: true });
    }
    return topics;
  } finally {
    await connection.close();
  }
}

function isOurs(topic: string, text: string, site: string): boolean {
  if (topic.startsWith(`wifilogger/${site}/`)) return true;
  const id = topic.split("/")[2];
  const isOfSite = id === loggerId(site) ||
    new RegExp(`^${loggerId(site)}_[0-9a-f]{12}$`).test(id);
  return isOfSite && originOf(text) === ORIGIN;
}

function originOf(text: string): unknown {
  try {
    return JSON.parse(text)?.origin?.name;
  } catch {
    return undefined;
  }
}

/** What the broker keeps on some topics. */
async function retainedOf(
  { client, closed }: BrokerConnection,
  topics: string[],
): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  let isQuiet = false;
  client.on("message", (topic, payload, { retain }) => {
    isQuiet = false;
    if (retain && payload.length > 0) kept.set(topic, payload.toString());
  });
  await Promise.race([client.subscribeAsync(topics, { qos: 1 }), closed]);
  const never = new AbortController().signal;
  for (let waitedMs = 0; !isQuiet && waitedMs < LONGEST_MS; waitedMs += QUIET_MS) {
    isQuiet = true;
    await Promise.race([sleep(QUIET_MS, never), closed]);
  }
  return kept;
}
