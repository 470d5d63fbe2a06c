/** What systemd hears: a real datagram socket in its place, held by a program that can make one. */

import { HandClock } from "../hand_clock.ts";
import { join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { ServiceManager } from "../../system/service_manager.ts";
import { assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";

/** Prints each datagram on a line. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("bound", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", "|"), flush=True)
`;

class Listener implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;

  static async at(path: string): Promise<Listener> {
    const listener = new Listener(path);
    await eventually("a bound socket", () => listener.heard[0] === "bound");
    listener.heard.length = 0;
    return listener;
  }

  private constructor(path: string) {
    this.#child = new Deno.Command("python3", {
      args: ["-c", LISTENER, path],
      stdout: "piped",
    }).spawn();
    this.#read = this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.heard.push(...text.split("\n").filter(Boolean));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.status;
    await this.#read;
  }
}

const clock = new HandClock(Date.UTC(2026, 10, 22));
const missing = lacks({ commands: ["python3"] });

testWhen(missing, "a ServiceManager says that the service is ready, lives and stops", async () => {
  const folder = await Deno.makeTempDir();
  const socket = join(folder, "notify");
  try {
    await using listener = await Listener.at(socket);
    const manager = ServiceManager.of({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: "30000000" }, clock)!;
    manager.ready("waiting on eth0");
    manager.beat("waiting on eth0", "1 record");
    manager.beat("waiting on eth0", "2 records");
    manager.beat("capturing on eth0", "3 records");
    manager.stopping();
    await eventually("four datagrams", () => listener.heard.length === 4);
    assertEquals(listener.heard, [
      "READY=1|STATUS=waiting on eth0",
      "WATCHDOG=1|STATUS=waiting on eth0; 1 record",
      "WATCHDOG=1|STATUS=capturing on eth0; 3 records",
      "STOPPING=1|STATUS=moving what is left to the archive",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}, { sanitizeResources: false }); // the C library stays loaded

testWhen(
  missing,
  "a ServiceManager reaches an abstract socket, three times a watchdog",
  async () => {
    const socket = `@wifilogger-test-${Deno.pid}`;
    await using listener = await Listener.at(socket);
    const manager = ServiceManager.of({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: "60000" }, clock)!;
    manager.beat("capturing", "");
    manager.beat("capturing", "");
    clock.pass(20);
    manager.beat("capturing", "");
    await eventually("two datagrams", () => listener.heard.length === 2);
  },
);

Deno.test("a ServiceManager does no harm when nobody listens, and is none without a socket", () => {
  assertEquals(ServiceManager.of({}, clock), undefined);
  const options = { beatIntervalMs: 1000, clock };
  new ServiceManager("/nonexistent/notify", options).ready("capturing");
  new ServiceManager("x".repeat(200), options).ready("capturing");
});
