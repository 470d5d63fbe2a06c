/** A name server on port 53 of an address of its own, and what it was asked. */

import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { decode, encode } from "dns-packet";

/** What to send back; nothing for no answer at all. */
export type Reply = (question: { readonly id: number; readonly name: string }) => Uint8Array[];

export interface NameServer extends AsyncDisposable {
  /** Names that PTR was asked for. */
  readonly asked: string[];
  /** The ports that the questions came from. */
  readonly ports: number[];
}

/** Serves on an address of the loopback network; port 53 needs root. */
export async function serveNames(address: string, reply: Reply): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  const ports: number[] = [];
  socket.on("message", (bytes: Uint8Array, from: { address: string; port: number }) => {
    const { id = 0, questions = [] } = decode(Buffer.from(bytes));
    const { name } = questions[0];
    asked.push(name);
    ports.push(from.port);
    for (const message of reply({ id, name })) socket.send(message, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(53, address, resolve);
  });
  return {
    asked,
    ports,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** An answer with the names given; without any, that there is none. */
export function ptrAnswer(id: number, name: string, ...names: string[]): Uint8Array {
  return encode({
    type: "response",
    id,
    questions: [{ type: "PTR", name }],
    answers: names.map((data) => ({ type: "PTR", name, data })),
  });
}
