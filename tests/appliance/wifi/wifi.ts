/**
 * Wi-Fi for real: `scripts/dev.sh test:wifi`. An emulated arm64 machine with Debian's full kernel and simulated radios
 * (mac80211_hwsim) is made an access point by `install.sh --access-point`; two stations join it, and what the installed
 * service logs of each is held against the station's own counters: as they come and go, are thrown out, through a radio
 * that vanishes, a reboot, and between two access points on a bridge, as docs/where_to_listen.md has it. With `fast`, what is refused is not tried. Prints what it
 * saw; the last result stands there.
 */

import { fromFileUrl } from "@std/path";
import type { FlowRecord, MergedRecord } from "../../../record/log_record.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { compiled, INSTALL_SH } from "../compiled.ts";
import { CACHE } from "../debian_root.ts";
import { type Disk, emulateArm64, EmulatedMachine, makeDisk } from "../emulated_machine.ts";
import { WITH_RADIOS } from "./wifi_machine.ts";

const RIG = fromFileUrl(new URL("rig.sh", import.meta.url));
const LOGS = "/home/pi/wifi_logger/logs";
const STATIONS = ["phone", "laptop"] as const;
const MACS = { phone: "02:00:00:00:50:12", laptop: "02:00:00:00:50:11" };
/** Both stations take their radios. */
const TAKE_RADIOS = `station phone ${MACS.phone} wlan2; station laptop ${MACS.laptop} wlan3`;
/** What a station visits, and by what evidence the log has to name it. */
const VISITED = {
  "news.example.org": "http_host",
  "updates.example.com": "tls_sni",
  "video.example.net": "quic_sni",
};
const PROFILE = "/etc/NetworkManager/system-connections/wifilogger-ap.nmconnection";

type Station = typeof STATIONS[number];

interface Sums {
  readonly packets: number;
  readonly bytes: number;
}

function log(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
}

/** What the log says of each station, beside what was counted elsewhere since the same moment. */
class Ledger {
  readonly #machine: EmulatedMachine;
  #loggedBefore: Record<Station, Sums> = { phone: NOTHING, laptop: NOTHING };
  #seenBefore: Record<Station, Sums> = { phone: NOTHING, laptop: NOTHING };
  #forwardedBefore = NOTHING;

  constructor(machine: EmulatedMachine) {
    this.#machine = machine;
  }

  /** From here on; what was logged before is past. */
  async begin(): Promise<void> {
    const records = await this.#records();
    for (const station of STATIONS) {
      this.#loggedBefore[station] = sum(recordsOf(station, records));
      this.#seenBefore[station] = await this.#counted(station);
    }
    this.#forwardedBefore = await this.#forwarded();
  }

