/** An HTTP server of a process whose file descriptors are used up: it is there again when there are some. */

import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";

const KEPT_SERVER = new URL("../../system/gate/kept_server.ts", import.meta.url).href;
const SERVER = `
  import { keepServing } from "${KEPT_SERVER}";
  const server = keepServing(() =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("here")));
  for (let told = 0;; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (server.addr.port !== told) console.log(told = server.addr.port);
  }`;

function limitDescriptors(pid: number, count: number): void {
  const args = [`--pid=${pid}`, `--nofile=${count}:`];
  assert(new Deno.Command("prlimit", { args }).outputSync().success);
}

testWhen(
  lacks({ commands: ["prlimit"] }),
  "`keepServing()` opens its server again when file descriptors were used up",
  async () => {
    const script = Deno.makeTempFileSync({ prefix: "wifilogger_", suffix: ".ts" });
    Deno.writeTextFileSync(script, SERVER);
    const args = ["run", "--no-check", "--allow-net", script];
    await using child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
    const ports: number[] = [];
    const reading = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        ports.push(...text.trim().split("\n").map(Number));
      }
    })();
    await eventually("a server", () => ports.length === 1);
    const open = [...Deno.readDirSync(`/proc/${child.pid}/fd`)].length;
    limitDescriptors(child.pid, open + 3);
    const visitors: Deno.Conn[] = [];
    for (let i = 0; i < 6; i++) {
      const visitor = await Deno.connect({ hostname: "127.0.0.1", port: ports[0] }).catch(() =>
        null
      );
      if (visitor !== null) visitors.push(visitor);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const visitor of visitors) visitor.close();
    await eventually("another server", () => ports.length > 1);
    const answer = await eventually(
      "an answer",
      () =>
        fetch(`http://127.0.0.1:${ports.at(-1)}/`).then(
          (response) => response.text(),
          () => undefined,
        ),
    );
    assertEquals(answer, "here");
    child.kill("SIGKILL");
    await reading;
    Deno.removeSync(script);
  },
);
