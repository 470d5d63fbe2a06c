import { assertEquals } from "../assert.ts";
import { BackOff, retryAfterMs } from "../../system/back_off.ts";

function pauses(random: () => number): number[] {
  const backOff = new BackOff({ firstMs: 1000, maxMs: 10_000, random });
  return Array.from({ length: 6 }, () => backOff.next());
}

Deno.test("`BackOff.next()` doubles up to its bound, and draws from the upper half", () => {
  assertEquals(pauses(() => 1), [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assertEquals(pauses(() => 0), [500, 1000, 2000, 4000, 5000, 5000]);
});

Deno.test("`BackOff.reset()` begins again, also after very many failures", () => {
  const backOff = new BackOff({ firstMs: 1, maxMs: 60_000, random: () => 1 });
  for (let i = 0; i < 5000; i++) backOff.next();
  assertEquals(backOff.next(), 60_000);
  backOff.reset();
  assertEquals(backOff.next(), 1);
});

Deno.test("`retryAfterMs()` reads seconds, and dates against the response's own", () => {
  const nowMs = Date.UTC(1970, 0, 1, 0, 5);
  const date = "Sun, 22 Nov 2026 12:00:00 GMT";
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), nowMs);
  assertEquals(read({ "retry-after": "120" }), 120_000);
  assertEquals(read({ "retry-after": " 0 " }), 0);
  assertEquals(read({ "retry-after": "Sun, 22 Nov 2026 12:00:07 GMT", date }), 7000);
  assertEquals(read({ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", date }), 0);
  assertEquals(read({ "retry-after": "Thu, 01 Jan 1970 00:06:00 GMT" }), 60_000);
  for (const none of ["", "soon", "-5", "1.5", "99999999999999"]) {
    assertEquals(read({ "retry-after": none, date: "" }), undefined, none);
  }
  assertEquals(read({}), undefined);
});
