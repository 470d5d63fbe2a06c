import { join } from "node:path";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "../../assert.ts";
import { RamLog, RamLogWriteError } from "../../../storage/ram/ram_log.ts";
import { RamLogInUseError } from "../../../storage/ram/ram_log_lock.ts";
import { fileNames, noonOf, recordIds, recordLine, scratch, textOf } from "../scratch.ts";
import { mountTmpfs, testOnTmpfs } from "../tmpfs_mount.ts";

const NOON = noonOf("2026-11-22");

Deno.test("`RamLog.open()` makes the folder and a file that others cannot read", () => {
  using place = scratch();
  const path = join(place.ramFolder, "new", "today.log");
  using log = RamLog.open(path);
  assertEquals([log.records, log.bytes, log.tornBytesCut], [0, 0, 0]);
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777 & ~0o640, 0);
});

Deno.test("`RamLog.append()` writes the lines before it returns, and counts them", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  const text = recordLine(1, NOON) + recordLine(2, NOON);
  log.append(text, 2);
  log.append(recordLine(3, NOON), 1);
  assertEquals(recordIds(textOf(place.ramLogPath)), [1, 2, 3]);
  assertEquals([log.records, log.bytes], [3, Deno.statSync(place.ramLogPath).size]);
});

Deno.test("`RamLog.append()` counts bytes, not characters", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  log.append('{"name":"Küche 📺"}\n', 1);
  assertEquals(log.bytes, Deno.statSync(place.ramLogPath).size);
});

Deno.test("`RamLog.open()` keeps and counts what an earlier process left", () => {
  using place = scratch();
  let bytes = 0;
  {
    using log = RamLog.open(place.ramLogPath);
    for (let id = 0; id < 5000; id++) log.append(recordLine(id, NOON), 1);
    bytes = log.bytes;
  }
  using log = RamLog.open(place.ramLogPath);
  assertEquals([log.records, log.bytes, log.tornBytesCut], [5000, bytes, 0]);
});

Deno.test("`RamLog.open()` cuts a torn last line and tells its length", () => {
  using place = scratch();
  Deno.writeTextFileSync(place.ramLogPath, recordLine(1, NOON) + '{"@timestamp":"20');
  using log = RamLog.open(place.ramLogPath);
  assertEquals([log.records, log.tornBytesCut], [1, 17]);
  log.append(recordLine(2, NOON), 1);
  assertEquals(recordIds(textOf(place.ramLogPath)), [1, 2]);
});

Deno.test("`RamLog.open()` cuts a file that is nothing but a torn line", () => {
  using place = scratch();
  Deno.writeTextFileSync(place.ramLogPath, '{"@timestamp":"20');
  using log = RamLog.open(place.ramLogPath);
  assertEquals([log.records, log.bytes, log.tornBytesCut], [0, 0, 17]);
  assertEquals(textOf(place.ramLogPath), "");
});

Deno.test("`RamLog.open()` names the process that has the log when it is taken", () => {
  using place = scratch();
  using _first = RamLog.open(place.ramLogPath);
  const error = assertThrows(() => RamLog.open(place.ramLogPath), RamLogInUseError);
  assertEquals([error.path, error.pid], [place.ramLogPath, Deno.pid]);
  assertStringIncludes(error.message, place.ramLogPath);
  assertStringIncludes(error.message, String(Deno.pid));
});

Deno.test("`RamLog.close()` lets the next one in, and twice does no harm", () => {
  using place = scratch();
  const first = RamLog.open(place.ramLogPath);
  first.close();
  first.close();
  using _second = RamLog.open(place.ramLogPath);
});

Deno.test("`RamLog.open()` says why it cannot when the folder is a file", () => {
  using place = scratch();
  Deno.writeTextFileSync(join(place.ramFolder, "file"), "");
  const path = join(place.ramFolder, "file", "today.log");
  const error = assertThrows(() => RamLog.open(path), Error, `opening the RAM log ${path}: `);
  assertInstanceOf(error.cause, Error);
});

Deno.test("`RamLog.seal()` goes on in a fresh file at the same path", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  log.append(recordLine(1, NOON), 1);
  const sealed = log.seal(`${place.ramLogPath}.flushing`);
  assertEquals([sealed.held.records, log.records, log.bytes], [1, 0, 0]);
  log.append(recordLine(2, NOON), 1);
  assertEquals(recordIds(textOf(`${place.ramLogPath}.flushing`)), [1]);
  assertEquals(recordIds(textOf(place.ramLogPath)), [2]);
});

Deno.test("`RamLog.seal()` says so and begins afresh when somebody removed the file", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  log.append(recordLine(1, NOON), 1);
  Deno.removeSync(place.ramLogPath);
  const segmentPath = `${place.ramLogPath}.flushing`;
  assertThrows(() => log.seal(segmentPath), Error, "removed or replaced");
  log.append(recordLine(2, NOON), 1);
  assertEquals([log.records, recordIds(textOf(place.ramLogPath))], [1, [2]]);
  log.seal(segmentPath);
  assertEquals(recordIds(textOf(segmentPath)), [2]);
});

