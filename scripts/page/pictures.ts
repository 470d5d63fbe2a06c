/**
 * Makes the README's pictures of the pages anew: `scripts/dev.sh pictures:web`. The server and the browser are real, the
 * household is the made-up one, and some of its flows are under way.
 */

import { join } from "@std/path";
import { ServedPages } from "../../tests/web/browser/served_pages.ts";
import { makeArchive } from "../made_up_log/household_archive.ts";
import { serveFlows } from "../made_up_log/live_flows.ts";

const FOLDER = "docs/pictures";
const DAYS = 20;
const RECORDS = 8_000;
const WIDTH = 1180;
/** In bytes: a page with three is not to grow heavy. */
const MAX_BYTES = 150_000;

const PICTURES = [
  { name: "page-overview", address: "/", scheme: "light", height: 720 },
  { name: "page-countries", address: "/?since=30d", scheme: "dark", height: 560 },
  { name: "page-record", address: "/log?device=xbox&protocol=tls", scheme: "light", height: 620 },
] as const;

const archive = await Deno.makeTempDir({ prefix: "wifilogger_pictures_" });
try {
  await makeArchive(archive, { nowMs: Date.now(), days: DAYS, records: RECORDS });
  const socket = join(archive, "control.sock");
  await using _ = await serveFlows(socket);
  await using pages = await ServedPages.open(archive, { WIFILOGGER_CONTROL_SOCKET: socket });
  for (const { name, address, scheme, height } of PICTURES) {
    await using watched = await pages.openPage({ width: WIDTH, height, scheme });
    const { page } = watched;
    await watched.go(address);
    if (name === "page-countries") {
      await page.evaluate(() => {
        const { document, scrollBy } = globalThis as unknown as {
          document: {
            querySelector(selector: string): { getBoundingClientRect(): { top: number } };
          };
          scrollBy(x: number, y: number): void;
        };
        // Beneath the head, which stays.
        scrollBy(0, document.querySelector(".countries").getBoundingClientRect().top - 70);
      });
      await page.getByRole("img", { name: /^Map/ }).locator("path").first().waitFor();
    }
    if (name === "page-record") {
      await page.getByRole("table").first().getByRole("link").first().click();
      await page.getByText("Evidence of the name").waitFor();
    }
    await page.getByText(/[kM]B\/s/).first().waitFor();
    const path = join(FOLDER, `${name}.png`);
    await page.screenshot({ path });
    const { size } = await Deno.stat(path);
    console.log(`${path}: ${size} bytes`);
    if (size > MAX_BYTES) throw new Error(`${path} is too heavy`);
  }
} finally {
  await Deno.remove(archive, { recursive: true });
}
