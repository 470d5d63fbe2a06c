/** The command line as a person meets it: help, wrong usage, and the one line for each thing that goes wrong. */

import { join } from "@std/path";
import { VERSION } from "../../service/program/version.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { wifilogger } from "../program.ts";

Deno.test("`--help` and `--version` answer on every level and need nothing", async () => {
  for (const command of [[], ["run"], ["read"], ["tail"], ["status"], ["--flush-now"]]) {
    const { code, stdout, stderr } = await wifilogger([...command, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "wifilogger");
    for (const line of stdout.split("\n")) assert(line.length <= 120, line);
  }
  for (const command of [[], ["run"], ["read"], ["tail"], ["status"]]) {
    const { code, stdout } = await wifilogger([...command, "--version"]);
    assertEquals([code, stdout], [0, `wifilogger ${VERSION}\n`]);
  }
});

const WRONG_USAGE: readonly (readonly [args: string[], says: string])[] = [
  [["walk"], 'there is no command "walk"'],
  [["run", "--intrface", "eth0"], "Did you mean --interface?"],
  [["run", "--interface"], "--interface needs a value"],
  [["run", "--format", "xml"], "--format=xml is not possible. Write one of: text, json, none"],
  [["run", "somewhere"], 'run takes no "somewhere"'],
  [["run", "--flush-interval", "soon"], 'WIFILOGGER_FLUSH_INTERVAL="soon"'],
  [["run", "--local-networks", "10.0.0.0/99"], '"10.0.0.0/99" is no network'],
  [["run", "--ram-log", "today.log"], "the path is not absolute"],
  [["read"], "read needs a capture file"],
  [["read", "--lokup", "x"], "Did you mean --lookup?"],
  [["status", "--format", "xml"], "Write one of: text, json"],
  [["tail", "today.log"], 'tail takes no "today.log"'],
  [["tail", "-n", "many"], "--lines=many is no number of records"],
  [["tail", "--since", "soon"], "--since=soon is no moment. Write it as 2h for two hours ago"],
  [["tail", "--since", "today", "--until", "yesterday"], "is not before --until=yesterday"],
  [["--flush-now", "please"], '--flush-now takes no "please"'],
];

Deno.test("wrong usage ends with 2 and one line that says what is wrong", async () => {
  for (const [args, says] of WRONG_USAGE) {
    const { code, stdout, stderr } = await wifilogger(args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertOneLine(stderr);
    assertStringIncludes(stderr, says);
  }
});

Deno.test("`status` and `--flush-now` say that no logger is running", async () => {
  const folder = await Deno.makeTempDir();
  const env = {
    WIFILOGGER_CONTROL_SOCKET: join(folder, "none.sock"),
    WIFILOGGER_RAM_LOG: join(folder, "ram/today.log"),
  };
  const status = await wifilogger(["status"], { env });
  assertEquals(status.code, 1);
  assertOneLine(status.stderr);
  assertStringIncludes(status.stderr, "no logger is running");
  const flush = await wifilogger(["--flush-now"], { env });
  assertEquals([flush.code, flush.stdout], [0, "nothing to flush\n"]);
  assertEquals([...Deno.readDirSync(folder)], [], "it must leave no trace");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("`read` of what is no capture ends with 1 and one line, and reads the others", async () => {
  const folder = await Deno.makeTempDir();
  const text = join(folder, "text.pcap");
  const whole = join(folder, "whole.pcap");
  await Deno.writeTextFile(text, "this is no capture\n");
  await Deno.writeFile(whole, pcapFile([PING]));
  const cases = [[text, "unknown file format"], [join(folder, "none"), "No such file"], [
    folder,
    "directory",
  ]];
  for (const [path, why] of cases) {
    const { code, stdout, stderr } = await wifilogger(["read", path]);
    assertEquals([code, stdout], [1, ""]);
    assertOneLine(stderr);
    assertStringIncludes(stderr, `cannot read ${path}`);
    assertMatch(stderr, new RegExp(why, "i"));
  }
  const both = await wifilogger(["read", text, whole]);
  assertEquals([both.code, both.stdout.split("\n").length], [1, 2]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("`read` of a capture that is cut short gives what is whole, says so, and ends with 1", async () => {
  const capture = pcapFile([PING, PING]);
  const { code, stdout, stderr } = await wifilogger(["read", "-"], {
    stdin: capture.subarray(0, -10),
  });
  assertEquals(code, 1);
  assertEquals(JSON.parse(stdout).network.packets, 1);
  assertStringIncludes(stderr, "cannot read standard input to its end: truncated dump file");
});

Deno.test("`read -` reads standard input", async () => {
  const { code, stdout, stderr } = await wifilogger(["read", "-"], { stdin: pcapFile([PING]) });
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).destination.ip, "8.8.8.8");
  assertMatch(stderr, /^standard input: 1 frame, 1 IP packet \(28 B\), 1 flow in 1 record\n$/);
});

Deno.test("`--debug` adds the stack, which is otherwise not shown", async () => {
  const { stderr } = await wifilogger(["read", "/nonexistent", "--debug"]);
  assertStringIncludes(stderr, "    at ");
});

function assertOneLine(stderr: string): void {
  assertMatch(stderr, /^wifilogger: [^\n]+\n$/);
}

/** An IPv4 packet without a link header: an echo request from 192.168.0.2 to 8.8.8.8. */
// deno-fmt-ignore
const PING = Uint8Array.of(
  0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 168, 0, 2, 8, 8, 8, 8,
  8, 0, 0, 0, 0, 0, 0, 0,
);

/** A pcap file of raw IP packets. */
function pcapFile(packets: readonly Uint8Array[]): Uint8Array {
  const LINKTYPE_RAW = 101;
  const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
  const parts: Uint8Array[] = [words(0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, LINKTYPE_RAW)];
  for (const packet of packets) {
    parts.push(words(1_700_000_000, 0, packet.length, packet.length), packet);
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
