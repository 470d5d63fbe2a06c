import fc from "fast-check";
import { assertEquals } from "../../assert.ts";
import { gunzipSync } from "node:zlib";
import { appendMember, memberEnds } from "../../../storage/archive/gzip_file.ts";
import { CutList, type FileCut, movedPosition } from "../../../storage/forget/position_map.ts";

/** Lines of a file, and which of them go. */
const file = fc.array(fc.record({ bytes: fc.integer({ min: 2, max: 9 }), goes: fc.boolean() }), {
  maxLength: 12,
});

type Line = { readonly bytes: number; readonly goes: boolean };

const sum = (lines: readonly Line[]) => lines.reduce((all, { bytes }) => all + bytes, 0);
const kept = (lines: readonly Line[]) => lines.filter(({ goes }) => !goes);

function cutOf(lines: readonly Line[], { before, after }: { before: number; after: number }) {
  const cuts = new CutList();
  let at = 0;
  for (const { bytes, goes } of lines) {
    if (goes) cuts.add(at, bytes);
    at += bytes;
  }
  const isCut = lines.some(({ goes }) => goes);
  const cut: FileCut = { before, after, stream: at, cuts: cuts.ranges };
  return isCut ? cut : undefined;
}

Deno.test("a position is behind the same lines, whatever went before and behind it", () => {
  const property = fc.property(
    file,
    file,
    fc.nat(12),
    fc.nat(12),
    (members, plain, read, ended) => {
      const gzipBytes = members.length === 0 ? 0 : 100;
      const left = kept(members).length === 0 ? 0 : 60;
      const cut = {
        gzipBytes,
        gzip: cutOf(members, { before: gzipBytes, after: left }),
        plain: cutOf(plain, { before: sum(plain), after: sum(kept(plain)) }),
      };
      const inPlain = plain.slice(0, read);
      assertEquals(movedPosition([gzipBytes, sum(inPlain)], cut), [
        cut.gzip?.after ?? gzipBytes,
        sum(kept(inPlain)),
      ]);
      // What was read as the plain file has been compressed since.
      if (gzipBytes === 0) return;
      const inMembers = members.slice(0, read);
      assertEquals(movedPosition([0, sum(inMembers)], cut), [0, sum(kept(inMembers))]);
      // Or a part of it had been before.
      if (cut.gzip === undefined || ended > read) return;
      const before = members.slice(0, ended);
      const gzip = { ...cut.gzip, members: [[40, sum(before)]] as const };
      const behind = sum(inMembers) - sum(before);
      assertEquals(movedPosition([40, behind], { ...cut, gzip }), [0, sum(kept(inMembers))]);
    },
  );
  fc.assert(property);
});

Deno.test("a position is not known where it is not known which lines went", () => {
  const plain = { before: 30, after: 20, stream: 30 };
  assertEquals(movedPosition([0, 10], { gzipBytes: 0, plain }), undefined);
  assertEquals(movedPosition([0, 0], { gzipBytes: 0, plain }), [0, 0]);
  const gzip = { before: 90, after: 80, stream: 900, cuts: [[0, 100]] as const };
  assertEquals(movedPosition([50, 10], { gzipBytes: 90, gzip }), undefined, "of a member before");
  assertEquals(movedPosition([50, 10], { gzipBytes: 90, plain }), [50, 10], "nothing went from it");
});

Deno.test("`memberEnds()` finds the members of a file, wherever they lie in what is read at once", async () => {
  const [path, plainPath] = [await Deno.makeTempFile(), await Deno.makeTempFile()];
  try {
    const ends: [number, number][] = [];
    using file = await Deno.open(path, { read: true, write: true });
    let [bytes, held] = [0, 0];
    for (const size of [10, 70_000, 0, 65_500, 200_000, 3]) {
      const random = new Uint8Array(size);
      for (let at = 0; at < size; at += 65_536) {
        crypto.getRandomValues(random.subarray(at, at + 65_536));
      }
      await Deno.writeFile(plainPath, random);
      using plain = await Deno.open(plainPath);
      await file.seek(0, Deno.SeekMode.End);
      bytes += await appendMember(plain, file, 6);
      held += size;
      ends.push([bytes, held]);
    }
    assertEquals(gunzipSync(await Deno.readFile(path)).length, held);
    assertEquals(await memberEnds(file), ends.slice(0, -1));
  } finally {
    await Promise.all([Deno.remove(path), Deno.remove(plainPath)]);
  }
});
