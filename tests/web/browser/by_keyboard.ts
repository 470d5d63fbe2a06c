/** All of it with the keyboard alone. */

import { assert, assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { yearArchive } from "./archives.ts";
import { type WatchedPage, whyNoBrowser } from "./browser.ts";
import { PASSWORD, ServedPages } from "./served_pages.ts";

/** What has the focus: its name or text, and whether that can be seen. */
async function focused({ page }: WatchedPage) {
  return await page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as unknown as {
      document: {
        activeElement: Record<string, unknown> & { getAttribute(name: string): string | null };
      };
      getComputedStyle(element: unknown): Record<string, string>;
    };
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return {
      text: element.getAttribute("aria-label") ?? String(element.textContent).trim(),
      tag: String(element.tagName).toLowerCase(),
      isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    };
  });
}

/** Presses Tab until the focus is on something of this text. */
async function tabTo(watched: WatchedPage, text: string | RegExp, most = 80): Promise<void> {
  for (let i = 0; i < most; i++) {
    await watched.page.keyboard.press("Tab");
    const { text: found } = await focused(watched);
    if (typeof text === "string" ? found === text : text.test(found)) return;
  }
  throw new Error(`${most} times Tab did not come to ${text}`);
}

function search({ page }: WatchedPage): URLSearchParams {
  return new URL(page.url()).searchParams;
}

testWhen(whyNoBrowser(), "signing in, going on and every stop of Tab, by keyboard", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  await using watched = await pages.openStrange({ width: 1440 });
  const { page } = watched;
  await watched.go("/settings");
  await page.keyboard.type("a wrong one");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Settings and doctor" }).waitFor();

  // The address that somebody came to is shown when they are in.
  assertEquals(new URL(page.url()).pathname, "/settings");
  await page.goto("/");
  await watched.settled();
  await page.keyboard.press("Tab");
  assertEquals((await focused(watched)).text, "Skip to the page");
  await page.keyboard.press("Enter");
  await tabTo(watched, "Overview");
  for (let i = 0; i < 120; i++) {
    const { text, tag, isSeen } = await focused(watched);
    if (tag === "body") break;
    assert(isSeen, `the focus on ${tag} "${text}" cannot be seen`);
    await page.keyboard.press("Tab");
  }
});

testWhen(whyNoBrowser(), "choosing a period, by keyboard", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  await using watched = await pages.openPage({ width: 1440 });
  const { page } = watched;
  await watched.go("/");
  await tabTo(watched, /^Period:/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await watched.assertWell("the choice of a period");
  await tabTo(watched, "Last 30 days", 20);
  await page.keyboard.press("Enter");
  await watched.settled();
  assertEquals(search(watched).get("since"), "30d");

  // The calendar: from today three days back, then one on.
  assert(/^Period:/.test((await focused(watched)).text), "the focus goes back to where it was");
  await page.keyboard.press("Enter");
  await tabTo(watched, /\d{4}$/, 30);
  for (const key of ["ArrowUp", "Enter", "ArrowRight", "ArrowRight", "Enter"]) {
    await page.keyboard.press(key);
  }
  await watched.settled();
  const [since, until] = [search(watched).get("since")!, search(watched).get("until")!];
  assertEquals((Date.parse(until) - Date.parse(since)) / 86_400e3, 2);

  await page.getByRole("button", { name: /^Period:/ }).press("Enter");
  await page.keyboard.press("Escape");
  assertEquals(await page.getByRole("dialog").count(), 0);
  assert(/^Period:/.test((await focused(watched)).text), "the focus goes back to where it was");
});

testWhen(
  whyNoBrowser(),
  "reading a chart and choosing hours on it, by keyboard and by drawing",
  async () => {
    await using pages = await ServedPages.open(await yearArchive());
    await using watched = await pages.openPage({ width: 1440 });
    const { page } = watched;
    await watched.go("/?since=yesterday&until=yesterday");
    const chart = page.getByRole("slider");
    await chart.focus();
    assertEquals(await chart.getAttribute("aria-valuenow"), "23");
    for (const key of ["Home", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    assert(/, 02:00: [\d.]+ \wB; /.test(await chart.getAttribute("aria-valuetext") ?? ""));
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Enter");
    await watched.settled();
    const hours = () => {
      const words = search(watched);
      return (Date.parse(words.get("until")!) - Date.parse(words.get("since")!)) / 3600e3;
    };
    assertEquals(hours(), 3);

    await watched.go("/?since=yesterday&until=yesterday");
    const box = (await page.locator(".u-over").boundingBox())!;
    const at = (share: number) => [box.x + box.width * share, box.y + 60] as const;
    await page.mouse.move(...at(0.5 / 24));
    await page.mouse.down();
    await page.mouse.move(...at(5.5 / 24), { steps: 5 });
    await page.mouse.up();
    await watched.settled();
    assertEquals(hours(), 6);
    await page.goBack();
    await watched.settled();
    assertEquals(search(watched).get("since"), "yesterday");
    assertEquals(await watched.problems(), []);
  },
);

testWhen(whyNoBrowser(), "searching, and opening a record, by keyboard", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  await using watched = await pages.openPage({ width: 800 });
  const { page } = watched;
  await watched.go("/log");
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("--devise tv");
  await page.keyboard.press("Enter");
  await page.getByText("There is no --devise").waitFor();
  await page.getByRole("searchbox").fill("device:xbox --country JP");
  await page.keyboard.press("Enter");
  await watched.settled();
  assertEquals([search(watched).get("device"), search(watched).get("country")], ["xbox", "JP"]);
  const first = page.getByRole("table").first().getByRole("link").first();
  await first.focus();
  await page.keyboard.press("Enter");
  const record = page.getByRole("dialog", { name: "A record" });
  await record.getByText("Evidence of the name").waitFor();
  assert(await record.getByText("Japan").count() > 0);
  await watched.assertWell("a record");
  await page.keyboard.press("Escape");
  await record.waitFor({ state: "detached" });
  assertEquals(search(watched).get("record"), null);
  assertEquals((await focused(watched)).tag, "a", "the focus goes back to the row");
});
