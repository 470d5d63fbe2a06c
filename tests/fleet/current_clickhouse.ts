/** The current ClickHouse, in this process: chdb, which npm has with its engine (543 MB), kept in .tools. */

import { fromFileUrl, join } from "@std/path";
import { createRequire } from "node:module";

const TOOLS = fromFileUrl(new URL("../../.tools/chdb", import.meta.url));
const VERSION = "3.4.0";
/** The engine's version for this machine, which npm leaves out when it may not have those of all others. */
const ENGINE = Deno.build.arch === "x86_64"
  ? "@chdb/lib-linux-x64-gnu@26.7.3-stable.1"
  : "@chdb/lib-linux-arm64-gnu@26.7.3-stable.1";

interface Session {
  query(sql: string, format: string): string;
  cleanup(): void;
}

/** Asks a database in a folder of its own. */
export class CurrentClickHouse implements Disposable {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The answer's rows. @throws with ClickHouse's own words */
  rows(sql: string): Record<string, unknown>[] {
    const text = this.#session.query(sql.replace(/;\s*$/, ""), "JSONEachRow");
    return text.trim() === "" ? [] : text.trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Runs a file of statements, each ending in `;` at the end of a line. */
  run(statements: string): void {
    for (const statement of statementsOf(statements)) this.#session.query(statement, "JSONEachRow");
  }

  [Symbol.dispose](): void {
    this.#session.cleanup();
  }
}

/** The statements of a file, without comments. */
export function statementsOf(text: string): string[] {
  const code = text.split("\n").filter((line) => !line.startsWith("--")).join("\n");
  return code.split(/;\s*(?:\n|$)/).map((one) => one.trim()).filter((one) => one !== "");
}

/** A database, or why there is none. */
export async function currentClickHouse(): Promise<
  (() => CurrentClickHouse) | { missing: string }
> {
  try {
    await fetchChdb();
    const { Session } = createRequire(`${TOOLS}/`)("chdb");
    return () => new CurrentClickHouse(new Session());
  } catch (error) {
    return { missing: `npm's chdb cannot be had here: ${(error as Error).message.split("\n")[0]}` };
  }
}

async function fetchChdb(): Promise<void> {
  try {
    await Deno.stat(join(TOOLS, "node_modules/chdb/package.json"));
    return;
  } catch {
    await Deno.mkdir(TOOLS, { recursive: true });
  }
  const { success, stderr } = await new Deno.Command("npm", {
    args: [
      ...["install", "--prefix", TOOLS, "--no-audit", "--no-fund", "--loglevel=error"],
      ...[`chdb@${VERSION}`, ENGINE],
    ],
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
