import { HandClock } from "../../hand_clock.ts";
import { join } from "node:path";
import { assertEquals } from "../../assert.ts";
import { WearLedger } from "../../../storage/card/wear_ledger.ts";
import { LogStore } from "../../../storage/log_store.ts";
import { noonOf, recordLine, type Scratch, scratch } from "../scratch.ts";

const HOUR_MS = 3600e3;

function ledgerIn(place: Scratch) {
  const clock = new HandClock(Date.parse("2026-11-22T12:00:00"));
  const options = {
    ramPath: join(place.ramFolder, "wear"),
    cardPath: join(place.folder, "wear.json"),
    clock,
  };
  return { options, clock };
}

Deno.test("`WearLedger` counts by the local day, and on average by the time that passed", async () => {
  using place = scratch();
  const { options, clock } = ledgerIn(place);
  const ledger = await WearLedger.open(options);
  ledger.note({ bytes: 1000, syncs: 1 });
  assertEquals([ledger.today, ledger.perDay], [{ bytes: 1000, syncs: 1 }, undefined]);
  clock.pass(12 * HOUR_MS);
  assertEquals(ledger.today, { bytes: 0, syncs: 0 });
  ledger.note({ bytes: 2000, syncs: 3 });
  assertEquals(ledger.perDay, { bytes: 6000, syncs: 8 });
  clock.leap(5 * 365 * 24 * HOUR_MS);
  assertEquals(ledger.perDay, { bytes: 6000, syncs: 8 });
});

Deno.test("`WearLedger` goes on after a restart, and after the RAM is gone", async () => {
  using place = scratch();
  const { options, clock } = ledgerIn(place);
  const first = await WearLedger.open(options);
  first.note({ bytes: 1000, syncs: 1 });
  clock.pass(HOUR_MS);
  await first.save();
  const second = await WearLedger.open(options);
  assertEquals([second.today, second.perDay], [first.today, first.perDay]);
  second.note({ bytes: 1000, syncs: 1 });
  await second.save({ toCard: true });
  Deno.removeSync(options.ramPath);
  const third = await WearLedger.open(options);
  assertEquals(third.today, second.today);
  assertEquals(third.today.syncs, 4, "with the copy's own two");
});

Deno.test("`WearLedger` writes to the card once a day, and begins anew where both copies are damaged", async () => {
  using place = scratch();
  const { options, clock } = ledgerIn(place);
  const ledger = await WearLedger.open(options);
  let writes = 0;
  for (let hour = 0; hour < 48; hour++) {
    const before = ledger.today.syncs;
    await ledger.save();
    if (ledger.today.syncs > before) writes++;
    clock.pass(HOUR_MS);
  }
  assertEquals(writes, 2);
  for (const path of [options.ramPath, options.cardPath]) Deno.writeTextFileSync(path, '{"day":1}');
  assertEquals((await WearLedger.open(options)).today, { bytes: 0, syncs: 0 });
});

Deno.test("`LogStore` counts every byte and sync of a flush and a compression", async () => {
  using place = scratch();
  const ledger = await WearLedger.open(ledgerIn(place).options);
  const clock = new HandClock(Date.parse("2026-12-24T12:00:00"));
  await using store = await LogStore.open({ ...place.options, card: ledger, clock });
  const line = recordLine(1, noonOf("2026-11-22"));
  store.append(line, 1);
  await store.flush();
  assertEquals(ledger.today, { bytes: line.length, syncs: 2 }); // the file, and the folder it is new in
  const keeping = {
    compressAfterDays: 1,
    compressLevel: 6,
    retention: { days: undefined, bytes: undefined },
  };
  await store.keepArchive(keeping, { clockIsTrusted: false });
  const { size } = Deno.statSync(join(place.archiveDir, "2026-11-22.log.gz"));
  assertEquals(ledger.today, { bytes: line.length + size, syncs: 4 });
});
