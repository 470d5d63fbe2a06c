/** Passwords, sessions, the terminal's link and waiting after wrong guesses, by themselves and by a clock that is moved. */

import { EntryLink } from "../../web/access/entry_link.ts";
import { LoginLimit } from "../../web/access/login_limit.ts";
import { hashPassword, isPassword, passwordFault } from "../../web/access/password.ts";
import { Sessions } from "../../web/access/sessions.ts";
import { doorFault } from "../../web/door/host_check.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { HandClock } from "../hand_clock.ts";

const DAY_MS = 24 * 3600e3;

Deno.test("a password is kept as its hash by scrypt, at a cost that is worth guessing against", async () => {
  const kept = await hashPassword("four words are long");
  assertMatch(kept, /^scrypt:16384:8:5:[\w+/]{22}==:[\w+/]{43}=$/);
  assert(await isPassword("four words are long", kept));
  assert(!await isPassword("four words are lonG", kept));
  assert(await hashPassword("four words are long") !== kept, "there is no salt");
});

Deno.test("a password typed on another keyboard is the same one", async () => {
  const cost = { N: 1024, r: 8, p: 1 };
  const kept = await hashPassword("Gr\u00fc\u00dfe aus K\u00f6ln", cost);
  assert(await isPassword("Gru\u0308\u00dfe aus Ko\u0308ln", kept));
  for (const damaged of ["", "scrypt", "scrypt:0:0:0:a:a", "plain:x"]) {
    assertEquals(await isPassword("", damaged).catch(() => false), false, damaged);
  }
});

Deno.test("`passwordFault()` refuses what is guessed first", () => {
  assertMatch(passwordFault("short")!, /at least 10/);
  assertMatch(passwordFault("a".repeat(20))!, /different characters/);
  assertMatch(passwordFault("ab".repeat(200))!, /more than 200/);
  assertEquals(passwordFault("four words are long"), undefined);
});

Deno.test("a session ends after a week, and the oldest of too many", async () => {
  const clock = new HandClock(Date.UTC(2026, 10, 22));
  const sessions = await Sessions.open({
    path: undefined,
    clock,
    password: () => Promise.resolve("kept"),
  });
  const first = await sessions.begin();
  clock.pass(6.9 * DAY_MS);
  assert(await sessions.find(first) !== undefined);
  clock.pass(0.2 * DAY_MS);
  assertEquals(await sessions.find(first), undefined);
  clock.leap(12 * 365 * DAY_MS);
  const wrong = await sessions.begin();
  clock.leap(-12 * 365 * DAY_MS);
  assertEquals(await sessions.find(wrong), undefined, "it would last for twelve years");
  const second = await sessions.begin();
  for (let i = 0; i < 99; i++) await sessions.begin();
  assert(await sessions.find(second) !== undefined);
  await sessions.begin();
  assertEquals(await sessions.find(second), undefined);
});

Deno.test("each wrong guess doubles the wait, up to a minute, for who guesses and at last for all", () => {
  const clock = new HandClock(0);
  const limit = new LoginLimit(clock);
  const guess = (address: string | undefined) => {
    const waitMs = limit.waitMs(address);
    clock.pass(waitMs);
    limit.begin(address);
    limit.fail(address);
    return waitMs / 1e3;
  };
  const waits = Array.from({ length: 14 }, () => guess("192.168.1.66"));
  assertEquals(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assertEquals(limit.waitMs("192.168.1.20"), 0, "somebody else waits too");
  // In a day: too few to find anything but the commonest words.
  let guesses = 0;
  for (const endMs = clock.monotonicMs() + DAY_MS; clock.monotonicMs() < endMs; guesses++) {
    guess("192.168.1.66");
  }
  assert(guesses <= 1441, `${guesses}`);
  // From many addresses at once they count together.
  const many = new LoginLimit(clock);
  for (let i = 0; i < 30; i++) {
    many.begin(`192.168.1.${i}`);
    many.fail(`192.168.1.${i}`);
  }
  assert(many.waitMs("192.168.1.200") >= 1000);
  clock.pass(16 * 60e3);
  assertEquals(many.waitMs("192.168.1.200"), 0);
});

Deno.test("the terminal's link is of no use after ten minutes", () => {
  const clock = new HandClock(0);
  const link = new EntryLink(clock);
  clock.pass(9 * 60e3);
  assert(!link.take("x"));
  assert(link.take(link.secret));
  const late = new EntryLink(clock);
  clock.pass(10 * 60e3);
  assert(!late.take(late.secret));
});

Deno.test("plain HTTP is for private networks alone, HTTPS for all", () => {
  const own = {
    hostname: "pi",
    hosts: ["pi.example"],
    localNetworks: ["203.0.113.0/24"],
    isTls: false,
  };
  const near = [
    "127.0.0.1",
    "::1",
    "192.168.1.9",
    "10.0.0.9",
    "172.31.0.9",
    "169.254.1.1",
    "fe80::9",
    "fd00::9",
  ];
  for (const address of [...near, "203.0.113.9", "::ffff:192.168.1.9", undefined]) {
    assertEquals(doorFault("pi.local", address, own), undefined, address);
  }
  for (
    const address of [
      "198.51.100.7",
      "8.8.8.8",
      "2001:db8::9",
      "::ffff:8.8.8.8",
      "172.32.0.1",
      "100.64.0.1",
    ]
  ) {
    assertEquals(doorFault("pi.local", address, own)?.status, 403, address);
    assertEquals(doorFault("pi.example", address, { ...own, isTls: true }), undefined, address);
  }
});
