/**
 * A NATS cluster by the files of contrib/fleet: TLS with a certificate a site, three nodes, of which some are killed under
 * load. Part of `scripts/dev.sh test:fleet`.
 */

import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { clusterMissing, runInNamespaces } from "./in_namespaces.ts";
import type { LossReport } from "./nats_loss.ts";
import type { UsersReport } from "./nats_users.ts";

const [SITES, KILLS] = [20, 3];

const missing = await clusterMissing();

testWhen(
  missing,
  `what three nodes answer for is never lost, though ${KILLS} of them are killed under load`,
  async () => {
    const report = await runInNamespaces<LossReport>("./nats_loss.ts", SITES, KILLS);
    console.log(report);
    assertEquals([report.lost, report.forged], [0, 0]);
    assert(report.leadersKilled > 0 && report.answered > KILLS * 1000);
  },
);

testWhen(missing, "a node knows 100,000 sites", async () => {
  const report = await runInNamespaces<UsersReport>("./nats_users.ts", 100_000);
  console.log(report);
  assert(report.startSeconds < 60);
});
