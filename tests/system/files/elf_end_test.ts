import { elfEnd } from "../../../system/files/elf_end.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

/** A file that is nothing but an ELF header and `sections` section headers right behind it. */
function elfFile({ sections, appended = 0 }: { sections: number; appended?: number }) {
  const file = new Uint8Array(0x40 + 0x40 * sections + appended);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const view = new DataView(file.buffer);
  view.setBigUint64(0x28, 0x40n, true);
  view.setUint16(0x3a, 0x40, true);
  view.setUint16(0x3c, sections, true);
  return file;
}

Deno.test("`elfEnd()` is where the section headers end, whatever was appended", () => {
  assertEquals(elfEnd(elfFile({ sections: 3 })), 0x40 + 3 * 0x40);
  assertEquals(elfEnd(elfFile({ sections: 3, appended: 1000 })), 0x40 + 3 * 0x40);
});

Deno.test("`elfEnd()` refuses what is no 64-bit ELF file", () => {
  assertThrows(() => elfEnd(new Uint8Array(10)), TypeError, "not a 64-bit");
  assertThrows(() => elfEnd(new Uint8Array(100)), TypeError, "not a 64-bit");
});
