/** How long a year takes, from the address to the picture. */

import { assert } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { yearArchive } from "./archives.ts";
import { whyNoBrowser } from "./browser.ts";
import { ServedPages } from "./served_pages.ts";

const MAX_YEAR_MS = 1_000;

testWhen(whyNoBrowser(), "a year is there within a second", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  const taken: number[] = [];
  for (let i = 0; i < 5; i++) {
    await using watched = await pages.openPage({ width: 1440 });
    const startMs = performance.now();
    await watched.page.goto("/?since=365d");
    await watched.page.locator(".bar-table tbody tr").first().waitFor();
    await watched.page.locator("canvas").waitFor();
    taken.push(performance.now() - startMs);
  }
  console.log(
    `a year: first view ${taken[0].toFixed(0)} ms, then ${taken.slice(1).map(Math.round)}`,
  );
  assert(taken[0] <= MAX_YEAR_MS, `the first view took ${taken[0].toFixed(0)} ms`);
});
