import { residentFileBytes } from "../../system/file_pages.ts";
import { mapFile } from "../../system/mapped_file.ts";
import { loadLibc } from "../../system/native.ts";
import { SpareMemory } from "../../system/spare_memory.ts";
import { assert, assertGreater, assertGreaterOrEqual, assertLess } from "../assert.ts";

const MIB = 1 << 20;

loadLibc(); // once a process, and so in no test of its own

Deno.test("`SpareMemory.releaseIfGrown()` lets go once 20 MB of files have come back since it last did", async () => {
  const path = await Deno.makeTempFile();
  try {
    const length = 64 * MIB;
    await Deno.truncate(path, length);
    const mapped = mapFile(path, { offset: 0, length });
    const read = (bytes: number) => mapped.subarray(0, bytes).every((byte) => byte === 0);
    const memory = new SpareMemory();
    assert(read(length));
    memory.releaseIfGrown(); // the start is not over
    assertGreater(residentFileBytes(), length);
    memory.release();
    assertLess(residentFileBytes(), length);
    assert(read(2 * MIB));
    const before = residentFileBytes();
    memory.releaseIfGrown(); // too little
    assertGreaterOrEqual(residentFileBytes(), before);
    assert(read(32 * MIB));
    memory.releaseIfGrown();
    assertLess(residentFileBytes(), 32 * MIB);
  } finally {
    await Deno.remove(path);
  }
});
