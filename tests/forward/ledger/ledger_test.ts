/**
 * Everything the archive holds arrives, whatever dies on the way. The arguments are how many records, how many faults and
 * which seed; 10,000 and 10 by default, and the task `test:ledger` does 200,000 and 50.
 */

import { PrivateNamespaces } from "../../../scripts/household/private_namespaces.ts";
import { assert, assertEquals } from "../../assert.ts";
import { whyNoNamespaces } from "../../namespaces_missing.ts";
import { lacks, testWhen } from "../../skip.ts";
import type { LedgerReport } from "./ledger.ts";

const [records = 10_000, faults = 10, seed = Math.floor(Math.random() * 1e6)] = Deno.args
  .map(Number);
const openNamespaces = () => PrivateNamespaces.open({ nameServer: "127.0.0.1" });
const missing = lacks({ root: true, commands: ["mosquitto", "ip"] }) ??
  await whyNoNamespaces(openNamespaces);

async function runLedger(home: string): Promise<LedgerReport> {
  await using namespaces = await openNamespaces();
  const driver = new URL("./ledger.ts", import.meta.url).pathname;
  const child = namespaces.spawn([
    ...[Deno.execPath(), "run", "-A", "--no-check", "--frozen", driver],
    ...[home, records, faults, seed].map(String),
  ], { env: Deno.env.toObject(), stdin: "null", stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  if (Deno.args.length > 0) console.log(decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout).trim().split("\n").at(-1)!);
}

testWhen(
  missing,
  `all of ${records} records arrive in order, through ${faults} faults (seed ${seed})`,
  async () => {
    const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    await Deno.chmod(home, 0o755);
    try {
      const report = await runLedger(home);
      const { mqtt, http, ...rest } = report;
      for (const [receiver, verdict] of Object.entries({ mqtt, http })) {
        const { missing, unknown, outOfOrder, archived, arrived, duplicates } = verdict;
        console.log(
          `${receiver}: ${archived} archived, ${arrived} arrived, ${duplicates} of them again`,
        );
        const found = { missing: missing.slice(0, 3), unknown: unknown.slice(0, 3), outOfOrder };
        const nothing = { missing: [], unknown: [], outOfOrder: undefined };
        assertEquals(found, nothing, `${receiver}, seed ${seed}: ${JSON.stringify(rest)}`);
        assert(archived >= records, `${archived} records were written`);
      }
      console.log(JSON.stringify(rest));
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);
