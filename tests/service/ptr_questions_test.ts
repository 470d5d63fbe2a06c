import { assert, assertEquals, assertRejects } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { PtrQuestions } from "../../service/ptr_questions.ts";
import { ptrAnswer, type Reply, serveNames } from "./name_server.ts";

const MISSING = lacks({ root: true });
const SERVER = "127.53.0.1";
const OTHER_SERVER = "127.53.0.2";
const NEVER = new AbortController().signal;

/** Asks one server, or two, for the name of an address. */
function ask(address: string, { signal = NEVER, servers = [SERVER] } = {}) {
  return new PtrQuestions(() => servers).ask(address, signal);
}

const named = (...names: string[]): Reply => ({ id, name }) => [ptrAnswer(id, name, ...names)];

/** Sockets that were connected keep a moment's work after they are closed. */
function test(name: string, run: () => Promise<void>): void {
  testWhen(MISSING, name, run, { sanitizeOps: false, sanitizeResources: false });
}

test("`PtrQuestions.ask()` gives the first name, fit for a log", async () => {
  await using _server = await serveNames(SERVER, named("DNS9.Quad9.net", "other.example"));
  assertEquals(await ask("9.9.9.9"), "dns9.quad9.net");
});

test("`PtrQuestions.ask()` asks for the address's reverse name", async () => {
  await using server = await serveNames(SERVER, named("a.example"));
  await ask("192.0.2.7");
  await ask("2001:db8::567:89ab");
  assertEquals(server.asked, [
    "7.2.0.192.in-addr.arpa",
    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  ]);
});

test("`PtrQuestions.ask()` gives nothing where there is no name", async () => {
  await using _server = await serveNames(SERVER, named());
  assertEquals(await ask("9.9.9.9"), undefined);
});

test("`PtrQuestions.ask()` takes no answer but its own", async () => {
  await using _server = await serveNames(SERVER, ({ id, name }) => [
    Uint8Array.of(1, 2, 3),
    ptrAnswer(id ^ 1, name, "forged.example"),
    ptrAnswer(id, name, "true.example"),
  ]);
  assertEquals(await ask("9.9.9.9"), "true.example");
});

test("`PtrQuestions.ask()` asks the next server where one does not answer", async () => {
  await using _silent = await serveNames(SERVER, () => []);
  await using _server = await serveNames(OTHER_SERVER, named("a.example"));
  assertEquals(await ask("9.9.9.9", { servers: [SERVER, OTHER_SERVER] }), "a.example");
});

test("`PtrQuestions.ask()` throws where no server answers, or there is none", async () => {
  await assertRejects(() => ask("9.9.9.9"));
  await assertRejects(() => ask("9.9.9.9", { servers: [] }), Error, "names no server");
});

test("`PtrQuestions.ask()` gives up when it is told to, however early", async () => {
  await using server = await serveNames(SERVER, () => []);
  const abort = new AbortController();
  const asking = ask("9.9.9.9", { signal: abort.signal, servers: [SERVER, OTHER_SERVER] });
  while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  await assertRejects(() => asking);

  assertEquals(await outcomeOf(ask("9.9.9.9", { signal: AbortSignal.abort() })), "given up");
  const atOnce = new AbortController();
  const begun = ask("9.9.9.9", { signal: atOnce.signal });
  atOnce.abort();
  assertEquals(await outcomeOf(begun), "given up");
});

async function outcomeOf(asking: Promise<unknown>): Promise<string> {
  let timer: number | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("still asking"), 500);
  });
  const outcome = await Promise.race([asking.then(() => "answered", () => "given up"), limit]);
  clearTimeout(timer);
  return outcome;
}

test("`PtrQuestions.isOwnPort()` knows the ports of its questions alone", async () => {
  await using server = await serveNames(SERVER, named("a.example"));
  const questions = new PtrQuestions(() => [SERVER]);
  await questions.ask("9.9.9.9", NEVER);
  assert(questions.isOwnPort(server.ports[0]));
  const others = [1, 53, 1023].filter((port) => questions.isOwnPort(port));
  assertEquals(others, []);
});
