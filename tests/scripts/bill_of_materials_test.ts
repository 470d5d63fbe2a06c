/** The bill of materials: in CycloneDX's form, and true of the executable. */

import { Ajv } from "ajv";
import cyclonedx from "@cyclonedx/cyclonedx-library/package.json" with { type: "json" };
import { dirname, fromFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { sha256Hex } from "../../scripts/runtime_base.ts";
import { elfEnd } from "../../system/files/elf_end.ts";
import { lockedPackages } from "../../scripts/unneeded_packages.ts";
import { compiled } from "../appliance/compiled.ts";
import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import { whyNoRuntimeBase } from "./runtime_base_missing.ts";

/** The part of a bill that is read here. */
interface Bill {
  metadata: { component: { version: string; hashes: { content: string }[] } };
  components: {
    type: string;
    name: string;
    version: string;
    "bom-ref": string;
    licenses: unknown;
  }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const SCHEMAS = dirname(fromFileUrl(import.meta.resolve(`${cyclonedx.name}/package.json`))) +
  "/res/schema";

async function schema(name: string) {
  return JSON.parse(await Deno.readTextFile(`${SCHEMAS}/${name}.SNAPSHOT.schema.json`));
}

/** What CycloneDX 1.6 finds wrong with a bill. */
async function faultsOf(bill: unknown): Promise<unknown> {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const name of ["spdx", "jsf-0.82"]) {
    ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(await schema("bom-1.6"));
  return validate(bill) ? null : validate.errors;
}

testWhen(await whyNoRuntimeBase(), "an executable's bill of materials", async (t) => {
  const path = await compiled(Deno.build.arch);
  const program = await Deno.readFile(path);
  const bill: Bill = JSON.parse(await Deno.readTextFile(`${path}.cdx.json`));
  const libraries = bill.components.filter(({ type }) => type === "library");

  await t.step("has the form of CycloneDX 1.6", async () => {
    assertEquals(await faultsOf(bill), null);
    const wrong = { ...bill, components: [{ type: "library" }] };
    assert(await faultsOf(wrong) !== null, "the schema finds a component without a name");
  });

  await t.step("is of this executable", async () => {
    const { version, hashes } = bill.metadata.component;
    assertEquals([version, hashes[0].content], [config.version, await sha256Hex(program)]);
  });

  await t.step("names the packages that are embedded, and no others", async () => {
    const decoder = new TextDecoder("latin1");
    const text = decoder.decode(program.subarray(elfEnd(program)));
    const named = libraries.map(({ name, version }) => `${name}@${version}`).sort();
    const embedded: string[] = [];
    const all = await lockedPackages(Deno.env.get("DENO_DIR")!);
    for (const [folder, { name, version }] of Object.entries(all)) {
      // Of a package that is embedded, package.json is too, as it is.
      const manifest = decoder.decode(await Deno.readFile(`${folder}/package.json`));
      if (text.includes(manifest)) embedded.push(`${name}@${version}`);
    }
    // Pages and documents are one script each by now, in which no file of a package is as it was.
    const inPages = named.filter((id) => /^(preact|preact-render-to-string|uplot)@/.test(id));
    assertEquals(inPages.length, 3);
    assertEquals(named, [...embedded, ...inPages].sort());
    assert(named.length > 20 && named.length < Object.keys(all).length);
  });

  await t.step("leads from the program to every component, and names its licence", () => {
    const dependsOn = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set(["wifilogger"]);
    for (const ref of reached) for (const next of dependsOn.get(ref) ?? []) reached.add(next);
    for (const component of bill.components) {
      assert(reached.has(component["bom-ref"]), component["bom-ref"]);
      assert(component.licenses !== undefined, component["bom-ref"]);
    }
  });
});
