/**
 * A NATS cluster by the files of contrib/fleet: TLS with a certificate a site, three nodes, of which some are killed under
 * load. Part of `scripts/dev.sh test:fleet`.
 */

import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { clusterMissing, runInNamespaces } from "./in_namespaces.ts";
import type { LossReport } from "./nats_loss.ts";

const [SITES, KILLS] = [20, 3];

testWhen(
  await clusterMissing(),
  `what three nodes answer for is never lost, though ${KILLS} of them are killed under load`,
  async () => {
    const report = await runInNamespaces<LossReport>("./nats_loss.ts", SITES, KILLS);
    console.log(report);
    assertEquals([report.lost, report.forged], [0, 0]);
    assert(report.leadersKilled > 0 && report.answered > KILLS * 1000);
  },
);
