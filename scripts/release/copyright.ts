/** Debian's copyright file: the project's licence, those of the data inside, and those of each package that is embedded. */

import { LICENCES } from "../../service/program/licences.ts";
import { embeddedPackages, manifestOf } from "../unneeded_packages.ts";

const FORMAT = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/";
/** MIT, as `LICENSE` of the Deno project has it. */
const DENO = "2018-2026 the Deno authors";

/** In the machine-readable format 1.0. `denoDir`: Deno's cache folder. */
export async function copyrightText(denoDir: string): Promise<string> {
  const own = await Deno.readTextFile("LICENSE");
  const stanzas = [
    `Format: ${FORMAT}\nUpstream-Name: wifilogger`,
    stanza("*", holders(own), "MIT", own.split("\n").slice(4).join("\n")),
    `Files: usr/bin/wifilogger\nCopyright: ${DENO}\nLicense: MIT\nComment:\n` +
    folded(`The runtime that the program begins with is Deno's. ${"\n\n"}${LICENCES}`),
  ];
  const packages = await embeddedPackages(denoDir);
  for (const [folder, { name, version }] of packages) {
    const { license = "unknown", author } = manifestOf(folder);
    const text = licenceFile(folder);
    const author_ = typeof author === "string" ? author : author?.name;
    const holder = text === undefined ? author_ ?? `the authors of ${name}` : holders(text);
    stanzas.push(
      stanza(
        `npm/${name}-${version}/*`,
        holder,
        `${license}-${name.replace("/", "-")}`,
        text ?? license,
      ),
    );
  }
  return stanzas.join("\n\n") + "\n";
}

function stanza(files: string, copyright: string, license: string, text: string): string {
  return `Files: ${files}\nCopyright: ${copyright}\nLicense: ${license}\n${folded(text)}`;
}

/** Who says "Copyright" in a licence. */
function holders(text: string): string {
  const lines = text.split("\n").filter((line) =>
    /^\W*copyright\b.*\d{4}|^\W*copyright \(c\)/i.test(line)
  )
    .map((line) => line.replace(/^\W*copyright:?\s*(\(c\)|©)?\s*/i, "").trim());
  return lines.length === 0 ? "see the licence" : lines.join("\n ");
}

/** As the continuation of a field. */
function folded(text: string): string {
  return text.trim().split("\n").map((line) => line.trim() === "" ? " ." : ` ${line.trimEnd()}`)
    .join("\n");
}

function licenceFile(folder: string): string | undefined {
  const name = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .find((name) => /^licen[cs]e(\.\w+)?$/i.test(name));
  return name === undefined ? undefined : Deno.readTextFileSync(`${folder}/${name}`);
}
