/** `wifilogger report --format html`: as well on its own as a page that is served, on a screen and printed. */

import { join } from "@std/path";
import { assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { SCREENSHOTS, yearArchive } from "./archives.ts";
import { openBrowser, WatchedPage, whyNoBrowser } from "./browser.ts";
import { printedBy } from "./served_pages.ts";

const QUESTIONS = {
  devices: ["--by", "device", "--since", "7d"],
  countries: ["--by", "country", "--since", "365d"],
  "devices-sites": ["--by", "device,site", "--since", "yesterday"],
  days: ["--by", "day", "--since", "30d"],
};

testWhen(
  whyNoBrowser(),
  "a report as a document is well at any width, in light and in dark",
  async () => {
    const archive = await yearArchive();
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_web_" });
    await using browser = await openBrowser();
    await Deno.mkdir(SCREENSHOTS, { recursive: true });
    const wrongs: string[] = [];
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const path = join(folder, `${name}.html`);
      await Deno.writeTextFile(
        path,
        await printedBy(["report", ...question, "--format", "html"], archive),
      );
      for (const scheme of ["light", "dark"] as const) {
        for (const width of [390, 800, 1440]) {
          await using watched = await WatchedPage.open(browser, `file://${path}`, {
            width,
            scheme,
          });
          await watched.go(`file://${path}`);
          const where = `${name} at ${width} in ${scheme}`;
          const picture = join(SCREENSHOTS, `report-${name}-${width}-${scheme}.png`);
          await watched.page.screenshot({ path: picture, fullPage: true });
          wrongs.push(...(await watched.wrongs()).map((wrong) => `${where}: ${wrong}`));
        }
      }
    }
    await Deno.remove(folder, { recursive: true });
    assertEquals(wrongs, []);
  },
);
