import { askTimedated } from "../../system/timedated.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";

/**
 * What dbus-daemon 1.14 of a Debian 12 sent after it had let `askTimedated()` in: its reply to the greeting, the signal
 * NameAcquired, and the answer of systemd-timedated 252: no.
 */
const NO = Uint8Array.fromHex([
  "6c02010109000000010000003d00000006017300040000003a312e390000000005017500010000000801670001730000",
  "07017300140000006f72672e667265656465736b746f702e4442757300000000040000003a312e39006c040101090000",
  "00020000008d00000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000",
  "006f72672e667265656465736b746f702e4442757300000000030173000c0000004e616d654163717569726564000000",
  "0006017300040000003a312e3900000000080167000173000007017300140000006f72672e667265656465736b746f70",
  "2e4442757300000000040000003a312e39006c02010108000000040000002d0000000501750002000000060173000400",
  "00003a312e3900000000080167000176000007017300040000003a312e38000000000162000000000000",
].join(""));
/** The last four bytes are the boolean. */
const YES = NO.with(-4, 1);
const LET_IN = "DATA\r\nOK 7cf293e2c243e4d258cfa99a6b037b12\r\n";

/** Asks a bus that sends some pieces and hangs up. */
async function answerTo(...pieces: (string | Uint8Array<ArrayBuffer>)[]): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/bus`;
  using listener = Deno.listen({ transport: "unix", path });
  const serve = async () => {
    using bus = await listener.accept();
    await bus.read(new Uint8Array(4096));
    for (const piece of pieces) {
      await bus.write(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
      await new Promise((resolve) => setTimeout(resolve, 1)); // a read of its own
    }
  };
  try {
    return (await Promise.all([askTimedated(path), serve()]))[0];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("askTimedated() understands yes and no", async () => {
  assertEquals(await answerTo(LET_IN, YES), true);
  assertEquals(await answerTo(LET_IN, NO), false);
});

Deno.test("askTimedated() understands an answer that comes byte by byte", async () => {
  const bytes = Array.from(YES, (_, at) => YES.slice(at, at + 1));
  assertEquals(await answerTo(...LET_IN, ...bytes), true);
});

Deno.test("askTimedated() takes no answer for no answer", async () => {
  for (const pieces of [[], ["REJECTED EXTERNAL\r\n"], [LET_IN], [LET_IN, YES.slice(0, -1)]]) {
    await assertRejects(() => answerTo(...pieces), Error, "gave no answer");
  }
  await assertRejects(() => askTimedated("/nonesuch/bus"), Deno.errors.NotFound);
});

testWhen(
  lacks({ commands: ["dbus-daemon"] }),
  "askTimedated() is let in by a real bus, and is told where there is no such daemon",
  async () => {
    const folder = await Deno.makeTempDir();
    const bus = new Deno.Command("dbus-daemon", {
      args: [
        "--session",
        "--nofork",
        "--nosyslog",
        "--print-address",
        `--address=unix:path=${folder}/bus`,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = bus.stdout.getReader();
    try {
      await output.read(); // its address: it listens
      await assertRejects(() => askTimedated(`${folder}/bus`), Error, "does not say");
    } finally {
      bus.kill();
      await output.cancel();
      await bus.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
);
