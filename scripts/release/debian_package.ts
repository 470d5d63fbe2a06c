/**
 * Makes a Debian package of an executable: the units that install.sh writes, the manual, completions, and the scripts of
 * `debian/` beside this file.
 *
 *     files under a folder -> md5sums, conffiles, control -> dpkg-deb
 *
 * The same files give the same bytes: times are those of the version's day in CHANGELOG.md.
 */

import { dirname, fromFileUrl } from "@std/path";
import { gzipSync } from "fflate";
import { bashCompletion } from "../../cli/completions/bash.ts";
import { fishCompletion } from "../../cli/completions/fish.ts";
import { zshCompletion } from "../../cli/completions/zsh.ts";
import { manual } from "../../cli/usage/manual.ts";
import { type ChangelogEntry, debianChangelog } from "./changelog.ts";
import { copyrightText } from "./copyright.ts";
import { run } from "./run.ts";

const PARTS = fromFileUrl(new URL("debian", import.meta.url));
const INSTALL_SH = fromFileUrl(new URL("../../install.sh", import.meta.url));
const UNITS = "usr/lib/systemd/system";
const DOC = "usr/share/doc/wifilogger";
/** Debian asks for an address of mail; the project has none. */
const MAINTAINER = "The wifilogger authors <wifilogger@localhost>";
/** Debian's names of the machines that `uname -m` names. */
export const ARCHITECTURES: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  x86_64: "amd64",
};

/** What a package is made of. */
export interface PackageContents {
  /** As `uname -m` names it. */
  readonly machine: string;
  /** Path of the program. */
  readonly executable: string;
  /** Path of its bill of materials. */
  readonly billOfMaterials: string;
  /** Those of the package's version and of versions before, the newest first. */
  readonly entries: readonly ChangelogEntry[];
  /** The folder of the packages in deno.lock. */
  readonly denoDir: string;
  /** Of dpkg-deb: `xz` takes a minute, `none` a second. @default "xz" */
  readonly compression?: "xz" | "none";
}

/** Makes the package in a folder. @returns its path @throws {Error} with what a tool said */
export async function makeDebianPackage(
  contents: PackageContents,
  folder: string,
): Promise<string> {
  const [{ version, date }] = contents.entries;
  const architecture = ARCHITECTURES[contents.machine];
  const path = `${folder}/wifilogger_${version}_${architecture}.deb`;
  const root = await Deno.makeTempDir({ dir: folder, prefix: ".package-" });
  try {
    await layFiles(contents, root);
    await layControl(version, architecture, root);
    const time = new Date(`${date}T00:00:00Z`);
    await settle(root, time);
    const compression = contents.compression ?? "xz";
    await run("dpkg-deb", {
      args: [
        ...["--build", "--root-owner-group", `-Z${compression}`, "--threads-max=2"],
        ...[root, path],
      ],
      env: { SOURCE_DATE_EPOCH: String(time.getTime() / 1000) },
    });
    return path;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function layFiles(contents: PackageContents, root: string): Promise<void> {
  const lay = (path: string, text: string | Uint8Array) => layFile(`${root}/${path}`, text);
  await lay("usr/bin/wifilogger", await Deno.readFile(contents.executable));
  await Deno.chmod(`${root}/usr/bin/wifilogger`, 0o755);
  await layUnits(`${root}/${UNITS}`);
  await lay("usr/lib/sysusers.d/wifilogger.conf", await part("wifilogger.sysusers"));
  await lay("usr/lib/tmpfiles.d/wifilogger.conf", await part("wifilogger.tmpfiles"));
  await lay("etc/wifilogger/env", await part("env"));
  await lay("usr/share/man/man1/wifilogger.1.gz", gzipped(manual()));
  await lay("usr/share/bash-completion/completions/wifilogger", bashCompletion());
  await lay("usr/share/zsh/vendor-completions/_wifilogger", zshCompletion());
  await lay("usr/share/fish/vendor_completions.d/wifilogger.fish", fishCompletion());
  const changelog = debianChangelog(contents.entries, MAINTAINER);
  await lay(`${DOC}/changelog.gz`, gzipped(changelog));
  await lay(`${DOC}/copyright`, await copyrightText(contents.denoDir));
  await lay(`${DOC}/wifilogger.cdx.json`, await Deno.readTextFile(contents.billOfMaterials));
  await lay("usr/share/lintian/overrides/wifilogger", await part("lintian-overrides"));
}

async function layUnits(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await run("sh", { args: [INSTALL_SH, "--units", folder] });
}

async function layControl(version: string, architecture: string, root: string): Promise<void> {
  const files = filesIn(root);
  const bytes = files.reduce((sum, file) => sum + Deno.statSync(file).size, 0);
  const control = (await part("control"))
    .replace("@VERSION@", version)
    .replace("@ARCHITECTURE@", architecture)
    .replace("@MAINTAINER@", MAINTAINER)
    .replace("@INSTALLED_SIZE@", String(Math.ceil(bytes / 1024)));
  const names = files.map((file) => file.slice(root.length + 1)).sort();
  const sums = await run("md5sum", { args: ["--", ...names], cwd: root });
  const conffiles = names.filter((name) => name.startsWith("etc/")).map((name) => `/${name}\n`);
  await layFile(`${root}/DEBIAN/control`, control);
  await layFile(`${root}/DEBIAN/md5sums`, sums);
  await layFile(`${root}/DEBIAN/conffiles`, conffiles.join(""));
  for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
    await layFile(`${root}/DEBIAN/${script}`, await part(script));
    await Deno.chmod(`${root}/DEBIAN/${script}`, 0o755);
  }
}

/** A file of the folder `debian`. */
async function part(name: string): Promise<string> {
  return await Deno.readTextFile(`${PARTS}/${name}`);
}

async function layFile(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
  await Deno.chmod(path, 0o644);
}

/** Gives everything its time and, whatever the umask is here, folders their mode. */
async function settle(path: string, time: Date): Promise<void> {
  if ((await Deno.stat(path)).isDirectory) {
    await Deno.chmod(path, 0o755);
    for (const { name } of Deno.readDirSync(path)) await settle(`${path}/${name}`, time);
  }
  await Deno.utime(path, time, time);
}

/** As `gzip -9n` does it: with no time inside. */
function gzipped(text: string): Uint8Array {
  return gzipSync(new TextEncoder().encode(text), { level: 9, mtime: 0 });
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : [path];
  });
}
