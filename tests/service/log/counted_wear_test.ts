import { systemClock } from "../../../system/clock.ts";
import { assertEquals } from "../../assert.ts";
import { noonOf, recordLine, scratch } from "../../storage/scratch.ts";
import { moveLeftOver, openWearLedger } from "../../../service/log/counted_wear.ts";
import { LogStore } from "../../../storage/log_store.ts";

Deno.test("`moveLeftOver()` moves what a killed logger left, and counts what that writes to the card", async () => {
  using place = scratch();
  const options = { clock: systemClock, warn: (message: string) => place.warnings.push(message) };
  assertEquals(await moveLeftOver(place, options), undefined, "there is nothing yet");
  {
    await using store = await LogStore.open(place.options);
    store.append(recordLine(1, noonOf("2026-11-22")), 1);
  }
  const report = await moveLeftOver(place, options);
  assertEquals(report?.records, 1);
  const { bytes, syncs } = (await openWearLedger(place, systemClock)).today;
  assertEquals([bytes, syncs], [report!.bytes, 2], "the file and its folder");
  assertEquals(await moveLeftOver(place, options), undefined);
  assertEquals(place.warnings, []);
});
