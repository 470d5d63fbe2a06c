/** What the pages say of a logger at work: a real one, on the loopback interface of a network of its own. */

import { fromFileUrl } from "@std/path";
import { assertEquals } from "../../assert.ts";
import { archivedHome } from "../../news/archived_home.ts";
import { lacks, testWhen } from "../../skip.ts";
import { householdFlows } from "../household_flows.ts";
import { whyNoBrowser } from "./browser.ts";
import { ServedPages } from "./served_pages.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
const MISSING = whyNoBrowser() ?? lacks({ root: true, commands: ["unshare", "ip"] });

/** Captures until it is disposed of. */
function startLogger(env: Readonly<Record<string, string>>): AsyncDisposable {
  const run = [Deno.execPath(), "run", "--frozen", "--no-check", "-A", "main.ts", "run"];
  const child = new Deno.Command("unshare", {
    args: [
      ...["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
      ...[...run, "--interface", "lo"],
    ],
    cwd: ROOT,
    env,
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

testWhen(MISSING, "the health of a logger at work, and a flush from the page", async () => {
  await using home = await archivedHome(householdFlows());
  await using pages = await ServedPages.open(`${home.env.HOME}/wifi_logger/logs`);
  await using _logger = startLogger(pages.env);
  await using watched = await pages.openPage({ width: 1440 });
  const { page } = watched;
  await watched.go("/settings");
  // The page asks every 30 s.
  await page.getByText(/running for \d+/).waitFor();
  await page.getByText("0 B/s").first().waitFor();
  await watched.assertWell("settings with a logger");
  // That nobody logged until now is a record, which is still in RAM.
  await page.getByText(/1 record since/).waitFor();
  await page.getByRole("button", { name: "Flush now" }).click();
  await page.getByText("1 record written").waitFor();
  await watched.go("/");
  const health = page.getByRole("region", { name: "Health" });
  await health.getByText("nothing", { exact: true }).waitFor();
  await page.getByText(/logger not running, once/).first().waitFor();
  await watched.assertWell("overview with a logger");
  assertEquals(await watched.problems(), []);
});
