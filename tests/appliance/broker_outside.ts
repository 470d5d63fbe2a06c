/** A real broker at the other end of a machine's cable, and somebody who reads there what comes. */

import { join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { type Machine, OUTSIDE_ADDRESS } from "./machine.ts";

const READER = new URL("./mqtt_reader.ts", import.meta.url).pathname;

/** What the broker was given so far. */
export interface BrokerOutside extends AsyncDisposable {
  /** As a setting takes it. */
  readonly url: string;
  /** Payloads, in order. */
  readonly messages: readonly string[];
}

/** Starts mosquitto there. */
export async function startBrokerOutside(machine: Machine, topic: string): Promise<BrokerOutside> {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const config = join(folder, "mosquitto.conf");
  await Deno.writeTextFile(config, `listener 1883 ${OUTSIDE_ADDRESS}\nallow_anonymous true\n`);
  const url = `mqtt://${OUTSIDE_ADDRESS}`;
  const broker = machine.startOutside(["mosquitto", "-c", config]);
  const reader = machine.startOutside([Deno.execPath(), "run", "-A", READER, url, topic]);
  const messages: string[] = [];
  let text = "";
  const reading = reader.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(chunk) {
        const lines = (text + chunk).split("\n");
        text = lines.pop()!;
        messages.push(...lines);
      },
    }),
  );
  await eventually("a reader", () => messages.shift() === "subscribed");
  return {
    url,
    messages,
    async [Symbol.asyncDispose]() {
      for (const process of [reader, broker]) {
        await process.stdin.abort().catch(() => {});
        process.kill("SIGKILL");
        await process.status;
      }
      await broker.stdout.cancel();
      await reading;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
