/**
 * What the devices of the soak say to the Internet: each conversation has an address of its own at the other end, and so a
 * flow of its own in the log, which can be held against what was sent.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { encode } from "dns-packet";
import type { Random } from "../../scripts/seeded_random.ts";
import { answerBytes } from "../capture/dns/dns_message.ts";
import { ethernet, type Frame } from "../capture/frame_builder.ts";
import { cryptoFrame, initialPacket } from "../capture/quic/build_quic.ts";
import { clientHello, serverHello, tlsRecords } from "../capture/tls/build_client_hello.ts";

/** One packet that is to be sent, so long after the beginning. */
export interface Said {
  readonly afterMs: number;
  readonly isUp: boolean;
  readonly frame: Frame;
  /** It says the name, to whoever listens. */
  readonly saysName?: true;
}

/** A flow. */
export interface Flow {
  readonly device: string;
  readonly port: number;
  readonly server: string;
  readonly serverPort: number;
  readonly transport: "tcp" | "udp";
  /** What the log is to call the other end. */
  readonly name?: string;
  readonly packets: Iterable<Said>;
}

/** All devices of the soak. */
export const DEVICES = 8;
export const DEVICE_NETWORK = "192.168.77.";
const RESOLVER = "93.0.0.53";
const ROUTER_MAC = "02:00:00:00:77:01";
const FIRST_PORT = 1024;
const PORTS = 60_000;
/** Between two packets of a download. */
const DOWNLOAD_STEP_MS = 25;
const NEVER_MS = 1e12;

/** Makes conversations, none like another. */
export class Conversations {
  readonly #random: Random;
  #made = 0;
  #asked = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The flows of a site that is visited: a question to DNS, then TLS or QUIC; or what has no name. */
  next(): Flow[] {
    const number = this.#made++;
    const kind = Math.floor(this.#random() * 5);
    const flow = this.#ends(number);
    const name = `s${number}.soak.example`;
    switch (kind) {
      case 0:
      case 1:
        return [this.#question(flow, name), this.#tls({ ...flow, name }, 200)];
      case 2:
        return [this.#question(flow, name), this.#quic({ ...flow, name }, 200)];
      case 3: // the name stands in the hello alone
        return [
          this.#tls({ ...flow, device: `fd77::${number % DEVICES + 1}`, ...v6(number), name }, 0),
        ];
      default:
        return [{
          ...flow,
          serverPort: 9999,
          transport: "udp",
          packets: this.#data({ ...flow, serverPort: 9999, transport: "udp" }, 0),
        }];
    }
  }

  /** One that goes on as long as the soak. */
  download(): Flow {
    const number = this.#made++;
    const flow = { ...this.#ends(number), name: `d${number}.soak.example` };
    const packet = (isUp: boolean) =>
      tcp(flow, isUp, { flags: "A" }).payload(isUp ? "" : "d".repeat(900));
    const [up, down] = [packet(true), packet(false)];
    const handshake = this.#hello(flow, 0);
    return {
      ...flow,
      transport: "tcp",
      packets: {
        *[Symbol.iterator]() {
          yield* handshake;
          for (let n = 1; n * DOWNLOAD_STEP_MS < NEVER_MS; n++) {
            const isUp = n % 8 === 0;
            yield { afterMs: 100 + n * DOWNLOAD_STEP_MS, isUp, frame: isUp ? up : down };
          }
        },
      },
    };
  }

  #ends(number: number): Pick<Flow, "device" | "port" | "server" | "serverPort"> {
    return {
      device: `${DEVICE_NETWORK}${10 + number % DEVICES}`,
      port: FIRST_PORT + Math.floor(number / DEVICES) % PORTS,
      server: `93.${1 + (number >>> 16)}.${number >>> 8 & 255}.${number & 255}`,
      serverPort: 443,
    };
  }

  #question({ device, server }: Pick<Flow, "device" | "server">, name: string): Flow {
    const number = this.#asked++;
    // A port and a resolver of its own, so that no two questions are one flow.
    const port = FIRST_PORT + number % PORTS;
    const resolver = `${RESOLVER.slice(0, -2)}${53 + Math.floor(number / PORTS)}`;
    const flow = { device, port, server: resolver, serverPort: 53, transport: "udp" as const };
    const query: Uint8Array = encode({
      type: "query",
      id: number & 0xffff,
      questions: [{ type: "A", name }],
    });
    const answer = Buffer.from(
      answerBytes({ queriedName: name, answers: [{ type: "A", name, data: server }] }),
    );
    answer.writeUInt16BE(number & 0xffff, 0);
    return {
      ...flow,
      packets: [
        { afterMs: 0, isUp: true, frame: udp(flow, true).payload(query) },
        { afterMs: 30, isUp: false, frame: udp(flow, false).payload(answer) },
      ],
    };
  }

  #tls(flow: Omit<Flow, "transport" | "packets">, afterMs: number): Flow {
    const last = this.#data({ ...flow, transport: "tcp" }, afterMs + 100);
    const endMs = last.at(-1)!.afterMs + 20;
    const hasEnd = this.#random() < 0.8;
    const end = [true, false, true].map((isUp, i): Said => ({
      afterMs: endMs + 10 * i,
      isUp,
      frame: tcp(flow, isUp, { flags: i === 2 ? "A" : "FA", sequence: 90_000 + i }),
    }));
    const packets = [...this.#hello(flow, afterMs), ...last, ...(hasEnd ? end : [])];
    return { ...flow, transport: "tcp", packets };
  }

  #hello(flow: Omit<Flow, "transport" | "packets">, afterMs: number): Said[] {
    const hello = tlsRecords(clientHello({ serverName: flow.name }));
    const said = (after: number, isUp: boolean, frame: Frame): Said => ({
      afterMs: afterMs + after,
      isUp,
      frame,
    });
    return [
      said(0, true, tcp(flow, true, { flags: "S", sequence: 1000 })),
      said(20, false, tcp(flow, false, { flags: "SA", sequence: 5000 })),
      said(40, true, tcp(flow, true, { flags: "A", sequence: 1001 })),
      {
        ...said(45, true, tcp(flow, true, { flags: "PA", sequence: 1001 }).payload(hello)),
        saysName: true,
      },
      said(65, false, tcp(flow, false, { sequence: 5001 }).payload(tlsRecords(serverHello()))),
    ];
  }

  #quic(flow: Omit<Flow, "transport" | "packets">, afterMs: number): Flow {
    const hello = cryptoFrame(0, clientHello({ serverName: flow.name }));
    const initial = udp(flow, true).payload(initialPacket({ frames: hello }));
    const packets: Said[] = [
      { afterMs, isUp: true, frame: initial, saysName: true },
      ...this.#data({ ...flow, transport: "udp" }, afterMs + 40),
    ];
    return { ...flow, transport: "udp", packets };
  }

