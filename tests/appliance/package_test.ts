/** The Debian package on Debian 12; package_trixie.ts has Debian 13 and lintian. */

import { testPackageLife } from "./package_life.ts";

await testPackageLife({ suite: "bookworm" });
