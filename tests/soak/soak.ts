/**
 * Everything running, an hour of mixed traffic, and one fault after the other: `scripts/dev.sh test:soak [MINUTES] [SEED]
 * [KIND]...`. Every packet that the household sent is in the log, or a gap explains why not.
 */

import { PrivateNamespaces } from "../../scripts/household/private_namespaces.ts";
import { compiled } from "../appliance/compiled.ts";
import { lacks } from "../skip.ts";
import { KINDS } from "./faults.ts";

const [minutes = "60", seed = String(Math.floor(Math.random() * 1e6)), ...kinds] = Deno.args;

const unknown = kinds.find((kind) => !KINDS.some((one) => one === kind));
if (!(Number(minutes) > 0) || !/^\d+$/.test(seed) || unknown !== undefined) {
  const what = unknown === undefined
    ? "minutes and seed must be numbers"
    : `there is no '${unknown}'`;
  console.error(`soak: ${what}. Faults are: ${KINDS.join("; ")}`);
  Deno.exit(2);
}
const missing = lacks({
  root: true,
  commands: ["ip", "unshare", "nsenter", "faketime", "mkfs.ext4", "losetup"],
});
if (missing !== null) {
  console.error(`soak: cannot be run here: ${missing}`);
  Deno.exit(3);
}
const binary = await compiled(Deno.build.arch);
const folder = await Deno.makeTempDir({ prefix: "wifilogger_soak_" });
console.error(`seed ${seed}; what the programs say is in ${folder}`);
await using namespaces = await PrivateNamespaces.open({ nameServer: "127.0.0.1" });
const child = namespaces.spawn([
  ...[Deno.execPath(), "run", "-A", "--no-check", "--frozen", "--cached-only"],
  new URL("run.ts", import.meta.url).pathname,
  ...[folder, binary, minutes, seed, ...kinds],
], { env: Deno.env.toObject(), stdin: "null", stdout: "inherit", stderr: "inherit" });
const { code } = await child.status;
if (code === 0) await Deno.remove(folder, { recursive: true });
Deno.exitCode = code;
