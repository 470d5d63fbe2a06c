/**
 * Traffic of which each line of the log can be told: flow number N is one UDP packet to port N.
 *
 * Run as a program, `numbered_traffic.ts ADDRESS FIRST COUNT PER_SECOND` sends such flows until it has sent all or its
 * standard input ends, and prints how many it sent.
 */

import { createSocket } from "node:dgram";
import { Buffer } from "node:buffer";
import { setTimeout } from "node:timers/promises";
import { fromFileUrl } from "@std/path";
import { ADDRESS, type Machine, REMOTE_ADDRESS } from "./machine.ts";

/** A range of flow numbers. */
export interface Flows {
  readonly first: number;
  readonly count: number;
}

const PROGRAM = fromFileUrl(import.meta.url);
const PACE_MS = 10;

/** Their numbers. */
export function range({ first, count }: Flows): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Flows under way; `stop()` ends them and says which were sent. */
export interface Sending {
  stop(): Promise<Flows>;
  /** Resolves when all have been sent. */
  done(): Promise<Flows>;
}

/** Sends flows to the machine, by default a hundred a second. */
export function send(machine: Machine, { first, count }: Flows, perSecond = 100): Sending {
  const numbers = [first, count, perSecond].map(String);
  const argv = [Deno.execPath(), "run", "-A", "--no-check", PROGRAM, ADDRESS, ...numbers];
  const child = machine.startOutside(argv);
  const output = new Response(child.stdout).text();
  const sent = async () => {
    await child.status;
    return { first, count: Number(await output) };
  };
  return {
    async done() {
      const flows = await sent();
      await child.stdin.close();
      return flows;
    },
    async stop() {
      await child.stdin.close();
      return await sent();
    },
  };
}

/** The numbers of the flows among some lines of the log, a number for each line. */
export function numbersIn(lines: readonly string[]): number[] {
  return lines.map((line) => JSON.parse(line))
    .filter(({ network, source }) => network?.transport === "udp" && source?.ip === REMOTE_ADDRESS)
    .map(({ destination }) => destination.port);
}

async function sendAll(address: string, { first, count }: Flows, perSecond: number) {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind({ address: REMOTE_ADDRESS }, resolve));
  const startedAt = performance.now();
  let isEnded = false;
  Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => isEnded = true);
  let sent = 0;
  while (sent < count && !isEnded) {
    const due = Math.min(count, ((performance.now() - startedAt) / 1000) * perSecond);
    for (; sent < due; sent++) socket.send(Buffer.from(`${first + sent}`), first + sent, address);
    await setTimeout(PACE_MS);
  }
  socket.close();
  return sent;
}

if (import.meta.main) {
  const [address, ...numbers] = Deno.args;
  const [first, count, perSecond] = numbers.map(Number);
  console.log(await sendAll(address, { first, count }, perSecond));
  Deno.exit(0);
}
