/**
 * A device of the household at its habits, for the demo.
 *
 * Run on the device's machine: `device.ts NAME SECONDS FOLDER`, FOLDER being where the servers' certificate is.
 * Prints `ready` at once; what fails is told on stderr and does not stop the rest.
 */

import { join } from "@std/path";
import { type DeviceName, LAN, SERVERS } from "./addresses.ts";
import { CERTIFICATE, QUIC_PROTOCOL } from "./internet.ts";

/** Something a device does again and again. */
interface Habit {
  readonly everyMs: number;
  readonly act: (certificate: string) => Promise<unknown>;
  /** Nothing to do without a certificate. @default false */
  readonly secure?: boolean;
}

const HABITS: Record<DeviceName, readonly Habit[]> = {
  laptop: [
    { everyMs: 4000, act: () => get(`http://${SERVERS.news.host}/24000`) },
    {
      everyMs: 7000,
      secure: true,
      act: (cert) => get(`https://${SERVERS.updates.host}/400000`, cert),
    },
    { everyMs: 9000, act: knockAtRouter },
  ],
  phone: [
    {
      everyMs: 3000,
      secure: true,
      act: (cert) => get(`https://${SERVERS.radio.host}/60000`, cert),
    },
    { everyMs: 6000, act: () => askTime(SERVERS.time.host) },
  ],
  tv: [
    { everyMs: 2000, secure: true, act: (cert) => stream(SERVERS.video.host, 300_000, cert) },
    { everyMs: 6000, secure: true, act: (cert) => report(SERVERS.telemetry.host, cert) },
    { everyMs: 8000, act: () => get(`http://${SERVERS.reverseOnly.ipv4}/2000`) },
    { everyMs: 9000, act: () => get(`http://${SERVERS.nameless.ipv4}/900`) },
  ],
};

function get(url: string, certificate?: string): Promise<void> {
  return request(url, { method: "GET" }, certificate);
}

function report(host: string, certificate: string): Promise<void> {
  return request(`https://${host}/0`, { method: "POST", body: new Uint8Array(5000) }, certificate);
}

/** One request on a connection of its own. */
async function request(url: string, init: RequestInit, certificate?: string): Promise<void> {
  using client = Deno.createHttpClient({ caCerts: certificate ? [certificate] : [] });
  const response = await fetch(url, { ...init, client });
  await response.arrayBuffer();
}

async function stream(hostname: string, byteLength: number, certificate: string): Promise<void> {
  const [address] = await Deno.resolveDns(hostname, "A");
  await streamFrom({ address, serverName: hostname, byteLength, certificate });
}

/** Takes so many bytes over a QUIC connection of its own. */
export async function streamFrom(
  { address, serverName, byteLength, certificate }: {
    readonly address: string;
    readonly serverName: string;
    readonly byteLength: number;
    readonly certificate: string;
  },
): Promise<void> {
  const connection = await Deno.connectQuic({
    hostname: address,
    serverName,
    port: 443,
    caCerts: [certificate],
    alpnProtocols: [QUIC_PROTOCOL],
  });
  const { readable, writable } = await connection.createBidirectionalStream();
  await new Response(String(byteLength)).body!.pipeTo(writable);
  await new Response(readable).arrayBuffer();
  connection.close({ closeCode: 0, reason: "" });
}

async function askTime(host: string): Promise<void> {
  const [hostname] = await Deno.resolveDns(host, "A");
  const VERSION_4_CLIENT = 0b00_100_011;
  const query = new Uint8Array(48);
  query[0] = VERSION_4_CLIENT;
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
  await socket.send(query, { transport: "udp", hostname, port: 123 });
  await socket.receive();
  socket.close();
}

/** Within the household, so the log leaves it out. Nothing listens there; the router refuses. */
async function knockAtRouter(): Promise<void> {
  await Deno.connect({ hostname: LAN.router.ipv4, port: 22 }).then((c) => c.close(), () => {});
}

async function keep(habit: Habit, certificate: string, untilMs: number): Promise<void> {
  for (;;) {
    await habit.act(certificate).catch((error) => console.error(error.message));
    if (Date.now() + habit.everyMs > untilMs) return;
    await new Promise((resolve) => setTimeout(resolve, habit.everyMs));
  }
}

if (import.meta.main) {
  const [name, seconds, folder] = Deno.args;
  const certificate = await Deno.readTextFile(join(folder, CERTIFICATE)).catch(() => "");
  const untilMs = Date.now() + Number(seconds) * 1000;
  console.log("ready");
  const habits = HABITS[name as DeviceName].filter(({ secure }) => certificate !== "" || !secure);
  await Promise.all(habits.map((habit) => keep(habit, certificate, untilMs)));
}
