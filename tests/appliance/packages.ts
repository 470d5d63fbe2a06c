/**
 * The Debian package as it is released: downloaded and installed by the README, over its life on Debian 12 and 13, and
 * before lintian. `scripts/dev.sh test:deb`
 */

import { assertEquals } from "../assert.ts";
import { lintianSays } from "../scripts/release/lintian.ts";
import { lacks, testWhen } from "../skip.ts";
import { packageOf } from "./debian_packages.ts";
import { testFirstLines } from "./first_lines.ts";
import { testPackageLife } from "./package_life.ts";

const SUITES = ["bookworm", "trixie"];

const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-packages-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
let released: Promise<string> | undefined;
/** The path of the package, compressed as it is released. */
const releasedPackage = () => released ??= packageOf(folder, { compression: "xz" });

for (const suite of SUITES) {
  await testFirstLines(suite, async () => {
    await releasedPackage();
    return folder;
  });
}
for (const suite of SUITES) await testPackageLife({ suite });

testWhen(lacks({ commands: ["lintian"] }), "lintian finds nothing in the package", async () => {
  assertEquals(await lintianSays(await releasedPackage()), []);
});
