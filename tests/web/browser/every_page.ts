/**
 * Every page at three widths, in light and in dark, on a generated year and on the demo's household: screenshots in
 * .tmp/web to be looked at; nothing that axe finds, nothing on the console, nothing that the policy refuses, nothing asked
 * of elsewhere, nothing wider than the window, nothing that jumps.
 */

import { join } from "@std/path";
import { assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { demoArchive, SCREENSHOTS, yearArchive } from "./archives.ts";
import { whyNoBrowser } from "./browser.ts";
import { ServedPages } from "./served_pages.ts";

const WIDTHS = [390, 800, 1440];
const SCHEMES = ["light", "dark"] as const;
/** Up to here the Cumulative Layout Shift counts as good. */
const MAX_SHIFT = 0.1;

/** Addresses by what their screenshots are called. */
type Addresses = Readonly<Record<string, string>>;

const YEAR: Addresses = {
  overview: "/",
  year: "/?since=365d",
  narrowed: "/?country=DE&protocol=tls&by=site",
  day: "/?since=yesterday&until=yesterday",
  devices: "/devices",
  device: "/device/living-room-tv?since=30d",
  site: "/site/risgol.com",
  log: "/log",
  search: "/log?device=xbox&country=JP",
  new: "/new",
  settings: "/settings",
  unknown: "/no/such/page",
};

async function lookAtAll(pages: ServedPages, name: string, addresses: Addresses): Promise<void> {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  const wrongs: string[] = [];
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      await using watched = await pages.openPage({ width, scheme });
      for (const [what, address] of Object.entries(addresses)) {
        await watched.go(address);
        const where = `${name} ${what} at ${width} in ${scheme}`;
        const path = join(SCREENSHOTS, `${name}-${what}-${width}-${scheme}.png`);
        await watched.page.screenshot({ path, fullPage: true });
        wrongs.push(...(await watched.wrongs()).map((wrong) => `${where}: ${wrong}`));
        const shifts = await watched.layoutShifts();
        const shift = shifts.reduce((sum, { value }) => sum + value, 0);
        if (shift > MAX_SHIFT) wrongs.push(`${where} jumps: ${JSON.stringify(shifts)}`);
      }
    }
  }
  assertEquals(wrongs, []);
}

testWhen(whyNoBrowser(), "every page is well on a generated year", async () => {
  await using pages = await ServedPages.open(await yearArchive());
  await lookAtAll(pages, "year", YEAR);
});

testWhen(whyNoBrowser(), "every page is well on the demo's household", async () => {
  const archive = await demoArchive(20);
  if (typeof archive !== "string") return console.log(`not looked at: ${archive.missing}`);
  await using pages = await ServedPages.open(archive);
  await lookAtAll(pages, "demo", {
    overview: "/?since=today",
    devices: "/devices",
    log: "/log",
    new: "/new",
  });
});

testWhen(whyNoBrowser(), "the login page is well", async () => {
  const archive = await Deno.makeTempDir({ prefix: "wifilogger_web_" });
  await using pages = await ServedPages.open(archive);
  for (const scheme of SCHEMES) {
    await using watched = await pages.openStrange({ width: 390, scheme });
    await watched.go("/log?device=tv");
    await watched.page.screenshot({ path: join(SCREENSHOTS, `login-390-${scheme}.png`) });
    await watched.assertWell(`login in ${scheme}`);
  }
});

testWhen(whyNoBrowser(), "a log in which nothing is yet is well", async () => {
  const archive = await Deno.makeTempDir({ prefix: "wifilogger_web_" });
  await using pages = await ServedPages.open(archive);
  await using watched = await pages.openPage({ width: 800 });
  for (const address of ["/", "/devices", "/log", "/new", "/site/example.org"]) {
    await watched.go(address);
    await watched.assertWell(`${address} of an empty log`);
  }
});