  /** Packets to and fro, over a while. */
  #data(flow: Omit<Flow, "packets">, afterMs: number): Said[] {
    const count = 4 + Math.floor(this.#random() * 20);
    const stepMs = 5 + this.#random() ** 3 * 2000;
    return Array.from({ length: count }, (_, i) => {
      const isUp = i % 3 === 0;
      const frame = flow.transport === "tcp"
        ? tcp(flow, isUp, { flags: "A", sequence: 20_000 + 1000 * i })
        : udp(flow, isUp);
      const length = 1 + Math.floor(this.#random() * (isUp ? 100 : 900));
      return { afterMs: afterMs + i * stepMs, isUp, frame: frame.payload("x".repeat(length)) };
    });
  }
}

type Ends = Pick<Flow, "device" | "port" | "server" | "serverPort">;

function v6(number: number): Pick<Flow, "server"> {
  return {
    server: `2600:77::${((number >>> 16) + 1).toString(16)}:${(number & 0xffff).toString(16)}`,
  };
}

function ip({ device, server }: Ends, isUp: boolean): Frame {
  const mac = `02:00:00:00:77:${device.slice(-1).padStart(2, "1")}`;
  const [source, destination] = isUp ? [device, server] : [server, device];
  const link = ethernet(
    isUp ? { source: mac, destination: ROUTER_MAC } : { source: ROUTER_MAC, destination: mac },
  );
  return device.includes(":")
    ? link.ipv6({ source, destination })
    : link.ipv4({ source, destination });
}

function ports({ port, serverPort }: Ends, isUp: boolean) {
  return isUp
    ? { sourcePort: port, destinationPort: serverPort }
    : { sourcePort: serverPort, destinationPort: port };
}

function tcp(ends: Ends, isUp: boolean, options: { flags?: string; sequence?: number }): Frame {
  return ip(ends, isUp).tcp({ ...ports(ends, isUp), ...options });
}

function udp(ends: Ends, isUp: boolean): Frame {
  return ip(ends, isUp).udp(ports(ends, isUp));
}
