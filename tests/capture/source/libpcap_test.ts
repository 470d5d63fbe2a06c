import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { join } from "@std/path";
import fc from "fast-check";
import {
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { CaptureError } from "../../../system/capture_error.ts";
import { type PacketBatch, PcapHandle } from "../../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../../capture/source/pcap_record.ts";
import { bsdNull, cookedV1, cookedV2, ethernet, loop, pppoeLink, raw } from "../frame_builder.ts";
import { lacksLibpcap } from "./lacks_libpcap.ts";
import { type Captured, packetBatch, pcapFile, START_US } from "../pcap_records.ts";

const MISSING = lacksLibpcap();
const V4 = { source: "10.0.0.1", destination: "9.9.9.9" };
const UDP = ethernet().ipv4(V4).udp();

/** Frames of many lengths, a second apart. */
function frames(count: number): Captured[] {
  return Array.from({ length: count }, (_, i) => ({
    frame: UDP.payload(new Uint8Array(i % 1400).fill(i)),
    timeUs: START_US + i * 1e6 + i,
  }));
}

/** Everything that a file holds, and how many batches it came in. */
function readAll(path: string): { bytes: Uint8Array; batches: number; then: PacketBatch["then"] } {
  using handle = PcapHandle.openFile(path);
  const parts: Uint8Array[] = [];
  for (;;) {
    const { buffer, byteLength, then } = handle.readBatch();
    if (byteLength > 0) parts.push(buffer.slice(0, byteLength));
    if (then !== "more") return { bytes: Buffer.concat(parts), batches: parts.length, then };
  }
}

function assertSameBytes(actual: Uint8Array, captured: readonly Captured[]): void {
  const { buffer, byteLength } = packetBatch(captured);
  assertEquals(actual.length, byteLength);
  assertEquals(Buffer.compare(actual, buffer.subarray(0, byteLength)), 0, "the bytes differ");
}

/** A file with the given bytes; it goes when the test ends. */
function fileOf(bytes: Uint8Array): Disposable & { path: string } {
  const path = Deno.makeTempFileSync({ prefix: "wifilogger_" });
  Deno.writeFileSync(path, bytes);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

testWhen(MISSING, "`PcapHandle.readBatch()` gives every record of a file, batch by batch", () => {
  const captured = frames(2500);
  using file = pcapFile(captured, { snaplen: 1500 });
  const { bytes, batches, then } = readAll(file.path);
  assertSameBytes(bytes, captured);
  assertEquals(then, "end");
  assertGreater(batches, 1);
});

testWhen(
  MISSING,
  "`PcapHandle.readBatch()` gives full batches of frames as long as the snapshot length",
  () => {
    const captured = Array.from({ length: 300 }, () => ({ frame: new Uint8Array(65_535).fill(7) }));
    using file = pcapFile(captured, { snaplen: 65_535 });
    assertSameBytes(readAll(file.path).bytes, captured);
  },
);

testWhen(MISSING, "`PcapHandle.readBatch()` keeps the wire length of frames that were cut", () => {
  const captured = [{ frame: UDP.payload(new Uint8Array(500)), snaplen: 60 }];
  using file = pcapFile(captured, { snaplen: 60 });
  assertSameBytes(readAll(file.path).bytes, captured);
});

testWhen(MISSING, "`PcapHandle.readBatch()` gives nothing from a file without packets", () => {
  using file = pcapFile([]);
  assertEquals(readAll(file.path), { bytes: Buffer.alloc(0), batches: 0, then: "end" });
});

testWhen(
  MISSING,
  "`PcapHandle.readBatch()` gives what comes before a damage, then the damage",
  () => {
    const captured = frames(10);
    using file = pcapFile(captured, { cutBytes: 5 });
    const { bytes, then } = readAll(file.path);
    assertSameBytes(bytes, captured.slice(0, 9));
    assertInstanceOf(then, CaptureError);
    assertEquals(then.kind, "unreadable");
    assertStringIncludes(then.message, file.path);
  },
);

testWhen(
  MISSING ?? lacks({ commands: ["editcap"] }),
  "`PcapHandle.readBatch()` gives the same records from every format of capture file",
  () => {
    const captured = frames(20);
    using file = pcapFile(captured);
    for (const format of ["pcapng", "nsecpcap", "modpcap"]) {
      using other = fileOf(new Uint8Array(0));
      new Deno.Command("editcap", { args: ["-F", format, file.path, other.path] }).outputSync();
      assertSameBytes(readAll(other.path).bytes, captured);
    }
  },
);

testWhen(
  MISSING,
  "`PcapHandle.readBatch()` gives of a file, whole or not, what it gives of a pipe",
  async () => {
    const frame = fc.nat(3000).map((length) => new Uint8Array(length).fill(length));
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 400 }),
        fc.constantFrom(65_535, 1500, 100),
        fc.oneof(fc.constant(0), fc.nat(4000)),
        async (frames, snaplen, cutBytes) => {
          // Frames may be longer than the header says: libpcap cuts those.
          using file = pcapFile(frames.map((frame) => ({ frame })), { snaplen, cutBytes });
          assertEquals(outcome(() => readAll(file.path)), await readPiped(file.path));
        },
      ),
      { numRuns: 30 },
    );
  },
);

