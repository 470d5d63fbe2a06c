/**
 * What a level of privacy hides, looked for as bytes in everything that comes out of the logger, while its sums equal the
 * kernel's counters.
 */

import { join } from "@std/path";
import { gunzipSync } from "node:zlib";
import { DEVICES, LAN, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import type { Household } from "../../scripts/household/household.ts";
import { ARCHIVE_DIR, RAM_LOG, startLogger, wifilogger } from "../../scripts/household/logger.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { logged, since } from "../../scripts/household/traffic.ts";
import { makeSummary, summaryDir } from "../../report/summary/summaries.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { parseRecords } from "../record_schema.ts";
import { assert, assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { archiveLines, curl, flowsIn, liveMissing, openLiveHousehold } from "./live_household.ts";

const HOME = `${SCRATCH}/home`;
const HOST_NAME = "annas-secret-phone";
const DOWNLOAD = 400_000;
const MAX_TRIES = 5;

const DHCP_SERVER = [
  ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-"],
  ...["--pid-file=", "--user=root", "--port=0", `--interface=${LAN.interface}`],
  ...["--dhcp-range=192.168.50.100,192.168.50.120,1h", "--dhcp-leasefile=/run/dnsmasq.leases"],
];

/** Words of the household, by the level that is the first to hide them. */
const HIDDEN = {
  sites: [
    ...["news.example.org", "updates.example.com", SERVERS.news.ipv4, SERVERS.updates.ipv4],
    ...[SERVERS.reverseOnly.ipv4, SERVERS.nameless.ipv4],
  ],
  devices: [
    HOST_NAME,
    ...Object.values(DEVICES).flatMap(({ ipv4, ipv6, mac }) => [ipv4, ipv6, mac]),
  ],
  totals: ["example.", "151.101.1.0", "129.132.19.0", "Switzerland", `"CH"`, `"community_id"`],
} as const;

/** Everything that came out of the logger, by where it did. */
type Outputs = Map<string, Uint8Array>;

async function watched(household: Household, env: Record<string, string>) {
  const outputs: Outputs = new Map();
  const said: string[] = [];
  const keep = (line: string) => said.push(line);
  const before = household.wanTraffic();
  const logger = await startLogger(household, ["--format", "text"], {
    env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s", ...env },
    onLine: keep,
    onErrorLine: keep,
  });
  const lease = await household.run("phone", [
    ...["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true", "-x"],
    `hostname:${HOST_NAME}`,
  ]);
  assertEquals(lease.code, 0, lease.stderr.join("\n"));
  const download = await downloadSeen(household, outputs);
  await curl(household, "laptop", `http://${SERVERS.updates.host}/5000`);
  await curl(household, "tv", `http://${SERVERS.reverseOnly.ipv4}/1000`);
  await curl(household, "tv", `http://${SERVERS.nameless.ipv4}/1000`);
  const called = household.run("internet", [
    ...["curl", "--silent", "--output", "/dev/null", `http://[${DEVICES.laptop.ipv6}]:8080/`],
  ]);
  assertEquals((await called).code, 0);
  await takeAnswers(household, outputs, "then");
  await eventually("a record", () => Deno.statSync(household.path(RAM_LOG)).size > 0);
  readFolder(household.path("/mnt/ramlogs"), outputs);
  await download.ended;
  const passed = since(before, await household.settledWanTraffic());
  await takeAnswers(household, outputs, "after");
  logger.signal("SIGTERM");
  await logger.ended;
  outputs.set("the process's outputs", bytes(said.join("\n")));
  return { outputs, passed };
}

/** Begins downloads until one is seen under way: on a busy machine one may be over before anybody has asked. */
async function downloadSeen(household: Household, outputs: Outputs) {
  for (let tries = 1;; tries++) {
    const ended = curl(
      household,
      ...["phone", "--ipv4", "--limit-rate", "200k"] as const,
      `http://${SERVERS.news.host}/${DOWNLOAD}`,
    );
    let isOver = false;
    void ended.finally(() => isOver = true);
    while (!isOver) {
      await takeAnswers(household, outputs, "during");
      if (isFlowIn(outputs.get("v1/flows during")!)) return { ended };
    }
    // Who needs it asserts that one was seen.
    if (tries === MAX_TRIES) return { ended };
  }
}

async function takeAnswers(household: Household, outputs: Outputs, when: string): Promise<void> {
  const path = household.path("/run/wifilogger/control.sock");
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  for (const asked of ["v1/status", "v1/flows", "metrics"]) {
    const response = await fetch(`http://localhost/${asked}`, { client });
    outputs.set(`${asked} ${when}`, await response.bytes());
  }
}

/** Whether an answer about live flows has any. */
function isFlowIn(answer: Uint8Array): boolean {
  return JSON.parse(new TextDecoder().decode(answer)).all.flows > 0;
}

/** Every file below, and what compressed ones hold. */
function readFolder(folder: string, outputs: Outputs): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) {
      readFolder(path, outputs);
      continue;
    }
    const content = Deno.readFileSync(path);
    outputs.set(path, content);
    const gzipAt = content.findIndex((byte, i) => byte === 0x1f && content[i + 1] === 0x8b);
    if (gzipAt >= 0) outputs.set(`${path} unpacked`, gunzipSync(content.subarray(gzipAt)));
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The words that stand in an output. */
function found(words: readonly string[], outputs: Outputs): string[] {
  return [...outputs].flatMap(([where, content]) => {
    const text = new TextDecoder("latin1").decode(content).toLowerCase();
    return words.filter((word) => text.includes(word.toLowerCase()))
      .map((word) => `${word} in ${where}: ${around(text, word.toLowerCase())}`);
  });
}

function around(text: string, word: string): string {
  const at = text.indexOf(word);
  return text.slice(Math.max(0, at - 80), at + 80);
}

/** What questions make of the log: a day's summary, the ledger of firsts, and their answers. */
async function takeReaders(household: Household, outputs: Outputs): Promise<void> {
  const archiveDir = household.path(ARCHIVE_DIR);
  for (const day of await listDays(archiveDir)) {
    await makeSummary(summaryDir(archiveDir), archiveDir, day, { note: () => {} });
  }
  // It writes the ledger, too.
  const { code, stdout, stderr } = await household.run("router", wifilogger("devices"));
  assertEquals(code, 0, stderr.join("\n"));
  outputs.set("devices", bytes(stdout.join("\n")));
}

function clear(household: Household): void {
  for (const folder of [household.path("/mnt/ramlogs"), household.path(`${HOME}/wifi_logger`)]) {
    for (const { name } of Deno.readDirSync(folder)) {
      if (name !== "privacy.key") Deno.removeSync(join(folder, name), { recursive: true });
    }
  }
}

testWhen(
  liveMissing ?? lacks({ commands: ["udhcpc"] }),
  "nothing that a level hides, or that is left out, gets out of the logger, and its sums are the kernel's",
  async () => {
    await using household = await openLiveHousehold();
    const dhcp = household.start("router", DHCP_SERVER);
    await dhcp.said("DHCP, IP range");
    const server = household.start("laptop", [
      ...[Deno.execPath(), "eval"],
      `Deno.serve({ hostname: "::", port: 8080 }, () => new Response("x".repeat(7000)))`,
    ]);
    await server.said("Listening");
    const pseudonyms: string[] = [];
    const levels = ["sites", "devices", "totals"] as const;
    for (const level of levels) {
      const { outputs, passed } = await watched(household, { WIFILOGGER_PRIVACY: level });
      await takeReaders(household, outputs);
      readFolder(household.path(HOME), outputs);
      const lines = archiveLines(household);
      const records = parseRecords(lines.join("\n") + "\n");
      assertEquals(logged(lines), passed, level);
      const hidden = levels.slice(0, levels.indexOf(level) + 1)
        .flatMap((first): readonly string[] => HIDDEN[first]);
      assertEquals(found(hidden, outputs), [], level);
      const shown = levels.flatMap((one): readonly string[] => HIDDEN[one])
        .filter((word) => !hidden.includes(word));
      const missing = shown.filter((word) => found([word], outputs).length === 0);
      // What a level does not hide yet is there: else the search would find nothing anyhow.
      const unseen: readonly string[] = [
        DEVICES.phone.ipv6,
        DEVICES.tv.ipv6,
        `"community_id"`,
      ];
      assertEquals(missing.filter((word) => !unseen.includes(word)), [], level);
      assert(isFlowIn(outputs.get("v1/flows during")!), "a flow was under way");
      for (const { wifilogger } of flowsIn(lines)) {
        assertEquals(wifilogger.privacy, level);
      }
      assertEquals(records.length, lines.length);
      const key = household.path(`${HOME}/wifi_logger/privacy.key`);
      if (level === "devices" || level === "totals") {
        assertEquals(Deno.statSync(key).mode! & 0o777, 0o600);
        pseudonyms.push([...new Set(flowsIn(lines).map(({ source }) => source.mac))].sort().join());
      }
      clear(household);
    }
    assertEquals(pseudonyms[0], pseudonyms[1], "one device stays one device");

    const { outputs, passed } = await watched(household, {
      WIFILOGGER_LEAVE_OUT: `${HOST_NAME}, ${DEVICES.laptop.mac}, example.com`,
    });
    await takeReaders(household, outputs);
    readFolder(household.path(HOME), outputs);
    const lines = archiveLines(household);
    parseRecords(lines.join("\n") + "\n");
    assertEquals(logged(lines), passed, "left out");
    const { phone, laptop } = DEVICES;
    const words = [
      ...[HOST_NAME, phone.mac, phone.ipv4, laptop.mac, laptop.ipv4, laptop.ipv6],
      ...["example.com", "news.example.org", SERVERS.updates.ipv4, SERVERS.news.ipv4],
    ];
    assertEquals(found(words, outputs), []);
    for (const shown of [DEVICES.tv.mac, SERVERS.nameless.ipv4, SERVERS.reverseOnly.ipv4]) {
      assert(found([shown], outputs).length > 0, `${shown} is not left out`);
    }
    const sums = flowsIn(lines).filter((record) => "left_out" in record.wifilogger);
    assertEquals(sums.length, 1);
    assert(sums[0].destination.bytes > DOWNLOAD);
  },
);
