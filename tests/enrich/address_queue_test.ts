import { assert, assertEquals } from "../assert.ts";
import { AddressQueue } from "../../enrich/address_queue.ts";

Deno.test("`AddressQueue.take()` gives the busiest first, each once", () => {
  const queue = new AddressQueue(10);
  for (const address of ["a", "b", "b", "c", "c", "c", "d"]) queue.add(address);
  assertEquals(queue.size, 4);
  assertEquals(queue.take(2), ["c", "b"]);
  assertEquals(queue.take(9), ["a", "d"]);
  assertEquals(queue.take(1), []);
});

Deno.test("`AddressQueue.add()` lets the least busy go when it is full, the longest there first", () => {
  const queue = new AddressQueue(3);
  for (const address of ["a", "b", "b", "c", "d"]) queue.add(address);
  assertEquals([queue.size, queue.dropped], [3, 1]);
  assertEquals(queue.take(3).sort(), ["b", "c", "d"]);
});

Deno.test("`AddressQueue` keeps what comes up often among many that come up once", () => {
  const queue = new AddressQueue(100);
  for (let i = 0; i < 20_000; i++) {
    queue.add(`once ${i}`);
    if (i % 50 === 0) queue.add("often");
  }
  assertEquals(queue.size, 100);
  assert(queue.take(100).includes("often"));
});

Deno.test("`AddressQueue.putBack()` takes what there is room for", () => {
  const queue = new AddressQueue(2);
  queue.add("a");
  queue.putBack(["a", "b", "c"]);
  assertEquals([queue.size, queue.dropped], [2, 1]);
  assertEquals(queue.take(2).sort(), ["a", "b"]);
});