/** Without how it was divided, and which path it came by. */
function outcome(read: () => ReturnType<typeof readAll>): string {
  try {
    const { bytes, then } = read();
    return `${bytes.length} ${crc32(bytes)} ${messageOf(then)}`;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(outcome: unknown): string {
  if (!(outcome instanceof CaptureError)) return String(outcome);
  return outcome.message.replace(/cannot read \S+/, "cannot read it");
}

/** The same by way of a pipe, in which nothing can be read again. */
async function readPiped(path: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  const pipe = join(folder, "pipe");
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const writing = new Deno.Command("sh", { args: ["-c", 'cat "$1" > "$2"', "sh", path, pipe] });
  const writer = writing.spawn();
  const read = outcome(() => readAll(pipe));
  await writer.status;
  await Deno.remove(folder, { recursive: true });
  return read;
}

testWhen(MISSING, "`PcapHandle.readBatch()` turns a file of the other byte order round", () => {
  const { buffer, byteLength } = packetBatch([{ frame: UDP }]);
  const header = new Uint8Array(24);
  header.set([0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4]);
  header.set([0, 0, 0xff, 0xff, 0, 0, 0, 1], 16);
  const record = buffer.slice(0, byteLength);
  for (let i = 0; i < RECORD_HEADER_LENGTH; i += 4) record.subarray(i, i + 4).reverse();
  using file = fileOf(Buffer.concat([header, record]));
  assertSameBytes(readAll(file.path).bytes, [{ frame: UDP }]);
});

testWhen(MISSING, "`PcapHandle.openFile()` tells the link type", () => {
  const names: Record<string, string> = {};
  for (const link of [ethernet(), cookedV1(), cookedV2(), raw(), bsdNull(), loop(), pppoeLink()]) {
    const frame = link.ipv4(V4).udp();
    using file = pcapFile([{ frame }], { linkType: frame.linkType });
    using handle = PcapHandle.openFile(file.path);
    assertEquals(handle.linkType, frame.linkType);
    names[handle.linkType] = handle.linkTypeName;
  }
  assertEquals(names, {
    0: "NULL",
    1: "EN10MB",
    12: "RAW",
    51: "PPP_ETHER",
    108: "LOOP",
    113: "LINUX_SLL",
    276: "LINUX_SLL2",
  });
});

testWhen(MISSING, "`PcapHandle.openFile()` says of a file that is none what and why, once", () => {
  using empty = fileOf(new Uint8Array(0));
  using text = fileOf(new TextEncoder().encode("this is no capture file, but long enough"));
  for (const path of [empty.path, text.path, "/nowhere/at/all.pcap"]) {
    const error = assertThrows(
      () => PcapHandle.openFile(path),
      CaptureError,
      `cannot read ${path}: `,
    );
    assertEquals(error.kind, "unreadable");
    assertEquals(error.message.split(path).length, 2, error.message);
  }
});

testWhen(MISSING, "`PcapHandle.close()` twice does no harm", () => {
  using file = pcapFile([{ frame: UDP }]);
  const handle = PcapHandle.openFile(file.path);
  handle.close();
  handle.close();
});

testWhen(MISSING, "`PcapHandle.statistics()` has nothing to say of a file", () => {
  using file = pcapFile([{ frame: UDP }]);
  using handle = PcapHandle.openFile(file.path);
  assertEquals(handle.statistics(), undefined);
});

testWhen(MISSING, "`PcapHandle.openInterface()` says which interface is not there", () => {
  const error = assertThrows(() => PcapHandle.openInterface("nosuch0"), CaptureError, "nosuch0");
  assertEquals(["no_such_interface", "no_permission"].includes(error.kind), true, error.kind);
});
