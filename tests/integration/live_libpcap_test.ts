/** A logger on a machine whose libpcap is missing, broken or too old, or whose kernel has little memory for it. */

import { fromFileUrl, join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { PROGRAM, wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { startOnLoopback } from "./log_on_loopback.ts";
import { lacksLibpcap } from "../capture/source/lacks_libpcap.ts";
import { ethernet } from "../capture/frame_builder.ts";
import { pcapFile, START_US } from "../capture/pcap_records.ts";

const LIBRARIES = `/usr/lib/${Deno.build.arch}-linux-gnu`;
const LIBPCAP = join(LIBRARIES, "libpcap.so.0.8");
const OUT = { source: "10.0.0.1", destination: "9.9.9.9" };
const missing = lacksLibpcap() ?? lacks({ root: true });

/** A folder that goes when the test ends. */
function folder(): Disposable & { path: string } {
  const path = Deno.makeTempDirSync({ prefix: "wifilogger-libpcap-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** libpcap as it is here, but that it calls these functions otherwise. */
function libpcapWithout(names: readonly string[]): Disposable & { path: string } {
  const made = folder();
  let bytes = Deno.readFileSync(LIBPCAP);
  for (const name of names) {
    const text = new TextDecoder("latin1").decode(bytes);
    const at = text.indexOf(`\0${name}\0`);
    assert(at > 0, name);
    bytes = bytes.with(at + 1, "X".charCodeAt(0));
  }
  Deno.writeFileSync(join(made.path, "libpcap.so.0.8"), bytes);
  return made;
}

/** How `run` ends on the loopback; one line on stderr. */
async function refusal(env: Record<string, string>, wrapper: readonly string[] = []) {
  const [program, ...args] = [...wrapper, ...PROGRAM, "run", "--interface", "lo"];
  const output = await new Deno.Command(program, { args, env }).output();
  const said = new TextDecoder().decode(output.stderr);
  assertEquals(said.split("\n").length, 2, said);
  return { code: output.code, said };
}

testWhen(missing, "`run` without libpcap says so, and what to install", async () => {
  using upper = folder();
  const script = `mount -t tmpfs tmpfs ${upper.path} && cd ${upper.path} && mkdir upper work &&
    mount -t overlay overlay -o lowerdir=${LIBRARIES},upperdir=upper,workdir=work ${LIBRARIES} &&
    rm ${LIBRARIES}/libpcap.so* && exec "$@"`;
  const { code, said } = await refusal({}, ["unshare", "-m", "sh", "-c", script, "sh"]);
  assertEquals(
    [code, said],
    [
      3,
      "wifilogger: cannot load libpcap: it is not installed. Install it: sudo apt install libpcap0.8\n",
    ],
  );
});

testWhen(
  missing,
  "`run` with a libpcap that lacks a function names the file, its version, the function and the package",
  async () => {
    using old = libpcapWithout(["pcap_dump_fopen"]);
    const { code, said } = await refusal({ LD_LIBRARY_PATH: old.path });
    assertEquals(code, 3);
    assertStringIncludes(said, `${old.path}/libpcap.so.0.8 is libpcap version `);
    assertMatch(
      said,
      /has no pcap_dump_fopen; it takes 1\.9 or later\. .* apt install libpcap0\.8$/m,
    );
  },
);

testWhen(missing, "`run` with a libpcap that is no library says what the loader says", async () => {
  using broken = folder();
  Deno.writeTextFileSync(join(broken.path, "libpcap.so.0.8"), "this is no library".repeat(100));
  const { code, said } = await refusal({ LD_LIBRARY_PATH: broken.path });
  assertEquals(code, 3);
  assertStringIncludes(said, `${broken.path}/libpcap.so.0.8: invalid ELF header. Install it`);
});

testWhen(missing, "`run` and `read` do without what of libpcap is only a comfort", async () => {
  using old = libpcapWithout(["pcap_datalink_val_to_name", "pcap_fopen_offline"]);
  const env = { LD_LIBRARY_PATH: old.path };
  await using logger = await startOnLoopback(env);
  const { interfaces: [{ linkType, isUp }] } = await logger.status();
  assertEquals([linkType, isUp], ["1", true]);
  using capture = pcapFile([{ frame: ethernet().ipv4(OUT).udp().payload("x"), timeUs: START_US }]);
  const { code, stdout } = await wifilogger(["read", capture.path], { env });
  assertEquals([code, stdout.split("\n").length], [0, 2]);
});

const SHORT_OF_MEMORY = fromFileUrl(new URL("./short_of_memory.c", import.meta.url));

for (const [what, limit] of [["pages", "RING_PAGES"], ["room to map", "RING_MAPPED"]]) {
  testWhen(
    missing ?? lacks({ commands: ["gcc"] }),
    `\`run\` where the kernel lacks ${what} for its ring takes a smaller one, and says how large it is`,
    async () => {
      using made = folder();
      const library = join(made.path, "short_of_memory.so");
      const args = ["-shared", "-fPIC", "-O1", "-nostdlib", "-o", library, SHORT_OF_MEMORY];
      const { success, stderr } = await new Deno.Command("gcc", { args }).output();
      assert(success, new TextDecoder().decode(stderr));
      const logger = await startOnLoopback({ LD_PRELOAD: library, [limit]: String(3 << 20) });
      try {
        await Deno.connect({ hostname: "127.0.0.1", port: 9 }).catch(() => "refused, and seen");
        await eventually(
          "a packet",
          () => logger.status().then(({ packets }) => packets.frames > 0),
        );
      } finally {
        await logger[Symbol.asyncDispose]();
      }
      const [, bytes] = /its ring for lo has (\d+) KB of 8192 KB/.exec(await logger.said)!;
      assert(Number(bytes) <= 3 << 10 && Number(bytes) >= 2 << 10, `${bytes} KB`);
    },
  );
}
