/** What can be changed from the pages, and what comes while they are looked at. */

import { assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { type ArchivedHome, archivedHome } from "../../news/archived_home.ts";
import { HOSTILE, householdFlows } from "../household_flows.ts";
import { whyNoBrowser } from "./browser.ts";
import { ServedPages } from "./served_pages.ts";

testWhen(whyNoBrowser(), "renaming a device, and saying what is known", async () => {
  await using home = await archivedHome(householdFlows());
  await using pages = await ServedPages.open(archiveOf(home));
  await using watched = await pages.openPage({ width: 1440 });
  const { page } = watched;
  await watched.go("/device/pixel");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Name of your own").fill("Anna's <b>phone</b>");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Anna's <b>phone</b>" }).waitFor();
  await watched.go("/devices");
  await page.getByRole("link", { name: "Anna's <b>phone</b>" }).waitFor();

  await watched.go("/new");
  const row = page.getByRole("row", { name: HOSTILE });
  await row.getByRole("button").click();
  await row.getByRole("button", { name: "is known", pressed: true }).waitFor();
  await watched.go("/new");
  assertEquals(
    await row.filter({ has: page.getByRole("link") }).count(),
    0,
    "it is no news any more",
  );
  await page.getByText("What is not told again").click();
  await page.getByRole("row", { name: HOSTILE }).getByRole("button").click();
  await watched.go("/new");
  await row.waitFor();
  assertEquals(await watched.problems(), []);
});

testWhen(whyNoBrowser(), "names that are markup and script stay text", async () => {
  await using home = await archivedHome(householdFlows());
  await using pages = await ServedPages.open(archiveOf(home));
  await using watched = await pages.openPage({ width: 1440 });
  const { page } = watched;
  const name = encodeURIComponent(HOSTILE);
  for (
    const address of [
      "/?since=30d&by=site",
      `/site/${name}?since=30d`,
      `/log?since=30d&name=${name}`,
      "/new?since=30d",
      `/device/${encodeURIComponent("b8:27:eb:00:00:29")}?since=30d`,
    ]
  ) {
    await watched.go(address);
    await page.getByText(HOSTILE).first().waitFor();
    assertEquals(await page.locator("img").count(), 0, address);
    await watched.assertWell(address);
  }
  await watched.go(`/log?since=30d&name=${name}`);
  await page.getByRole("table").first().getByRole("link").first().click();
  await page.getByRole("dialog").getByText(HOSTILE).first().waitFor();
  assertEquals(await page.locator("img").count(), 0);
  await watched.assertWell("a hostile record");
});

testWhen(whyNoBrowser(), "records that come are shown as they come", async () => {
  await using home = await archivedHome(householdFlows());
  await using pages = await ServedPages.open(archiveOf(home));
  await using watched = await pages.openPage({ width: 800 });
  const { page } = watched;
  await watched.go("/log?since=30d");
  await page.getByRole("button", { name: "Follow" }).click();
  await page.getByText("Following: 0 records so far").waitFor();
  await page.waitForTimeout(2500); // until the server has opened the log
  const [line] = (await Deno.readTextFile(await anyDay(archiveOf(home)))).split(
    "\n",
  );
  const record = JSON.parse(line);
  record.destination.domain = "just-now.example";
  record["@timestamp"] = record.event.end = new Date().toISOString();
  await Deno.writeTextFile(pages.env.WIFILOGGER_RAM_LOG, JSON.stringify(record) + "\n", {
    append: true,
  });
  await page.getByText("just-now.example").waitFor();
  await page.getByText("Following: 1 record so far").waitFor();
  assertEquals(await watched.problems(), []);
});

function archiveOf({ env }: ArchivedHome): string {
  return `${env.HOME}/wifi_logger/logs`;
}

async function anyDay(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".log")) return `${folder}/${name}`;
  }
  throw new Error(`no day in ${folder} is plain`);
}
