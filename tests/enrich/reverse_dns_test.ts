import { systemClock } from "../../system/clock.ts";
import { assertEquals, assertGreater, assertLessOrEqual } from "../assert.ts";
import { ReverseDns } from "../../enrich/reverse_dns.ts";

/** Questions that stay open until the test answers them. */
function openQuestions() {
  const asked: string[] = [];
  const open = new Map<string, { answer(name?: string): void; fail(): void }>();
  let mostAtOnce = 0;
  const resolve = (address: string, signal: AbortSignal) =>
    new Promise<string | undefined>((answer, reject) => {
      const close = () => open.delete(address);
      asked.push(address);
      open.set(address, {
        answer: (name) => {
          close();
          answer(name);
        },
        fail: () => {
          close();
          reject(new Error("no such name"));
        },
      });
      signal.addEventListener("abort", () => {
        close();
        reject(signal.reason);
      });
      mostAtOnce = Math.max(mostAtOnce, open.size);
    });
  return {
    asked,
    open,
    resolve,
    get mostAtOnce() {
      return mostAtOnce;
    },
  };
}

/** lru-cache keeps a timer of its own for a millisecond, which would count as a leak if the test did not see its end. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test(name, async () => {
    await fn();
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
}

/** Lets what was answered be taken notice of. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

test("`ReverseDns.name()` gives what was answered, and never asks", async () => {
  const { asked, open, resolve } = openQuestions();
  using reverse = new ReverseDns({ resolve, clock: systemClock });
  assertEquals(reverse.name("9.9.9.9"), undefined);
  assertEquals(asked, []);
  reverse.request("9.9.9.9");
  assertEquals(reverse.name("9.9.9.9"), undefined);
  open.get("9.9.9.9")!.answer("dns9.quad9.net");
  await reverse.settled();
  assertEquals(reverse.name("9.9.9.9"), "dns9.quad9.net");
  assertEquals(reverse.counters, { asked: 1, named: 1, failed: 0, skipped: 0 });
});

test("`ReverseDns.request()` asks for an address once, however many want to know", async () => {
  const { asked, open, resolve } = openQuestions();
  using reverse = new ReverseDns({ resolve, clock: systemClock });
  for (let i = 0; i < 5; i++) reverse.request("9.9.9.9");
  open.get("9.9.9.9")!.answer("dns9.quad9.net");
  await reverse.settled();
  for (let i = 0; i < 5; i++) reverse.request("9.9.9.9");
  assertEquals(asked, ["9.9.9.9"]);
});

test("`ReverseDns.request()` asks no more for an address that has no name or no answer", async () => {
  const { asked, open, resolve } = openQuestions();
  using reverse = new ReverseDns({ resolve, clock: systemClock });
  reverse.request("1.1.1.1");
  reverse.request("2.2.2.2");
  open.get("1.1.1.1")!.fail();
  open.get("2.2.2.2")!.answer(undefined);
  await reverse.settled();
  reverse.request("1.1.1.1");
  reverse.request("2.2.2.2");
  assertEquals(asked, ["1.1.1.1", "2.2.2.2"]);
  assertEquals([reverse.name("1.1.1.1"), reverse.name("2.2.2.2")], [undefined, undefined]);
  assertEquals(reverse.size, 2);
  assertEquals(reverse.counters, { asked: 2, named: 0, failed: 2, skipped: 0 });
});

test("`ReverseDns.request()` has a bounded number under way and waiting, and skips the rest", async () => {
  const questions = openQuestions();
  using reverse = new ReverseDns({
    resolve: questions.resolve,
    clock: systemClock,
    intervalMs: 0,
  });
  for (let i = 0; i < 300; i++) reverse.request(`9.9.${i >> 8}.${i & 255}`);
  const { asked } = questions;
  assertEquals([asked.length, reverse.counters.skipped], [8, 300 - 8 - 256]);
  while (questions.open.size > 0) {
    for (const [address, { answer }] of questions.open) answer(`${address}.example`);
    await turn();
  }
  await reverse.settled();
  assertEquals([asked.length, reverse.size], [264, 264]);
  assertLessOrEqual(questions.mostAtOnce, 8);

  // What was skipped can be asked for again.
  reverse.request("9.9.1.43");
  assertEquals(asked.at(-1), "9.9.1.43");
});

test("`ReverseDns.settled()` waits for what is waiting too", async () => {
  const { open, resolve } = openQuestions();
  using reverse = new ReverseDns({ resolve, clock: systemClock });
  for (let i = 0; i < 20; i++) reverse.request(`9.9.9.${i}`);
  let isSettled = false;
  const settled = reverse.settled().then(() => isSettled = true);
  while (open.size > 0) {
    assertEquals(isSettled, false);
    for (const { answer } of open.values()) answer("a.example");
    await turn();
  }
  await settled;
  assertEquals(reverse.counters.named, 20);
  await new ReverseDns({ resolve, clock: systemClock }).settled();
});

test("`ReverseDns` gives up a question after five seconds, and asks the next", async () => {
  const { asked, open, resolve } = openQuestions();
  using reverse = new ReverseDns({ resolve, clock: systemClock });
  const start = performance.now();
  for (let i = 0; i < 9; i++) reverse.request(`9.9.9.${i}`);
  while (asked.length < 9) await new Promise((resolve) => setTimeout(resolve, 50));
  const seconds = (performance.now() - start) / 1000;
  assertEquals(Math.round(seconds), 5);
  open.get("9.9.9.8")!.answer("a.example");
  await reverse.settled();
  assertEquals(reverse.counters, { asked: 9, named: 1, failed: 8, skipped: 0 });
});

test("`ReverseDns[Symbol.dispose]()` aborts what is under way and asks no more", async () => {
  const { asked, open, resolve } = openQuestions();
  const reverse = new ReverseDns({ resolve, clock: systemClock });
  for (let i = 0; i < 20; i++) reverse.request(`9.9.9.${i}`);
  reverse[Symbol.dispose]();
  assertEquals(open.size, 0);
  await reverse.settled();
  reverse.request("1.1.1.1");
  await turn();
  assertEquals(asked.length, 8);
  reverse[Symbol.dispose]();
});

Deno.test("`ReverseDns` asks no more than 32 at once and 20 a second, and all in the end", async () => {
  const asked: number[] = [];
  const resolve = () => {
    asked.push(performance.now());
    return Promise.resolve("a.example");
  };
  using names = new ReverseDns({ resolve, clock: systemClock });
  const COUNT = 52;
  for (let i = 0; i < COUNT; i++) names.request(`198.51.100.${i}`);
  await names.settled();
  assertEquals(asked.length, COUNT);
  const took = asked.at(-1)! - asked[0];
  assertGreater(took, 0.8 * (COUNT - 32) * 50);
});
