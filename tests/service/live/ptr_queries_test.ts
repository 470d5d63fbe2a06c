/** Questions to name servers that listen where name servers do: on port 53, of addresses on the loopback interface. */

import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { decode, encode, type Packet, type StringAnswer } from "dns-packet";
import { PtrQueries } from "../../../service/live/ptr_queries.ts";
import { assert, assertEquals, assertLess, assertRejects } from "../../assert.ts";
import { testWhen } from "../../skip.ts";

/** On Linux all of 127.0.0.0/8 is there; these are used by nobody else. */
const SERVER = "127.77.0.1";
const SECOND_SERVER = "127.77.0.2";
const ADDRESS = "93.184.216.34";
const REVERSE_NAME = "34.216.184.93.in-addr.arpa";
const NAME = "www.example.org";
const SERVER_TIMEOUT_MS = 1_600;
const NEVER = new AbortController().signal;
const NAME_ERROR = 3;
const RECURSION_DESIRED = 256;

/** What came to a server: a question, and whom to answer. */
interface Asked {
  readonly message: Packet;
  readonly client: RemoteInfo;
}

/** What a server sends for each question. */
type Reply = (message: Packet) => readonly Uint8Array[];

/** A name server. */
class NameServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly socket = createSocket("udp4");

  /** Resolves when it listens; rejects where that is not allowed, or another listens there. */
  static async open(address: string, reply: Reply): Promise<NameServer> {
    const server = new NameServer();
    server.socket.on("message", (bytes, client) => {
      const message = decode(bytes);
      server.asked.push({ message, client });
      for (const answer of reply(message)) server.socket.send(answer, client.port, client.address);
    });
    server.socket.bind(53, address);
    await once(server.socket, "listening");
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await once(this.socket, "close");
  }
}

async function lacksPort53(): Promise<string | null> {
  try {
    await using _server = await NameServer.open(SERVER, () => []);
    return null;
  } catch (error) {
    return `no name server can be run at ${SERVER}: ${(error as Error).message}`;
  }
}

const missing = await lacksPort53();

/** An answer to a question, with these names. */
function answer(
  asked: Packet,
  names: readonly string[],
  changes: Partial<Packet> = {},
): Uint8Array {
  const name = asked.questions![0].name;
  const answers = names.map((data): StringAnswer => ({ type: "PTR", name, data }));
  return encode({
    type: "response",
    id: asked.id,
    questions: asked.questions,
    answers,
    ...changes,
  });
}

function ptrQuestions(...servers: readonly string[]): PtrQueries {
  return new PtrQueries(() => servers);
}

function testOnPort53(name: string, fn: () => Promise<void>): void {
  // Each test asks, and the timer that forgets the port of a question outlives it.
  testWhen(missing, `PtrQueries ${name}`, fn, { sanitizeOps: false, sanitizeResources: false });
}

testOnPort53("asks for an IPv4 address's name by its reversed bytes", async () => {
  await using server = await NameServer.open(SERVER, (asked) => [answer(asked, [NAME])]);
  assertEquals(await ptrQuestions(SERVER).ask(ADDRESS, NEVER), NAME);
  assertEquals(server.asked.length, 1);
  const { type, flags, questions } = server.asked[0].message;
  assertEquals(type, "query");
  assertEquals(flags, RECURSION_DESIRED);
  assertEquals(questions, [{ type: "PTR", class: "IN", name: REVERSE_NAME }]);
});

testOnPort53("asks for an IPv6 address's name by its reversed nibbles", async () => {
  await using server = await NameServer.open(SERVER, (asked) => [answer(asked, [NAME])]);
  // The example of RFC 3596, 2.5.
  assertEquals(await ptrQuestions(SERVER).ask("4321:0:1:2:3:4:567:89ab", NEVER), NAME);
  assertEquals(
    server.asked[0].message.questions![0].name,
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
  );
});

testOnPort53("takes the first of several names", async () => {
  await using _server = await NameServer.open(SERVER, (asked) => [
    answer(asked, [NAME, "other.example"]),
  ]);
  assertEquals(await ptrQuestions(SERVER).ask(ADDRESS, NEVER), NAME);
});

