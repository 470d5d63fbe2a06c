/** The Debian package around a small program; tests/appliance/packages.ts installs the real one. */

import { fromFileUrl } from "@std/path";
import config from "../../../deno.json" with { type: "json" };
import { changelogEntries } from "../../../scripts/release/changelog.ts";
import { ARCHITECTURES, makeDebianPackage } from "../../../scripts/release/debian_package.ts";
import { run } from "../../../scripts/release/run.ts";
import { sha256Hex } from "../../../scripts/runtime_base.ts";
import { SANDBOX } from "../../../service/doctor/sandbox.ts";
import { directivesIn } from "../../../service/settings/installed_service.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { lintianSays } from "./lintian.ts";

const CHANGELOG = fromFileUrl(new URL("../../../CHANGELOG.md", import.meta.url));
/** The smallest program that Debian takes for one. */
const PROGRAM = "/bin/true";
const missing = lacks({ commands: ["dpkg-deb", "md5sum"] });

/** Has a package made and unpacked, and removes both afterwards. */
async function withPackage(
  { machine = Deno.build.arch, umask = 0o022 }: { machine?: string; umask?: number },
  body: (path: string, files: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-package-" });
  const umaskBefore = Deno.umask(umask);
  try {
    const billOfMaterials = `${folder}/bill`;
    await Deno.writeTextFile(billOfMaterials, "{}\n");
    const path = await makeDebianPackage({
      machine,
      executable: PROGRAM,
      billOfMaterials,
      entries: changelogEntries(await Deno.readTextFile(CHANGELOG)),
      denoDir: Deno.env.get("DENO_DIR")!,
      compression: "none",
    }, folder);
    await run("dpkg-deb", { args: ["--extract", path, `${folder}/files`] });
    await body(path, `${folder}/files`);
  } finally {
    Deno.umask(umaskBefore);
    await Deno.remove(folder, { recursive: true });
  }
}

testWhen(missing, "a package has the version of deno.json, and each machine its name", async () => {
  for (const [machine, architecture] of Object.entries(ARCHITECTURES)) {
    await withPackage({ machine }, async (path) => {
      assertMatch(path, new RegExp(`/wifilogger_${config.version}_${architecture}\\.deb$`));
      const args = ["--showformat=${Version} ${Architecture} ${Depends}", "--show", path];
      const shown = await run("dpkg-deb", { args });
      assertMatch(shown, new RegExp(`^${config.version} ${architecture} .*libpcap0\\.8 `));
    });
  }
});

testWhen(missing, "a package has manual, completions and settings, all of root's", async () => {
  await withPackage({ umask: 0o077 }, async (path) => {
    const listing = await run("dpkg-deb", { args: ["--contents", path] });
    const lines = listing.trim().split("\n").map((line) => line.split(/\s+/));
    for (const [mode, owner, , , , name] of lines) {
      assertEquals(owner, "root/root", name);
      assertMatch(
        `${mode} ${name}`,
        /^(d(rwx|r-x){3}|drwxr-xr-x|-rw-r--r--|-rwxr-xr-x \.\/usr\/bin\/)/,
      );
    }
    const names = lines.map(([, , , , , name]) => name.slice(1));
    for (
      const name of [
        "/usr/bin/wifilogger",
        "/usr/lib/sysusers.d/wifilogger.conf",
        "/usr/lib/tmpfiles.d/wifilogger.conf",
        "/usr/share/man/man1/wifilogger.1.gz",
        "/usr/share/bash-completion/completions/wifilogger",
        "/usr/share/zsh/vendor-completions/_wifilogger",
        "/usr/share/fish/vendor_completions.d/wifilogger.fish",
        "/usr/share/doc/wifilogger/changelog.gz",
      ]
    ) assert(names.includes(name), name);
    const conffiles = await run("dpkg-deb", { args: ["--info", path, "conffiles"] });
    assertEquals(conffiles, "/etc/wifilogger/env\n");
  });
});

testWhen(
  missing,
  "the units are those of install.sh, for the package's paths and user",
  async () => {
    await withPackage({}, async (path, files) => {
      const units = `${files}/usr/lib/systemd/system`;
      const kept = directivesIn(await Deno.readTextFile(`${units}/wifilogger.service`));
      for (const { key, value } of SANDBOX) {
        assert(kept.some((one) => one.key === key && one.value === value), `${key}=${value}`);
      }
      assertEquals(kept.find(({ key }) => key === "ExecStart")?.value, "/usr/bin/wifilogger run");
      const there = [...Deno.readDirSync(units)].map(({ name }) => name);
      for (const name of there) {
        const text = await Deno.readTextFile(`${units}/${name}`);
        assertMatch(text, /^# Part of the package wifilogger/);
        assertEquals(/\/usr\/local|X-Install|\/home\//.exec(text), null, name);
        const users = directivesIn(text).filter(({ key }) => key === "User");
        assert(users.every(({ value }) => value === "wifilogger"), name);
      }
      const scripts = await Promise.all(
        ["postinst", "prerm", "postrm"].map((script) =>
          run("dpkg-deb", { args: ["--info", path, script] })
        ),
      );
      const named = new Set(
        scripts.join("\n").match(
          /(?<!-)\b(mnt|wifilogger)[a-z-]*\.(service|timer|mount|socket)\b/g,
        ),
      );
      assertEquals([...named].sort(), there.sort());
    });
  },
);

testWhen(missing, "the same files give the same package, whenever it is made", async () => {
  const sums = new Set<string>();
  for (const umask of [0o022, 0o077]) {
    await withPackage({ umask }, async (path) => {
      sums.add(await sha256Hex(await Deno.readFile(path)));
    });
  }
  assertEquals(sums.size, 1);
});

testWhen(missing, "the copyright file names what is embedded, with its licence", async () => {
  await withPackage({}, async (_path, files) => {
    const text = await Deno.readTextFile(`${files}/usr/share/doc/wifilogger/copyright`);
    for (const name of ["mqtt", "nodemailer", "tldts", "ipaddr.js"]) {
      assertStringIncludes(text, `Files: npm/${name}-`);
    }
    assertEquals(/License: unknown/.exec(text), null);
    assertEquals(/npm\/(fast-check|typescript)/.exec(text), null, "used by tests alone");
  });
});

testWhen(
  missing ?? lacks({ commands: ["lintian"] }),
  "lintian finds nothing but that the package is not compressed here",
  async () => {
    await withPackage({}, async (path) => {
      const tags = [
        "uses-no-compression-for-control-tarball",
        "uses-no-compression-for-data-tarball",
        // What is said of the real program differs.
        "hardening-no-bindnow",
      ];
      const said = await lintianSays(path, `--suppress-tags=${tags.join(",")}`);
      const ofProgram = /unused-override (embedded-library|spelling-error-in-binary|binary-has-)/;
      assertEquals(said.filter((line) => !ofProgram.test(line)), []);
    });
  },
);