Deno.test("`RamLog.seal()` goes on in the file that an editor put in the log's place", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  log.append(recordLine(1, NOON) + recordLine(2, NOON), 2);
  Deno.writeTextFileSync(`${place.ramLogPath}.edited`, recordLine(2, NOON));
  Deno.renameSync(`${place.ramLogPath}.edited`, place.ramLogPath);
  assertThrows(() => log.seal(`${place.ramLogPath}.flushing`), Error, "removed or replaced");
  log.append(recordLine(3, NOON), 1);
  assertEquals([log.records, recordIds(textOf(place.ramLogPath))], [2, [2, 3]]);
});

testOnTmpfs({
  name: "`RamLog.append()` takes all of a batch or none when the tmpfs is full",
  fn() {
    using tmpfs = mountTmpfs(64);
    const path = join(tmpfs.path, "today.log");
    using log = RamLog.open(path);
    const batch = (id: number) => [0, 1, 2, 3, 4].map((i) => recordLine(id + i, NOON)).join("");
    let taken = 0;
    const error = assertThrows(() => {
      for (;; taken += 5) log.append(batch(taken), 5);
    }, RamLogWriteError);
    assertEquals(error.code, "ENOSPC");
    assertStringIncludes(error.message, path);
    assert(taken > 50);
    assertEquals(recordIds(textOf(path)), Array.from({ length: taken }, (_, i) => i));
    assertEquals([log.records, log.bytes], [taken, Deno.statSync(path).size]);
  },
});

testOnTmpfs({
  name: "`RamLog.open()` still opens a log on a tmpfs that is full to the last byte",
  fn() {
    using tmpfs = mountTmpfs(64);
    const path = join(tmpfs.path, "today.log");
    assertThrows(() => Deno.writeTextFileSync(path, recordLine(200, NOON).repeat(1000)), Error);
    using log = RamLog.open(path);
    assert(log.records > 0 && log.tornBytesCut > 0);
  },
});

Deno.test("`RamLog` rolls off parts, seals the oldest first, and finds them again", () => {
  using place = scratch();
  const segmentPath = `${place.ramLogPath}.flushing`;
  const options = { partBytes: 500 };
  {
    using log = RamLog.open(place.ramLogPath, options);
    for (let id = 200; id < 207; id++) log.append(recordLine(id, NOON), 1); // two a part
    assertEquals([log.records, log.unsealed], [7, 4]);
    assertEquals(recordIds(textOf(place.ramLogPath)), [206]);
    log.seal(segmentPath);
    assertEquals(recordIds(textOf(segmentPath)), [200, 201]);
  }
  using log = RamLog.open(place.ramLogPath, options);
  assertEquals([log.records, log.unsealed], [5, 3]);
  log.append(recordLine(207, NOON), 1);
  for (const ids of [[202, 203], [204, 205], [206, 207]]) {
    log.seal(segmentPath);
    assertEquals(recordIds(textOf(segmentPath)), ids);
  }
  assertEquals([log.records, log.bytes, log.unsealed], [0, 0, 0]);
});

Deno.test("`RamLog.rewrite()` changes what this process wrote, in the log and its parts, and nothing else", () => {
  using place = scratch();
  {
    using log = RamLog.open(place.ramLogPath);
    log.append(recordLine(199, NOON), 1);
  }
  using log = RamLog.open(place.ramLogPath, { partBytes: 500 });
  for (let id = 200; id < 203; id++) log.append(recordLine(id, NOON), 1);
  const change = (line: string) => line.includes('"flow_id":201') ? undefined : `${line} `;
  assertEquals(log.rewrite(change), 2);
  log.append(recordLine(203, NOON), 1);
  const line = (id: number) => recordLine(id, NOON);
  const changed = (id: number) => line(id).replace("\n", " \n");
  const names = fileNames(place.ramFolder).filter((name) => name.includes("part"));
  const paths = [...names, "today.log"].map((name) => join(place.ramFolder, name));
  assertEquals(
    paths.map(textOf).join(""),
    line(199) + changed(200) + line(201) + changed(202) + line(203),
  );
  assertEquals(log.bytes, paths.reduce((sum, path) => sum + Deno.statSync(path).size, 0));
});

testOnTmpfs({
  name: "`RamLog.rewrite()` leaves a log for whose copy the tmpfs has no room",
  fn() {
    using tmpfs = mountTmpfs(64);
    const path = join(tmpfs.path, "today.log");
    using log = RamLog.open(path);
    for (let id = 0; id < 150; id++) log.append(recordLine(id, NOON), 1);
    const before = textOf(path);
    assertEquals(log.rewrite((line) => `${line} `), 0);
    assertEquals(textOf(path), before);
    assertEquals([...Deno.readDirSync(tmpfs.path)].length, 2); // with the lock
  },
});

Deno.test("`RamLog.reopen()` goes on at its path when somebody moved the log, and else in place", () => {
  using place = scratch();
  using log = RamLog.open(place.ramLogPath);
  log.append(recordLine(1, NOON), 1);
  assertEquals(log.reopen(), 0);
  Deno.renameSync(place.ramLogPath, `${place.ramLogPath}.1`);
  log.append(recordLine(2, NOON), 1);
  assertEquals(log.reopen(), 2);
  log.append(recordLine(3, NOON), 1);
  assertEquals(recordIds(textOf(`${place.ramLogPath}.1`)), [1, 2]);
  assertEquals([log.records, recordIds(textOf(place.ramLogPath))], [1, [3]]);
});
