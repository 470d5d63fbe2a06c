/**
 * A source as it is embedded: JavaScript without types and comments.
 *
 * Of a TypeScript file Deno embeds the text, what it makes of it, and a map between the two; and it
 * reads all that is embedded into memory. Of JavaScript it embeds the text alone.
 */

import ts from "typescript";

/** The name of the file that is embedded in place of a source. */
export function plainName(name: string): string {
  return name.replace(/(?<!\.d)\.ts$/, ".js");
}

/** The JavaScript of a TypeScript source, which imports JavaScript, too. @throws {Error} when it cannot be read */
export function plainSource(name: string, text: string): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(text, {
    fileName: name,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      isolatedModules: true,
      removeComments: true,
    },
  });
  if (diagnostics.length > 0) {
    throw new Error(
      `${name}: ${ts.flattenDiagnosticMessageText(diagnostics[0].messageText, "\n")}`,
    );
  }
  return outputText.replace(SOURCE_PATH, (path) => path.replace(/\.ts"$/, '.js"'));
}

/** A relative path of a source, in an import or in a URL beside `import.meta.url`. */
const SOURCE_PATH = /(?<=(?:\bfrom |\bimport |\bimport\(|\bnew URL\())"\.{1,2}\/[^"\n]+\.ts"/g;
