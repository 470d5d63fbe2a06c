/** Runs the program as its user would: `main.ts` in a process of its own. */

import { fromFileUrl } from "@std/path";
import project from "../deno.json" with { type: "json" };

const MAIN = fromFileUrl(new URL("../main.ts", import.meta.url));

/**
 * The program and its first arguments; what follows them is its own. It gets the permissions that
 * `scripts/dev.sh start` gives it.
 */
export const PROGRAM: readonly string[] = [
  Deno.execPath(),
  ...project.tasks.start.command.replace(/^deno | main\.ts run$/g, "").split(" "),
  MAIN,
];

/** What a run gave. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `wifilogger ARGS` to its end. */
export async function wifilogger(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly stdin?: Uint8Array } = {},
): Promise<Outcome> {
  const [program, ...first] = PROGRAM;
  const child = new Deno.Command(program, {
    args: [...first, ...args],
    env: { NO_COLOR: "1", ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = options.stdin === undefined ? undefined : writeAndClose(child, options.stdin);
  const { code, stdout, stderr } = await child.output();
  await written;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function writeAndClose(child: Deno.ChildProcess, bytes: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended without reading everything; what it said of that is in its output.
  }
}
