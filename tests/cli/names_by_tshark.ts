/** Which names passed in a capture, by tshark: decoders and reassembly that share nothing with the program's. */

import { endsOf } from "./flow_ends.ts";

/** What tshark saw of names in one capture, in lower case. */
export interface NamesSeen {
  /** By `endsOf()` of the ends between which they were said. */
  readonly said: ReadonlyMap<string, NamesSaid>;
  readonly answers: readonly AnswerSeen[];
}

/** What the packets of one five-tuple said, all connections that had it together. */
export interface NamesSaid {
  /** Of ClientHellos, of TLS and of QUIC. */
  readonly serverNames: Set<string>;
  /** Of HTTP requests: Host headers and what their targets name. */
  readonly hosts: Set<string>;
}

/** A DNS response. */
export interface AnswerSeen {
  /** Seconds since 1970. */
  readonly time: number;
  readonly questions: readonly string[];
  readonly addresses: readonly string[];
}

/** Each with every value that a frame has of it. */
const FIELDS = {
  time: ["frame.time_epoch"],
  sources: ["ip.src", "ipv6.src"],
  destinations: ["ip.dst", "ipv6.dst"],
  sourcePorts: ["tcp.srcport", "udp.srcport"],
  destinationPorts: ["tcp.dstport", "udp.dstport"],
  tcpStreams: ["tcp.stream"],
  serverNames: ["tls.handshake.extensions_server_name", "gquic.tag.sni"],
  hosts: ["http.host"],
  targets: ["http.request.uri", "http.request.full_uri"],
  questions: ["dns.qry.name"],
  answers: ["dns.a", "dns.aaaa", "dns.svcb.svcparam.ipv4hint.ip", "dns.svcb.svcparam.ipv6hint.ip"],
} as const;

type Frame = Record<keyof typeof FIELDS, readonly string[]>;

/** The frames with a name in them. */
const FILTER = [
  "tls.handshake.extensions_server_name",
  "gquic.tag.sni",
  "http.request",
  "dns.flags.response == 1",
].map((filter) => `(ip or ipv6) and ${filter}`).join(" or ");
const PREFERENCES = [
  "tcp.reassemble_out_of_order:TRUE",
  // TLS and HTTP by their looks on every port, as a port says little.
  "tcp.try_heuristic_first:TRUE",
];
/** Stands between the values of one field, and in none of them. */
const SEPARATOR = "\x1f";

/** Reads a capture with tshark. */
export async function namesByTshark(path: string): Promise<NamesSeen> {
  const said = new Map<string, NamesSaid>();
  const answers: AnswerSeen[] = [];
  for (const frame of await framesWithNames(path)) {
    const questions = frame.questions.map(plainName);
    if (questions.length > 0) {
      answers.push({ time: Number(frame.time[0]), questions, addresses: frame.answers });
    }
    const ends = endsOfFrame(frame);
    const { serverNames, hosts } = said.get(ends) ?? { serverNames: new Set(), hosts: new Set() };
    for (const name of frame.serverNames) serverNames.add(plainName(name));
    for (const host of frame.hosts) hosts.add(plainName(withoutPort(host)));
    for (const target of frame.targets) hosts.add(plainName(withoutPort(authorityOf(target))));
    said.set(ends, { serverNames, hosts });
  }
  return { said, answers };
}

async function framesWithNames(path: string): Promise<Frame[]> {
  const { success, stdout, stderr } = await new Deno.Command("tshark", {
    args: [
      ...["-n", "-r", path, "-Y", FILTER, "-T", "fields"],
      ...["-E", "occurrence=a", "-E", `aggregator=${SEPARATOR}`],
      ...PREFERENCES.flatMap((preference) => ["-o", preference]),
      ...Object.values(FIELDS).flat().flatMap((field) => ["-e", field]),
    ],
  }).output();
  const complaint = new TextDecoder().decode(stderr);
  // What stands before the place where a capture is cut has been read.
  if (!success && !complaint.includes("cut short")) throw new Error(`${path}: ${complaint}`);
  return new TextDecoder().decode(stdout).split("\n").slice(0, -1).map(parseRow);
}

function parseRow(row: string): Frame {
  const columns = row.split("\t");
  const groups = Object.entries(FIELDS).map(([group, fields]) => {
    const values = columns.splice(0, fields.length).filter((column) => column !== "");
    return [group, values.flatMap((column) => column.split(SEPARATOR))];
  });
  return Object.fromEntries(groups);
}

/** A frame's first addresses and ports: what is in a tunnel has no name in the records, so that it is not looked up. */
function endsOfFrame(frame: Frame): string {
  const transport = frame.tcpStreams.length > 0 ? "tcp" : "udp";
  const source = [frame.sources[0], frame.sourcePorts[0]] as const;
  return endsOf(transport, source, [frame.destinations[0], frame.destinationPorts[0]]);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function withoutPort(authority: string): string {
  return authority.trim().replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** Of `http://user@host:80/path` and of `host:443`, which CONNECT has; "" of a path. */
function authorityOf(target: string): string {
  const absolute = /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(target);
  return absolute?.[1] ?? (/^[^/:]+:\d+$/.test(target) ? target : "");
}
