/** The Debian package as it is released: on Debian 12 and 13, and before lintian. `scripts/dev.sh test:deb` */

import { assertEquals } from "../assert.ts";
import { lintianSays } from "../scripts/release/lintian.ts";
import { lacks, testWhen } from "../skip.ts";
import { packageOf } from "./debian_packages.ts";
import { testPackageLife } from "./package_life.ts";

await testPackageLife({ suite: "bookworm" });
await testPackageLife({ suite: "trixie" });

testWhen(lacks({ commands: ["lintian"] }), "lintian finds nothing in the package", async () => {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-packages-" });
  try {
    assertEquals(await lintianSays(await packageOf(folder, { compression: "xz" })), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
