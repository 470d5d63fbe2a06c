/**
 * A thousand sites on a cluster on this machine, with five real programs among them; prints what it holds and what it
 * costs. Part of `scripts/dev.sh test:fleet`; measures, so nothing else should run.
 */

import { assert } from "../assert.ts";
import { compiled } from "../appliance/compiled.ts";
import { testWhen } from "../skip.ts";
import { clusterMissing, runInNamespaces } from "./in_namespaces.ts";
import { RECORDS_PER_DAY } from "./simulated_site.ts";
import type { SitesReport } from "./sites_driver.ts";

const [SITES, SECONDS] = [1000, 60];

testWhen(
  await clusterMissing(),
  `three nodes on this machine hold ${SITES} sites`,
  async () => {
    const program = await compiled(Deno.build.arch);
    const report = await runInNamespaces<SitesReport>("./sites_driver.ts", program, SITES, SECONDS);
    console.log(report);
    const { evening, flatOut, forwarders } = report;
    // The mean of the day at least; the evening's rate takes a machine that does nothing else.
    const mean = SITES * RECORDS_PER_DAY / (24 * 3600);
    assert(Math.max(evening.answeredPerSecond, flatOut.answeredPerSecond) > mean, "too slow");
    assert(forwarders.every(({ sent, ownMb }) => sent > 0 && ownMb <= 100), "too much memory");
  },
);