  /** Each station's traffic since `begin()` is in the log, with its name: to the byte what it sent and got itself. */
  async check(what: string): Promise<void> {
    const records = await this.#records();
    for (const station of STATIONS) {
      const own = recordsOf(station, records);
      const seen = minus(await this.#counted(station), this.#seenBefore[station]);
      const logged = minus(sum(own), this.#loggedBefore[station]);
      assert(seen.packets > 0, `${station} has sent nothing`);
      assertEquals(logged, seen, `${what}: what is logged of the ${station}`);
      assertEquals([...new Set(own.map(({ source }) => source.domain))], [station]);
      log(`${what}: ${station} ${seen.packets} packets, ${seen.bytes} bytes, logged the same`);
    }
    await this.begin();
  }

  /** What the radio could not bring to its station any more is in the log too: it passed the interface. */
  async checkForwarded(what: string): Promise<void> {
    const records = await this.#records();
    let logged = NOTHING;
    for (const station of STATIONS) {
      const own = sum(recordsOf(station, records));
      logged = plus(logged, minus(own, this.#loggedBefore[station]));
    }
    const forwarded = minus(await this.#forwarded(), this.#forwardedBefore);
    assert(forwarded.packets > 0);
    assertEquals(logged, forwarded, `${what}: what is logged, and what was forwarded`);
    let seen = 0;
    for (const station of STATIONS) {
      seen += (await this.#counted(station)).packets - this.#seenBefore[station].packets;
    }
    log(
      `${what}: ${forwarded.packets} packets, ${forwarded.bytes} bytes forwarded, logged the same; ` +
        `the stations saw ${seen} of them`,
    );
    await this.begin();
  }

  /** Every record of a flow, once all flows have ended. */
  async #records(): Promise<(FlowRecord | MergedRecord)[]> {
    const text = await this.#machine.output(
      `sleep 4; wifilogger --flush-now >/dev/null; cat ${LOGS}/*.log`,
    );
    return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
      .filter(({ network }) => network !== undefined);
  }

  async #counted(station: Station): Promise<Sums> {
    return toSums(await this.#machine.output(`sum_of ip seen inside ${station}`));
  }

  async #forwarded(): Promise<Sums> {
    return toSums(await this.#machine.output("sum_of bridge forwarded"));
  }
}

function recordsOf(station: Station, records: readonly (FlowRecord | MergedRecord)[]) {
  return records.filter(({ source }) => source.mac === MACS[station]);
}

const NOTHING: Sums = { packets: 0, bytes: 0 };

function toSums(text: string): Sums {
  const [packets, bytes] = text.split(" ").map(Number);
  return { packets, bytes };
}

function sum(records: readonly (FlowRecord | MergedRecord)[]): Sums {
  return records.reduce((all, { network }) => plus(all, network), NOTHING);
}

function plus(a: Sums, b: Sums): Sums {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}

function minus(a: Sums, b: Sums): Sums {
  return { packets: a.packets - b.packets, bytes: a.bytes - b.bytes };
}

async function boot(disk: Disk): Promise<EmulatedMachine> {
  const startedMs = performance.now();
  const machine = await EmulatedMachine.boot(disk);
  log(`booted in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  await machine.output(". /home/pi/rig.sh");
  return machine;
}

/** What the service says it does; resolves when that matches. */
async function untilStatus(machine: EmulatedMachine, pattern: string): Promise<void> {
  await machine.output(
    `until_it 90 sh -c 'systemctl show -P StatusText wifilogger | grep -q "${pattern}"'`,
  );
}

/** Runs install.sh as pi does; gives its exit code and what it said. */
async function install(machine: EmulatedMachine, flags: string, before = "true") {
  const said = await machine.output(
    `cd /home/pi; ${before}; printf '%s\n%s\n' "$SSID" "$PASSWORD" |
      SUDO_USER=pi ./install.sh ${flags} 2>&1; echo "code $?"; cd /`,
  );
  const [, text, code] = said.match(/^([^]*?)\n?code (\d+)$/)!;
  return { text: text.replaceAll(/^waiting up to .*\n/gm, ""), code: Number(code) };
}

/** What cannot become an access point is refused in one line, and nothing is done. */
async function refusals(machine: EmulatedMachine): Promise<void> {
  const cases: [flags: string, before: string, after: string, why: RegExp][] = [
    ["--access-point", "rfkill block wifi", "rfkill unblock wifi", /radio of wlan0 is off/],
    [
      "--access-point",
      "systemctl stop NetworkManager",
      "systemctl start NetworkManager",
      /NetworkManager.* does not run/,
    ],
    ["--access-point --ap-interface cable0", "true", "true", /no Wi-Fi interface 'cable0'/],
    [
      "--access-point --ap-interface wlan1",
      "nmcli device set wlan1 managed no",
      "nmcli device set wlan1 managed yes",
      /leaves wlan1 to others/,
    ],
    ["--access-point --ap-name 123456789012345678901234567890123", "true", "true", /33 bytes/],
    ["--access-point", "PASSWORD=1234567", ". /home/pi/rig.sh", /fewer than 8/],
    ["--access-point", "PASSWORD=$(printf %064d)", ". /home/pi/rig.sh", /more than 63/],
    ["--access-point", "PASSWORD='süß genug'", ". /home/pi/rig.sh", /not every device can type/],
    ["--access-point --ap-password=12345678", "true", "true", /shows in ps/],
    [
      "--access-point",
      "dnsmasq --conf-file=/dev/null --pid-file=/run/other-dns.pid",
      "kill $(cat /run/other-dns.pid)",
      /another name server holds port 53/,
    ],
    // The name server that NetworkManager starts fails, and all is undone.
    [
      "--access-point",
      "echo nonesuch >/etc/NetworkManager/dnsmasq-shared.d/x.conf",
      "rm /etc/NetworkManager/dnsmasq-shared.d/x.conf",
      /the installation failed: NetworkManager could not make the access point: .*It was undone/,
    ],
  ];
  for (const [flags, before, after, why] of cases) {
    const { text, code } = await install(machine, flags, before);
    await machine.output(`${after}; until_it 30 nmcli general`);
    assert(code > 0, `${flags} after ${before} ends with ${code}`);
    assertMatch(text.split("\n").at(-1)!, why);
    log(text);
  }
  assertEquals(await machine.output(`ls ${PROFILE} 2>&1 | grep -c nmconnection$ || true`), "0");
}

/** Both stations join, get leases, and go about on the Internet. */
async function joinAndVisit(machine: EmulatedMachine, keys: Record<Station, string>) {
  for (const station of STATIONS) {
    const lease = await machine.output(`join ${station} ${keys[station]}`);
    log(`${station} joined by ${keys[station]}, with the lease ${lease}`);
  }
  await visit(machine);
}

async function visit(machine: EmulatedMachine): Promise<void> {
  for (const station of STATIONS) await machine.output(`visit ${station}`);
}

/** Each server is named in the log, by the evidence that it gave. */
async function checkNames(machine: EmulatedMachine): Promise<void> {
  const lines = (await machine.output(`grep -h '"domain":' ${LOGS}/*.log`)).split("\n");
  const records: FlowRecord[] = lines.map((line) => JSON.parse(line));
  for (const station of STATIONS) {
    const own = records.filter(({ source }) => source.domain === station);
    // Where the machine is slow, a pause ends a flow, and what goes on has no evidence of its own but its address.
    const named = own.map(({ destination, wifilogger }) =>
      `${destination.domain} ${wifilogger.name_source}`
    ).filter((name) => !name.endsWith(" dns"));
    assertEquals(
      [...new Set(named)].sort(),
      Object.entries(VISITED).map((entry) => entry.join(" ")),
    );
    for (const { destination } of own) assert(destination.domain in VISITED);
  }
  log(`the log names ${Object.entries(VISITED).map(([name, by]) => `${name} (${by})`).join(", ")}`);
}

/** The access point goes, which throws everybody out, and comes back: the stations do, too. */
async function restarted(machine: EmulatedMachine, ledger: Ledger): Promise<void> {
  const before: string[] = [];
  for (const station of STATIONS) {
    before.push(await machine.output(`departures ${station} || true`));
  }
  await machine.output("nmcli connection up wifilogger-ap");
  for (const [index, station] of STATIONS.entries()) {
    await machine.output(
      `until_it 30 has_departed ${station} ${before[index]} && until_it 60 is_joined ${station}`,
    );
  }
  await visit(machine);
  await ledger.check("thrown out, as the access point was started anew");
}

/** The radios vanish, as a stick that is pulled out, and come back: nobody has to do anything. */
async function vanishing(machine: EmulatedMachine, ledger: Ledger): Promise<void> {
  await machine.output("leave phone; leave laptop; rmmod mac80211_hwsim");
  await untilStatus(machine, "^waiting");
  log(`the radio is gone: ${await machine.output("systemctl show -P StatusText wifilogger")}`);
  await machine.output(
    `sleep 5; modprobe mac80211_hwsim; ${TAKE_RADIOS}`,
  );
  await untilStatus(machine, "^capturing");
  await machine.output(
    "until_it 90 sh -c 'nmcli -g GENERAL.STATE device show wlan0 | grep -q ^100'",
  );
  await joinAndVisit(machine, { phone: "WPA-PSK", laptop: "WPA-PSK" });
  await ledger.check("after the radio was gone");
  const gaps = await machine.output(`grep -h '"interface_down"' ${LOGS}/*.log | wc -l`);
  assert(Number(gaps) > 0, "a gap record tells of the time without the radio");
}

/** What is in the air is no use: one clear line. */
async function monitorMode(machine: EmulatedMachine): Promise<void> {
  const said = await machine.output(
    `iw dev wlan1 interface add mon0 type monitor && ip link set mon0 up
    wifilogger run --interface mon0 --ram-log /tmp/mon.log --archive-dir /tmp/mon; code=$?
    iw dev mon0 del; [ $code = 1 ]`,
  );
  assertMatch(said, /^wifilogger: cannot capture on mon0: it is in monitor mode, .*$/);
  log(said);
}

/** Two access points with WPA2 and WPA3 on a bridge, as docs/where_to_listen.md has it. */
async function bridged(machine: EmulatedMachine, ledger: Ledger): Promise<void> {
  await machine.output(`
    nmcli device set wlan0 managed no; nmcli device set wlan1 managed no; nmcli device set cable0 managed no
    ip link add br0 type bridge && ip link set br0 up && ip address flush dev cable0
    give_bridge_address && ip link set cable0 master br0 up && hostapd_on wlan0 1 && hostapd_on wlan1 6 && count_forwarded`);
  const { text, code } = await install(machine, "--interface br0");
  assertEquals(code, 0, text);
  await ledger.begin();
  await joinAndVisit(machine, { phone: "WPA-PSK", laptop: "SAE" });
  await ledger.check("on the bridge");
}

/** The stations go from one access point to the other, and back. */
async function roaming(machine: EmulatedMachine, ledger: Ledger): Promise<void> {
  for (const [to, what] of [["wlan1", "roamed"], ["wlan0", "roamed back"]]) {
    for (const station of STATIONS) {
      await machine.output(`roam ${station} $(cat /sys/class/net/${to}/address)`);
    }
    await visit(machine);
    await ledger.check(what);
  }
  await duringTransfer(machine, "roam laptop $(cat /sys/class/net/wlan1/address)");
  await ledger.checkForwarded("roamed in the midst of a transfer");
  await machine.output("roam laptop $(cat /sys/class/net/wlan0/address)");
  await ledger.begin();
}

/** The access point throws a station out, in peace and while it is fetching something; it comes again. */
async function deauthentication(machine: EmulatedMachine, ledger: Ledger): Promise<void> {
  for (const station of STATIONS) await machine.output(`throw_out ${station}`);
  await visit(machine);
  await ledger.check("thrown out");
  await duringTransfer(machine, "throw_out laptop");
  await ledger.checkForwarded("thrown out in the midst of a transfer");
}

/** Does something while the laptop fetches a film, which it gets whole all the same. */
async function duringTransfer(machine: EmulatedMachine, line: string): Promise<void> {
  await machine.output(
    `inside laptop curl -sS --max-time 90 --limit-rate 100k -o $RUN/laptop/got http://news.example.org/film &
    sleep 1; ${line}; wait $! && cmp $RUN/laptop/got $RUN/www/film`,
  );
}

/** An access point goes with the program. */
async function uninstalled(machine: EmulatedMachine): Promise<void> {
  await machine.output(
    `leave phone; leave laptop; kill $(cat $RUN/hostapd-wlan0.pid $RUN/hostapd-wlan1.pid)
    ip link delete br0; nmcli device set wlan0 managed yes; nmcli device set cable0 managed yes
    until_it 60 sh -c 'nmcli -g GENERAL.STATE device show wlan0 | grep -q ^30'`,
  );
  assertEquals((await install(machine, "--access-point")).code, 0);
  assertEquals((await install(machine, "--uninstall")).code, 0);
  const left = await machine.output(
    `nmcli -g NAME connection | grep wifilogger; ls /etc/NetworkManager/system-connections /etc/modules-load.d |
      grep wifilogger; grep -v -e '^#' -e TIMEOUT /home/pi/.env; true`,
  );
  assertEquals(left, "");
  log("uninstalled: the access point is gone, too");
}

async function main(disk: Disk): Promise<void> {
  {
    await using machine = await boot(disk);
    await machine.output(
      `furnish; internet_up; until_it 30 nmcli general; ${TAKE_RADIOS}`,
    );
    if (!Deno.args.includes("fast")) await refusals(machine);
    const { text, code } = await install(machine, "--access-point");
    assertEquals(code, 0, text);
    assertStringIncludes(text, "capturing on wlan0");
    log(text);
    assertEquals(await machine.output(`stat -c %a ${PROFILE}`), "600");
    const ledger = new Ledger(machine);
    await joinAndVisit(machine, { phone: "WPA-PSK", laptop: "WPA-PSK" });
    await ledger.check("joined");
    await checkNames(machine);
    await restarted(machine, ledger);
    await vanishing(machine, ledger);
    await monitorMode(machine);
    await machine.powerOff();
  }
  {
    await using machine = await boot(disk);
    await machine.output(`internet_up; ${TAKE_RADIOS}`);
    await untilStatus(machine, "^capturing on wlan0");
    const ledger = new Ledger(machine);
    await ledger.begin();
    await joinAndVisit(machine, { phone: "WPA-PSK", laptop: "WPA-PSK" });
    await ledger.check("after a reboot");

    await machine.output("leave phone; leave laptop");
    assertEquals((await install(machine, "--no-access-point")).code, 0);
    assertEquals(
      await machine.output(`ls ${PROFILE} 2>/dev/null; nmcli -g NAME connection | grep -vx lo`),
      "cable",
    );
    await bridged(machine, ledger);
    await roaming(machine, ledger);
    await deauthentication(machine, ledger);
    await uninstalled(machine);
    await machine.powerOff();
  }
}

const scratch = `${CACHE}/wifi-disk-${Deno.pid}`;
try {
  const binary = await compiled("aarch64");
  await emulateArm64();
  log("making the disk; its first time takes some minutes");
  await main(await makeDisk(scratch, [binary, INSTALL_SH, RIG], WITH_RADIOS));
  console.log("passed");
} finally {
  await Deno.remove(scratch).catch(() => {});
}
