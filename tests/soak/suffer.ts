/** Lets a fault of the soak happen, and mends it. */

import { join } from "@std/path";
import { FLOODS } from "../../scripts/bench/floods.ts";
import type { Sent } from "../../scripts/bench/packet_sender.ts";
import type { Random } from "../../scripts/seeded_random.ts";
import { type Captured, pcapFile } from "../capture/pcap_records.ts";
import { builtFrames } from "../fuzz/corpus.ts";
import { mutated } from "../fuzz/mutate.ts";
import type { Fault } from "./faults.ts";
import { run } from "./links.ts";
import { CONTROL_SOCKET, type Rig } from "./rig.ts";

const PACKET_SENDER = new URL("../../scripts/bench/packet_sender.ts", import.meta.url).pathname;
const FLOOD_PER_SECOND = 100_000;
/** While the card is full. */
const FLOOD_MS = 8_000;
const HOSTILE_PER_SECOND = 20_000;
const HOSTILE_FRAMES = 5_000;
/** Frames in a file that is sent again and again. */
const FLOOD_FRAMES = 1_000;
const CLIENTS = 100;
/** Leaps, there and back. */
const LEAPS_S = [-3600, -7, 40, 3600];

/** What a fault took besides: packets that came from others than the household. */
export interface Suffered {
  readonly otherPackets: number;
}

/** Resolves when it is mended. */
export async function suffer(fault: Fault, rig: Rig, random: Random): Promise<Suffered> {
  const { links, logger } = rig;
  const { forMs } = fault;
  const nothing = { otherPackets: 0 };
  switch (fault.kind) {
    case "flood":
      return await flood(fault, rig);
    case "hostile packets":
      return await send(hostileFrames(random), HOSTILE_PER_SECOND, forMs, rig);
    case "link down and up":
      await links.down();
      await pause(forMs);
      await links.up();
      break;
    case "interface renamed and back":
      await links.rename();
      await pause(forMs);
      await links.renameBack();
      break;
    case "interface removed and made anew":
      await links.remove();
      await pause(forMs);
      await links.makeAnew();
      break;
    case "address changed":
      await links.changeAddress(true);
      await pause(forMs);
      await links.changeAddress(false);
      break;
    case "MTU changed":
      await links.changeMtu(9000);
      await pause(forMs);
      await links.changeMtu(1500);
      break;
    case "default route moved":
      await links.move();
      await rig.followRoute();
      await pause(forMs);
      break;
    case "logger stopped by SIGSTOP":
      logger.signal("SIGSTOP");
      await pause(forMs);
      logger.signal("SIGCONT");
      break;
    case "logger stopped by SIGSTOP under a flood": {
      logger.signal("SIGSTOP");
      const suffered = await flood(fault, rig);
      logger.signal("SIGCONT");
      await rig.untilCapturing();
      return suffered;
    }
    case "logger killed by SIGKILL":
      logger.kill();
      await pause(forMs);
      break;
    case "logger restarted":
      logger.restart();
      await pause(forMs);
      break;
    case "clock leaps":
      await leap(forMs, rig, random);
      break;
    case "card full":
    case "card full for long, and a flood": {
      const filler = join(rig.card.path, "filler");
      await run(`cat /dev/zero >${filler} 2>/dev/null || true`);
      const flooded = fault.flood === undefined
        ? nothing
        : await flood({ ...fault, forMs: FLOOD_MS }, rig);
      await pause(forMs);
      await Deno.remove(filler);
      await rig.untilCapturing();
      return flooded;
    }
    case "card read-only":
      await remount("ro", rig);
      await pause(forMs);
      await remount("rw", rig);
      break;
    case "slow and dead control clients":
      await badClients(forMs);
      break;
    case "receiver refuses or is slow":
      await rig.tellReceiver(fault.manner!);
      await pause(forMs);
      await rig.tellReceiver({});
      break;
    case "receiver down":
      await rig.killReceiver();
      await pause(forMs);
      await rig.startReceiver();
      break;
    case "forwarder killed":
      rig.forwarder.kill();
      await pause(forMs);
      break;
    case "pages killed":
      rig.pages.kill();
      await pause(forMs);
      break;
  }
  await rig.untilCapturing();
  return nothing;
}

async function flood({ flood, forMs }: Fault, rig: Rig): Promise<Suffered> {
  const { frame } = FLOODS[flood!];
  const frames = Array.from({ length: FLOOD_FRAMES }, () => ({ frame }));
  return await send(frames, FLOOD_PER_SECOND, forMs, rig);
}

function hostileFrames(random: Random): Captured[] {
  const whole = builtFrames().filter(({ linkType }) => linkType === 1).map(({ bytes }) => bytes);
  const one = () => whole[Math.floor(random() * whole.length)];
  return Array.from({ length: HOSTILE_FRAMES }, () => mutated(one(), one(), random))
    // A packet socket takes none that has not even Ethernet's header, or is longer than the link bears.
    .filter(({ length }) => length >= 60 && length <= 1514)
    .map((bytes) => ({ frame: bytes }));
}

async function send(
  frames: readonly Captured[],
  perSecond: number,
  forMs: number,
  { links }: Rig,
): Promise<Suffered> {
  using file = pcapFile(frames);
  const { success, stdout, stderr } = await new Deno.Command("ip", {
    args: [
      ...["netns", "exec", "far", "nice", Deno.execPath(), "run", "-A", "--no-check", "--frozen"],
      ...["--cached-only", PACKET_SENDER, `${links.used}1`, file.path],
      ...[`${perSecond}`, `${forMs / 1000}`],
    ],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const sent: Sent = JSON.parse(new TextDecoder().decode(stdout));
  return { otherPackets: sent.packets };
}

/** In a life of the logger of its own, to which libfaketime tells the time. */
async function leap(forMs: number, rig: Rig, random: Random): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "wifilogger_soak_" });
  const set = (seconds: number) => {
    Deno.writeTextFileSync(`${path}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
    Deno.renameSync(`${path}.new`, path);
  };
  set(0);
  rig.logger.restart({
    LD_PRELOAD: "/usr/$LIB/faketime/libfaketime.so.1",
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_CACHE_DURATION: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
  await pause(forMs / 3);
  await rig.untilCapturing();
  set(LEAPS_S[Math.floor(random() * LEAPS_S.length)]);
  await pause(forMs / 3);
  set(0);
  await pause(forMs / 3);
  rig.logger.restart();
  await pause(3000);
  await Deno.remove(path);
}

/** A file that is being written keeps a file system from becoming read-only; then once more. */
async function remount(how: "ro" | "rw", { card }: Rig): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return card.remount(how);
    } catch (error) {
      if (tries === 50) throw error;
      await pause(100);
    }
  }
}

/** Clients that ask for half of something, that take no answer, and that are silent. */
async function badClients(forMs: number): Promise<void> {
  const open: Deno.Conn[] = [];
  const words = [
    "GET /v1/status HT",
    "GET /v1/flows HTTP/1.1\r\nhost: x\r\n\r\n",
    "",
    "\0\0\xff\r\n\r\n",
  ];
  for (let i = 0; i < CLIENTS; i++) {
    const client = await Deno.connect({ transport: "unix", path: CONTROL_SOCKET }).catch(() => {});
    if (client === undefined) continue;
    open.push(client);
    const word = words[i % words.length];
    if (word !== "") await client.write(new TextEncoder().encode(word)).catch(() => {});
  }
  await pause(forMs);
  for (const client of open) client.close();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
