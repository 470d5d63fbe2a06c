/** A second opinion on what passed: tcpdump beside the logger, counted by tshark. */

import { LAN } from "../../scripts/household/addresses.ts";
import type { Household } from "../../scripts/household/household.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import type { Program } from "../../scripts/household/program.ts";
import type { Traffic } from "../../scripts/household/traffic.ts";

/** One IP packet. */
export interface CapturedPacket {
  readonly source: string;
  readonly destination: string;
  /** Length by the IP header. */
  readonly bytes: number;
}

/** A capture of the router's LAN interface. */
export class ReferenceCapture {
  readonly #household: Household;
  readonly #tcpdump: Program;
  readonly #path: string;

  private constructor(household: Household, tcpdump: Program, path: string) {
    this.#household = household;
    this.#tcpdump = tcpdump;
    this.#path = path;
  }

  /** Starts it; resolves when it listens. */
  static async start(household: Household): Promise<ReferenceCapture> {
    const path = `${SCRATCH}/${crypto.randomUUID()}.pcap`;
    // 64 MB of ring: the default drops packets of one fast download.
    const flags = ["-n", "--immediate-mode", "--snapshot-length", "256", "-B", "65536"];
    const tcpdump = household.start("router", [
      ...["tcpdump", "-i", LAN.interface, ...flags, "-Z", "root", "-w", path],
    ]);
    await tcpdump.said("listening on");
    return new ReferenceCapture(household, tcpdump, path);
  }

  /** Ends it, once the household's link to the Internet is quiet; the packets that a logger has to log. */
  async stop(): Promise<CapturedPacket[]> {
    await this.#household.settledWanTraffic();
    this.#tcpdump.signal("SIGTERM");
    const { stderr } = await this.#tcpdump.ended;
    if (!stderr.some((line) => /^0 packets dropped by kernel/.test(line))) {
      throw new Error(`the reference capture is not complete: ${stderr.join(" ")}`);
    }
    const packets = await this.#read();
    return packets.filter(({ source, destination }) => !(isLocal(source) && isLocal(destination)));
  }

  async #read(): Promise<CapturedPacket[]> {
    const FIELDS = ["ip.src", "ip.dst", "ip.len", "ipv6.src", "ipv6.dst", "ipv6.plen"];
    const { code, stdout, stderr } = await this.#household.run("router", [
      ...["tshark", "-n", "-r", this.#path, "-Y", "ip or ipv6", "-T", "fields"],
      // Of an ICMP error, its own header and not the one it quotes.
      ...["-E", "occurrence=f", ...FIELDS.flatMap((field) => ["-e", field])],
    ]);
    if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr.join(" ")}`);
    return stdout.map(parseFields);
  }
}

const IPV6_HEADER_LENGTH = 40;

function parseFields(line: string): CapturedPacket {
  const [source4, destination4, totalLength, source6, destination6, payloadLength] = line.split(
    "\t",
  );
  return totalLength !== ""
    ? { source: source4, destination: destination4, bytes: Number(totalLength) }
    : {
      source: source6,
      destination: destination6,
      bytes: Number(payloadLength) + IPV6_HEADER_LENGTH,
    };
}

/** The household's own networks, link-local, unspecified and multicast addresses. */
function isLocal(address: string): boolean {
  return /^(192\.168\.50\.|2003:e5:50:50:|fe80:|::$|ff|22[4-9]\.|23\d\.)/.test(address);
}

/** The sum over some packets. */
export function sumOf(packets: readonly CapturedPacket[]): Traffic {
  return {
    packets: packets.length,
    bytes: packets.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
