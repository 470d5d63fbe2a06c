/** How long a year takes, from the address to the picture, by the browser's own clock. */

import type { Page } from "playwright-core";
import { assert } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { yearArchive } from "./archives.ts";
import { whyNoBrowser } from "./browser.ts";
import { ServedPages } from "./served_pages.ts";

const MAX_YEAR_MS = 1_000;
const VIEWS = 5;

/** The page's own clock: whoever asks from outside, as tests do, asks too seldom. */
interface Watched {
  /** Milliseconds from the address to the frame that shows rows, chart and map. */
  shownMs?: number;
}

testWhen(whyNoBrowser(), "a year is there within a second", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  const taken: number[] = [];
  for (let i = 0; i < VIEWS; i++) {
    await using watched = await pages.openPage({ width: 1440 });
    await watchFor(watched.page, [".bar-table tbody tr", "canvas", ".map path.c5"]);
    await watched.page.goto("/?since=365d");
    await watched.page.waitForFunction(() => (globalThis as Watched).shownMs !== undefined);
    taken.push(await watched.page.evaluate(() => (globalThis as Watched).shownMs!));
  }
  console.log(
    `a year: first view ${Math.round(taken[0])} ms, then ${taken.slice(1).map(Math.round)}`,
  );
  assert(taken[0] <= MAX_YEAR_MS, `the first view took ${taken[0].toFixed(0)} ms`);
});

/** Notes when all of the selectors are there, and drawn. */
async function watchFor(page: Page, selectors: readonly string[]): Promise<void> {
  await page.addInitScript((selectors) => {
    const { document, MutationObserver, requestAnimationFrame } = globalThis as unknown as {
      document: { querySelector(selector: string): unknown };
      MutationObserver: new (look: () => void) => {
        observe(what: unknown, options: unknown): void;
        disconnect(): void;
      };
      requestAnimationFrame(then: () => void): void;
    };
    const observer = new MutationObserver(() => {
      if (!selectors.every((selector) => document.querySelector(selector))) return;
      observer.disconnect();
      requestAnimationFrame(() =>
        setTimeout(() => (globalThis as Watched).shownMs = performance.now())
      );
    });
    observer.observe(document, { childList: true, subtree: true, attributes: true });
  }, selectors);
}
