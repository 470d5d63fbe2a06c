/** `wifilogger tail -f` beside a store that flushes, is let go of and opened again, and writes straight to the card. */

import { join } from "@std/path";
import { assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { PROGRAM } from "../program.ts";
import { scratch } from "../storage/scratch.ts";

/** A line as the logger writes it. */
function line(number: number): string {
  const end = { ip: "192.168.1.20", bytes: number, packets: 1 };
  const microseconds = "2026-11-20T08:00:00.000000Z";
  return JSON.stringify({
    "@timestamp": "2026-11-20T08:00:00.000Z",
    event: { start: microseconds, end: microseconds, duration: 0 },
    network: { type: "ipv4", transport: "tcp", direction: "outbound", bytes: number, packets: 2 },
    source: end,
    destination: { ...end, ip: "93.184.216.34", domain: "example.org" },
    wifilogger: {
      v: 1,
      flow_id: `a-${number}`,
      part: 0,
      end_reason: "fin",
      name_source: "dns",
    },
  }) + "\n";
}

Deno.test("`tail -f` prints each record once through flushes, a restart and writing straight to the card", async () => {
  using place = scratch();
  const [program, ...first] = PROGRAM;
  const ramLogPath = join(place.folder, "today.log");
  const options = { ...place.options, ramLogPath };
  let store = await LogStore.open(options);
  store.append(line(1) + line(2), 2);
  const tail = new Deno.Command(program, {
    args: [
      ...[...first, "tail", "-f", "--format", "json"],
      ...["--ram-log", ramLogPath, "--archive-dir", place.archiveDir],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const numbers: number[] = [];
  let waiting: (() => void) | undefined;
  const read = (async () => {
    let rest = "";
    for await (const text of tail.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      numbers.push(...lines.map((text) => JSON.parse(text).network.bytes));
      waiting?.();
    }
  })();
  const printed = async (count: number) => {
    while (numbers.length < count) {
      await Promise.race([
        new Promise<void>((resolve) => waiting = resolve),
        tail.status.then(({ code }) => Promise.reject(new Error(`tail ended with ${code}`))),
      ]);
    }
  };
  await printed(2);
  store.append(line(3), 1);
  await store.flush();
  store.append(line(4), 1);
  await printed(4);
  await store.flush();
  await store.writeThrough(line(5));
  await store.close();
  store = await LogStore.open(options);
  store.append(line(6), 1);
  await printed(6);
  tail.kill("SIGTERM");
  await read;
  await store.close();
  assertEquals(numbers, [1, 2, 3, 4, 5, 6]);
});