testOnPort53("makes a name fit for a log", async () => {
  await using _server = await NameServer.open(
    SERVER,
    (asked) => [answer(asked, ["Evil\x1b[2J.Example"])],
  );
  assertEquals(await ptrQuestions(SERVER).ask(ADDRESS, NEVER), "evil\\027[2j.example");
});

testOnPort53("finds no name where the server knows none, and asks no other", async () => {
  await using _server = await NameServer.open(
    SERVER,
    (asked) => [answer(asked, [], { flags: NAME_ERROR })],
  );
  await using second = await NameServer.open(SECOND_SERVER, (asked) => [answer(asked, [NAME])]);
  assertEquals(await ptrQuestions(SERVER, SECOND_SERVER).ask(ADDRESS, NEVER), undefined);
  assertEquals(second.asked, []);
});

testOnPort53("asks the second server when the first is silent", async () => {
  await using silent = await NameServer.open(SERVER, () => []);
  await using _second = await NameServer.open(SECOND_SERVER, (asked) => [answer(asked, [NAME])]);
  assertEquals(await ptrQuestions(SERVER, SECOND_SERVER).ask(ADDRESS, NEVER), NAME);
  assertEquals(silent.asked.length, 1);
});

testOnPort53("takes no answer but the one with its question's number", async () => {
  await using _server = await NameServer.open(SERVER, (asked) => [
    answer(asked, ["forged.example"], { id: asked.id! + 1 & 0xffff }),
    answer(asked, ["echo.example"], { type: "query" }),
    Uint8Array.of(1, 2, 3),
    answer(asked, [NAME]),
  ]);
  assertEquals(await ptrQuestions(SERVER).ask(ADDRESS, NEVER), NAME);
});

testOnPort53("takes no answer from anybody but the server that was asked", async () => {
  await using stranger = await NameServer.open(SECOND_SERVER, () => []);
  await using server = await NameServer.open(SERVER, (asked) => {
    const { port, address } = server.asked[0].client;
    stranger.socket.send(answer(asked, ["forged.example"]), port, address);
    return [];
  });
  await assertRejects(() => ptrQuestions(SERVER).ask(ADDRESS, NEVER));
});

testOnPort53("fails when no server answers", async () => {
  await assertRejects(() => ptrQuestions(SERVER, SECOND_SERVER).ask(ADDRESS, NEVER));
  await assertRejects(() => ptrQuestions().ask(ADDRESS, NEVER), Error, "resolv.conf");
});

testOnPort53("ends at once when it is told to, and asks no further server", async () => {
  await using _silent = await NameServer.open(SERVER, () => []);
  await using second = await NameServer.open(SECOND_SERVER, (asked) => [answer(asked, [NAME])]);
  const questions = ptrQuestions(SERVER, SECOND_SERVER);
  const start = performance.now();
  await assertRejects(() => questions.ask(ADDRESS, AbortSignal.timeout(100)));
  await assertRejects(() => questions.ask(ADDRESS, AbortSignal.abort()));
  assertLess(performance.now() - start, SERVER_TIMEOUT_MS);
  assertEquals(second.asked, []);
});

testOnPort53(
  "knows the ports that its questions came from, also when they are answered",
  async () => {
    const questions = ptrQuestions(SERVER);
    const wasOwn: boolean[] = [];
    await using server = await NameServer.open(SERVER, (asked) => {
      wasOwn.push(questions.isOwnPort(server.asked.at(-1)!.client.port));
      return [answer(asked, [NAME])];
    });
    await questions.ask(ADDRESS, NEVER);
    await questions.ask("93.184.216.35", NEVER);
    assertEquals(wasOwn, [true, true]);
    const ports = server.asked.map(({ client }) => client.port);
    assert(ports.every((port) => questions.isOwnPort(port)));
    assert(!questions.isOwnPort(53));
    assert(!ptrQuestions(SERVER).isOwnPort(ports[0]));
  },
);
