/** The rig itself: nothing of it may be left on the machine, however the program that made it ends. */

import { fromFileUrl } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { liveMissing } from "./live_household.ts";

const DEMO = fromFileUrl(new URL("../../scripts/household/demo.ts", import.meta.url));

for (const [signal, code] of [["SIGINT", 130], ["SIGKILL", 137]] as const) {
  testWhen(liveMissing, `the demo, ended by ${signal}, leaves nothing`, async () => {
    const demo = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", DEMO],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await readUntil("listening on", demo.stdout);
    const namespaces = namespacesBelow(demo.pid);
    assert(namespaces.size > 0);

    demo.kill(signal);
    assertEquals((await demo.status).code, code);
    // A namespace lives as long as a process is in it: nothing outside holds on to it.
    await eventually(
      "no process in the demo's namespaces",
      () =>
        processes().every(({ pid }) => namespacesOf(pid).every((name) => !namespaces.has(name))),
    );
  });
}

async function readUntil(text: string, stream: ReadableStream<Uint8Array>): Promise<void> {
  let read = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    read += chunk;
    if (read.includes(text)) return;
  }
  throw new Error(`ended without "${text}": ${read}`);
}

/** The namespaces of a process's descendants that are not this process's own. */
function namespacesBelow(pid: number): Set<string> {
  const below = new Set([pid]);
  for (let known = 0; known < below.size;) {
    known = below.size;
    for (const process of processes()) if (below.has(process.parent)) below.add(process.pid);
  }
  const own = new Set(namespacesOf(Deno.pid));
  return new Set([...below].flatMap(namespacesOf).filter((name) => !own.has(name)));
}

function processes(): { pid: number; parent: number }[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    // "pid (any name) state parent ..."
    return stat === undefined ? [] : [{
      pid: Number(name),
      parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]),
    }];
  });
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // It ended meanwhile.
  }
}

/** Such as `net:[4026532008]`. */
function namespacesOf(pid: number): string[] {
  try {
    return ["net", "mnt", "pid"].map((kind) => Deno.readLinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}
