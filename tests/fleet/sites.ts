/**
 * A thousand sites on a cluster on this machine, with five real programs among them; prints what it holds and what it
 * costs. Part of `scripts/dev.sh test:fleet`; measures, so nothing else should run.
 */

import { assert } from "../assert.ts";
import { compiled } from "../appliance/compiled.ts";
import { testWhen } from "../skip.ts";
import { clusterMissing, runInNamespaces } from "./in_namespaces.ts";
import type { SitesReport } from "./sites_driver.ts";

const [SITES, SECONDS] = [1000, 60];

testWhen(
  await clusterMissing(),
  `${SITES} sites of an evening are held by three nodes on one machine`,
  async () => {
    const program = await compiled("x86_64");
    const report = await runInNamespaces<SitesReport>("./sites_driver.ts", program, SITES, SECONDS);
    console.log(report);
    const { evening, forwarders } = report;
    // What is answered for is what was due, but for the looks at either end.
    assert(evening.answeredPerSecond > evening.duePerSecond * 0.9, "the sites fall behind");
    assert(forwarders.every(({ sent, ownMb }) => sent > 0 && ownMb <= 100), "too much memory");
  },
);
