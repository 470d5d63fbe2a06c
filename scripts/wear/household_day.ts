/**
 * A simulated day of a household's log: how many records come in each second of it.
 *
 * The rates are those of a family of four with phones, a television and a few gadgets, as flows: what is idle at night
 * polls now and then, and the evening is the busiest time. It is a stated assumption, not a measurement of one home.
 */

import { seededRandom } from "../seeded_random.ts";

/** Records a second by the hour of the day, from midnight on; 50,760 a day on average. */
export const RECORDS_PER_SECOND: readonly number[] = [
  ...[0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
  ...[0.6, 0.6, 0.6],
  ...[0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4],
  ...[0.8, 0.8, 0.8],
  ...[1.5, 1.5, 1.5, 1.5],
  0.5,
];

/** A second in which something was logged. */
export interface LoggedSecond {
  /** Seconds since midnight. */
  second: number;
  /** Lines, each with its newline. */
  text: string;
  lines: number;
}

/** The seconds of the day that begins at `startMs` in which records come; the same for the same day. */
export function* householdDay(startMs: number): Generator<LoggedSecond, void> {
  const random = seededRandom(startMs / 1000);
  for (let second = 0; second < 86_400; second++) {
    const lines = poisson(RECORDS_PER_SECOND[Math.floor(second / 3600)], random);
    if (lines === 0) continue;
    const timeMs = startMs + second * 1e3;
    const text = Array.from({ length: lines }, () => line(timeMs, random)).join("");
    yield { second, text, lines };
  }
}

const HOSTS = ["news", "video", "updates", "mail", "weather", "shop", "music", "cloud"];

/** A line with the fields, and about the length, of a real one. */
function line(timeMs: number, random: () => number): string {
  const pick = (count: number) => Math.floor(random() * count);
  const durationMs = pick(60_000);
  const end = new Date(timeMs).toISOString();
  const host = `${HOSTS[pick(HOSTS.length)]}${pick(40)}.example.com`;
  const [sent, received] = [pick(20_000), pick(900_000)];
  return JSON.stringify({
    "@timestamp": end,
    event: {
      start: new Date(timeMs - durationMs).toISOString().replace("Z", "123Z"),
      end: end.replace("Z", "456Z"),
      duration: durationMs * 1e6,
    },
    network: {
      type: "ipv4",
      transport: "tcp",
      protocol: "tls",
      direction: "outbound",
      community_id: `1:${btoa(String(random())).slice(0, 27)}=`,
      bytes: sent + received,
      packets: Math.ceil((sent + received) / 900),
    },
    source: {
      ip: `192.168.1.${20 + pick(16)}`,
      port: 32_768 + pick(28_000),
      bytes: sent,
      packets: Math.ceil(sent / 400),
      mac: "02-00-5E-10-00-0A",
    },
    destination: {
      ip: `203.0.113.${pick(250)}`,
      port: 443,
      bytes: received,
      packets: Math.ceil(received / 1300),
      geo: { country_iso_code: "DE", country_name: "Germany" },
      domain: host,
    },
    tls: { client: { server_name: host } },
    wifilogger: {
      v: 1,
      flow_id: btoa(String(random())).slice(0, 16),
      part: 0,
      end_reason: "fin",
      name_source: "tls_sni",
      clock: "synced",
    },
  }) + "\n";
}

/** Knuth's way, for small means. */
function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}
