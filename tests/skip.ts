/**
 * Tests that can only run where the system has what they need. A test that cannot run is skipped
 * aloud: `scripts/test.ts` lists every skip with its reason and takes one without for a failure.
 */

/** Where to append one JSON line per skipped test; set by `scripts/test.ts`. */
const SKIP_REPORT = "TEST_SKIP_REPORT";

/** One line of the skip report. */
export interface Skip {
  name: string;
  reason: string;
}

/**
 * Registers a test that runs when `missing` is null, and is skipped for that reason otherwise.
 *
 * @example
 * ```ts
 * testWhen(lacks({ root: true, commands: ["tcpdump"] }), "capture sees a ping", async () => {});
 * ```
 */
export function testWhen(
  missing: string | null,
  name: string,
  fn: Deno.TestDefinition["fn"],
  options: Omit<Deno.TestDefinition, "name" | "fn" | "ignore"> = {},
): void {
  Deno.test({ ...options, name, fn, ignore: missing !== null });
  if (missing !== null) reportSkip({ name, reason: missing });
}

/** What a test needs of the system. */
export interface Needs {
  /** To be root. */
  root?: boolean;
  /** Programs on the PATH. */
  commands?: readonly string[];
}

/** Says what the system lacks of `needs`, as a reason for {@linkcode testWhen}; null when it has all. */
export function lacks(needs: Needs): string | null {
  const lacking = (needs.commands ?? [])
    .filter((command) => !isOnPath(command))
    .map((command) => `${command} is not installed`);
  if (needs.root && Deno.uid() !== 0) lacking.unshift("needs root");
  return lacking.length > 0 ? lacking.join(", ") : null;
}

function isOnPath(command: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${command}`).isFile;
    } catch {
      return false;
    }
  });
}

function reportSkip(skip: Skip): void {
  const report = Deno.env.get(SKIP_REPORT);
  if (report) Deno.writeTextFileSync(report, JSON.stringify(skip) + "\n", { append: true });
  else console.error(`skipped: ${skip.name}: ${skip.reason}`);
}
