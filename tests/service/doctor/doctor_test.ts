/** Each check of the doctor's, on what it would find bad and on what it would not. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { PROGRAM, wifilogger } from "../../program.ts";
import type { LoggerStatus } from "../../../service/control/logger_status.ts";
import type { Answer, Finding, Patient } from "../../../service/doctor/finding.ts";
import {
  checkArchive,
  checkLosses,
  checkRamLog,
  checkRoom,
  checkSummaries,
} from "../../../service/doctor/log_checks.ts";
import {
  checkClock,
  checkLibpcap,
  checkPrivilege,
} from "../../../service/doctor/machine_checks.ts";
import {
  checkDrops,
  checkInterfaces,
  checkVantage,
} from "../../../service/doctor/network_checks.ts";
import { checkTables, checkToken } from "../../../service/doctor/place_checks.ts";
import { type DatabaseState, writeRenewalState } from "../../../service/renewal/renewal_state.ts";
import { SANDBOX } from "../../../service/doctor/sandbox.ts";
import {
  changedDirectives,
  checkRunning,
  checkSandbox,
  checkService,
  checkSettings,
} from "../../../service/doctor/service_checks.ts";
import {
  directivesIn,
  type InstalledService,
} from "../../../service/settings/installed_service.ts";
import { readSettings, readSettingStates } from "../../../service/settings/read_settings.ts";
import { unknownSettings } from "../../../service/settings/unknown_settings.ts";
import { loadLibc } from "../../../system/native.ts";
import { keepSummaries } from "../../../report/summary/summaries.ts";
import { isTmpfs } from "../../../system/files/tmpfs.ts";

// Opened once for all: a test must not leave open what it has opened.
loadLibc();

const SERVICE: InstalledService = {
  user: "pi",
  home: "/home/pi",
  envPath: "/home/pi/.env",
  directives: SANDBOX,
  dropIns: [],
  isPackaged: false,
};

function patient(
  env: Record<string, string> = {},
  rest: Partial<Patient> = {},
): Patient {
  const sources = { environment: { HOME: "/home/pi" }, dotenvText: dotenv(env) };
  return {
    settings: readSettings(sources),
    states: Object.values(readSettingStates(sources)),
    unknown: unknownSettings(sources),
    envPath: "/home/pi/.env",
    service: undefined,
    answer: { kind: "nobody", why: "no logger is running" },
    ...rest,
  };
}

function dotenv(env: Record<string, string>): string {
  return Object.entries(env).map(([name, value]) => `${name}=${value}\n`).join("");
}

/** What a running logger says, as far as a check asks it. */
function running(status: unknown): { answer: Answer } {
  return { answer: { kind: "running", status: status as LoggerStatus } };
}

async function inFolder(run: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The logger's unit as install.sh writes it. */
async function shippedUnit(): Promise<string> {
  const script = await Deno.readTextFile(new URL("../../../install.sh", import.meta.url));
  const functions = script.slice(
    script.indexOf("unit_head() {"),
    script.indexOf("write_units() {"),
  );
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${functions}systemd_version=257; service_unit`],
  }).output();
  return new TextDecoder().decode(stdout);
}

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ level }) => level);
}

Deno.test("the doctor's sandbox is that of install.sh, and a unit that differs is told of", async () => {
  const unit = await shippedUnit();
  const begin = unit.indexOf("AmbientCapabilities=");
  const shipped = directivesIn(unit.slice(begin, unit.indexOf("\n[Install]\n", begin)))
    .filter(({ key }) => !key.startsWith("Bind"));
  assertEquals(SANDBOX, shipped);

  assertEquals(levels(checkSandbox({ service: SERVICE })), ["ok"]);
  const directives = [...SANDBOX, { key: "NoNewPrivileges", value: "no" }];
  assertEquals(changedDirectives(directives), ["NoNewPrivileges"]);
  const dropIns = ["/etc/systemd/system/wifilogger.service.d/override.conf"];
  const [finding] = checkSandbox({ service: { ...SERVICE, directives, dropIns } });
  assertEquals([finding.level, finding.command], ["warn", "sudo systemctl revert wifilogger"]);
  assertEquals(checkSandbox({ service: undefined }), []);
});

Deno.test("`checkService()` tells a service that does not start with the machine", () =>
  inFolder(async (folder) => {
    assertEquals(checkService({ service: undefined }, folder).level, "warn");
    assertEquals(checkService({ service: SERVICE }, folder).level, "bad");
    await Deno.mkdir(join(folder, "multi-user.target.wants"));
    // As systemd leaves it: a link, wherever it leads to.
    await Deno.symlink("/nowhere", join(folder, "multi-user.target.wants/wifilogger.service"));
    assertEquals(checkService({ service: SERVICE }, folder).level, "ok");
  }));

Deno.test("`checkSettings()` names each that is wrong, and shows no token", () => {
  assertEquals(levels(checkSettings(patient())), ["ok"]);
  const dotenvText = dotenv({ IPINFO_TOKEN: "s3cret word", WIFILOGGER_RETENTON: "7d" });
  const sources = { environment: { HOME: "/home/pi" }, dotenvText };
  const findings = checkSettings({
    states: Object.values(readSettingStates(sources)),
    unknown: unknownSettings(sources),
    envPath: "/home/pi/.env",
  });
  assertEquals(levels(findings), ["bad", "warn"]);
  assert(!JSON.stringify(findings).includes("s3cret"));
  assertStringIncludes(findings[1].command!, "s/WIFILOGGER_RETENTON/WIFILOGGER_RETENTION/");
});

Deno.test("`checkRunning()` tells nobody, one that waits and one that refuses apart", () => {
  const waiting = { version: "1", pid: 1, since: "", state: "waiting for a default route" };
  const found = (answer: Answer, service?: InstalledService) => {
    const { level, command } = checkRunning({ answer, service });
    return [level, command];
  };
  assertEquals(found({ kind: "nobody", why: "" }), ["bad", "sudo ./install.sh"]);
  const start = "sudo systemctl start wifilogger";
  assertEquals(found({ kind: "nobody", why: "" }, SERVICE), ["bad", start]);
  assertEquals(found({ kind: "waiting", waiting })[0], "bad");
  assertEquals(found({ kind: "refused", why: "" }), ["warn", "sudo wifilogger doctor"]);
  const { answer } = running({ started: "2026-11-22T18:30:00.000Z" });
  assertStringIncludes(checkRunning({ answer, service: undefined }).why, "2026-11-22 18:30 UTC");
});

Deno.test("`checkLibpcap()`, `checkPrivilege()` and `checkClock()` tell what is missing", async () => {
  const { CaptureError } = await import("../../../system/capture_error.ts");
  const missing = checkLibpcap(() => {
    throw new CaptureError("library_missing", "");
  });
  assertEquals([missing.level, missing.command], ["bad", "sudo apt-get install libpcap0.8"]);
  assertEquals(checkPrivilege({ service: SERVICE }).level, "ok");
  assertEquals(checkPrivilege({ service: { ...SERVICE, directives: [] } }).level, "bad");
  const status = (set: string) => `Name:\tdeno\nCapEff:\t${set}\n`;
  const byProcess = (set: string) => checkPrivilege({ service: undefined }, status(set)).level;
  assertEquals(byProcess("0000000000002000"), "ok");
  assertEquals(byProcess("0000000000001000"), "warn");
  assertEquals(checkClock(running({ clock: "synced" })).level, "ok");
  assertEquals(checkClock(running({ clock: "unsynced" })).level, "warn");
});

Deno.test("`checkVantage()` and `checkDrops()` judge what the running logger has seen", () => {
  const seen = { heardDevices: 5, passingDevices: 0, tcpLines: 0, oneSidedLines: 0 };
  const level = (more: unknown) =>
    checkVantage(running({ seen: { ...seen, ...more as object } })).level;
  assertEquals(level({ ownTrafficPasses: true }), "bad");
  assertEquals(level({ ownTrafficPasses: false }), "warn");
  assertEquals(level({ passingDevices: 4 }), "ok");
  assertEquals(level({ passingDevices: 4, tcpLines: 50, oneSidedLines: 45 }), "bad");
  assertEquals(checkVantage(patient()).level, "warn");
  const drops = (droppedByKernel: number) =>
    levels(checkDrops(running({
      interfaces: [{ name: "wlan0", statistics: { received: 10_000, droppedByKernel } }],
    })));
  assertEquals([drops(0), drops(10), drops(11)], [["ok"], ["ok"], ["warn"]]);
});

Deno.test("`checkInterfaces()` tells an interface that is not there", () => {
  const [finding] = checkInterfaces(patient({ WIFILOGGER_INTERFACE: "wlan77,lo" }));
  assertEquals(finding.level, "bad");
  assertStringIncludes(finding.why, "there is no wlan77");
  assertEquals(checkInterfaces(patient({ WIFILOGGER_INTERFACE: "any" }))[0].level, "ok");
  // What the running logger listens on counts.
  const { answer } = running({ interfaces: [{ name: "lo" }] });
  const [listened] = checkInterfaces(patient({ WIFILOGGER_INTERFACE: "wlan77" }, { answer }));
  assertStringIncludes(listened.why, "lo is ");
});

Deno.test("`checkRamLog()` tells a log that lies on a disk", () =>
  inFolder((folder) => {
    const isInRam = isTmpfs(folder);
    const found = checkRamLog(patient({ WIFILOGGER_RAM_LOG: `${folder}/today.log` }));
    assertEquals(found.level, isInRam ? "ok" : "bad");
    const ram = "/run/wifilogger-doctor-test/today.log";
    assertEquals(
      checkRamLog(patient({ WIFILOGGER_RAM_LOG: ram })).level,
      isTmpfs("/run") ? "ok" : "bad",
    );
  }));

testWhen(
  lacks({ root: true, commands: ["mount", "unshare"] }),
  "`checkRamLog()` tells a tmpfs that is too small",
  () =>
    inFolder(async (folder) => {
      const env = { HOME: folder, WIFILOGGER_RAM_LOG: `${folder}/today.log` };
      const argv = [...PROGRAM, "doctor", "--format", "json"].map((word) => `'${word}'`).join(" ");
      const script = `mount -t tmpfs -o size=1M tmpfs ${folder} && ip link set lo up && ${argv}`;
      const { code, stdout } = await new Deno.Command("unshare", {
        args: ["--mount", "--net", "sh", "-c", script],
        env,
      }).output();
      assertEquals(code, 1);
      const findings: Finding[] = JSON.parse(new TextDecoder().decode(stdout));
      const of = (what: string) => findings.find((finding) => finding.what === what)!;
      assertEquals(of("RAM log").level, "warn");
      assertStringIncludes(of("RAM log").why, "less than the 40 MB");
      // In a network namespace of its own there is no default route.
      assertEquals(of("interface").level, "bad");
      assertStringIncludes(of("interface").why, "no default route");
    }),
);

Deno.test("`checkArchive()` tells an archive that is another user's, and leaves nothing there", () =>
  inFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    const { settings } = patient({ WIFILOGGER_ARCHIVE_DIR: `${folder}/logs` });
    const uid = Deno.uid()!;
    const passwd = `root:x:${uid}:0::/root:\npi:x:${uid + 4321}:0::/home/pi:\n`;
    const { level, command } = checkArchive({ settings, service: SERVICE }, passwd);
    assertEquals([level, command], ["bad", `sudo chown -R pi ${folder}`]);
    const service = { ...SERVICE, user: "root" };
    assertEquals(checkArchive({ settings, service }, passwd).level, "ok");
    assertEquals(checkArchive({ settings, service: undefined }).level, "ok");
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("`checkRoom()` tells a card that is full before the oldest day is dropped", () =>
  inFolder(async (folder) => {
    const level = async (retention: string, free: number) => {
      const env = { WIFILOGGER_ARCHIVE_DIR: folder, WIFILOGGER_RETENTION: retention };
      return (await checkRoom(patient(env), free)).level;
    };
    assertEquals(await level("2GB", 1.9e9), "warn");
    assertEquals(await level("2GB", 2.1e9), "ok");
    assertEquals(await level("30d", 200e6), "ok");
    for (const day of ["2026-11-20", "2026-11-21"]) {
      await Deno.writeTextFile(join(folder, `${day}.log`), "");
      await Deno.truncate(join(folder, `${day}.log`), 10e6);
    }
    assertEquals(await level("30d", 200e6), "warn");
    assertEquals(await level("30d", 290e6), "ok");
    assertEquals(await level("365d,200MB", 190e6), "ok");
    assertEquals(await level("off", 50e9), "warn");
    assertEquals(await level("30d", 50e6), "bad");
  }));

Deno.test("`checkSummaries()` tells a day that is over and has no sums, or others", () =>
  inFolder(async (folder) => {
    const { settings } = patient({ WIFILOGGER_ARCHIVE_DIR: folder });
    const level = async (now: string) =>
      (await checkSummaries({ settings, service: undefined }, Date.parse(`${now}T12:00:00`))).level;
    await Deno.writeTextFile(join(folder, "2026-11-20.log"), "");
    assertEquals(await level("2026-11-22"), "ok", "it is too early for sums");
    assertEquals(await level("2026-11-25"), "warn");
    await keepSummaries({
      archiveDir: folder,
      compressAfterDays: undefined,
      retention: settings.summaryRetention,
      today: "2026-11-25",
      clockIsTrusted: true,
      card: { note() {} },
    });
    assertEquals(await level("2026-11-25"), "ok");
    await Deno.writeTextFile(join(folder, "2026-11-20.log"), "{}\n");
    assertEquals(await level("2026-11-25"), "warn");
  }));

Deno.test("`checkLosses()` tells flushes that failed and records that were dropped", () => {
  const found = (failedFlushes: number, droppedRecords: number) =>
    levels(checkLosses(running({ log: { failedFlushes, droppedRecords } })));
  assertEquals([found(0, 0), found(2, 0), found(2, 7)], [["ok"], ["warn"], ["bad"]]);
  assertEquals(checkLosses(patient()), []);
});

Deno.test("`checkToken()` tells a token that is refused, and `checkTables()` tables that are old", async () => {
  const asking = { IPINFO_TOKEN: "abc", WIFILOGGER_IPINFO: "addresses" };
  const level = (ipinfo: unknown) =>
    checkToken(patient(asking, running({ places: { ipinfo } }))).level;
  const budget = { month: "2026-11" };
  assertEquals(checkToken(patient()).level, "ok");
  assertEquals(checkToken(patient({ IPINFO_TOKEN: "abc" })).level, "ok");
  assertEquals(checkToken(patient(asking)).level, "warn");
  assertEquals(level({ state: "token refused", budget }), "bad");
  assertEquals(level({ state: "budget spent", budget }), "warn");
  assertEquals(level({ state: "asking", plan: "core", budget }), "ok");

  const at = async (day: string, settings = {}) =>
    (await checkTables(patient(settings), Date.parse(day))).at(-1)!;
  assertEquals((await at("2026-08-01")).level, "ok");
  const old = await at("2026-11-27");
  assertEquals(old.level, "warn");
  assertStringIncludes(old.why, "WIFILOGGER_PLACES_UPDATE=dbip");
  await inFolder(async (folder) => {
    const asked = { WIFILOGGER_PLACES_UPDATE: "dbip", WIFILOGGER_PLACES_DIR: folder };
    assertStringIncludes((await at("2026-11-27", asked)).why, "is not fetched yet");
    const state = async (one: DatabaseState) =>
      await writeRenewalState(folder, { "dbip-country-lite": one, "dbip-asn-lite": one });
    const checkedMs = Date.parse("2026-11-20");
    await state({ checkedMs });
    assertEquals((await at("2026-11-27", asked)).level, "ok");
    assertStringIncludes((await at("2027-04-01", asked)).why, "last fetched 132 days ago");
    await state({ checkedMs, failures: 2, why: "it broke off" });
    assertStringIncludes((await at("2026-11-27", asked)).why, "it broke off");
  });
  const missing = await checkTables(patient({ WIFILOGGER_GEO_DB: "/nowhere.mmdb" }));
  assertEquals(levels(missing), ["bad"]);
});

Deno.test("`doctor` prints a line for each finding, and ends with 1 when one is bad", () =>
  inFolder(async (folder) => {
    const env = {
      HOME: folder,
      WIFILOGGER_CONTROL_SOCKET: `${folder}/none.sock`,
      WIFILOGGER_INTERFACE: "wl\u202e0",
    };
    const { code, stdout, stderr } = await wifilogger(["doctor"], { env });
    assertEquals([code, stderr], [1, ""]);
    assertStringIncludes(stdout, "there is no wl\\u202e0");
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines.slice(0, -2)) assert(/^(ok {2}|warn|bad ) {2}\S/.test(line), line);
    assert(/^\d+ bad, \d+ to look at, \d+ ok$/.test(lines.at(-1)!), lines.at(-1));
  }));
