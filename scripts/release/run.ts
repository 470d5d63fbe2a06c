/** Programs that a release is made with. */

/** How a program is run. */
export interface RunOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives what it printed. @throws {Error} with its last line when it fails or is missing */
export async function run(program: string, { args, cwd, env }: RunOptions): Promise<string> {
  const decoder = new TextDecoder();
  try {
    const command = new Deno.Command(program, { args: [...args], cwd, env, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    if (success) return decoder.decode(stdout);
    throw new Error(`${program} failed: ${decoder.decode(stderr).trim().split("\n").at(-1)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${program} is not installed. Run: sudo apt-get install ${packageOf(program)}`);
  }
}

function packageOf(program: string): string {
  return program === "dpkg-deb" ? "dpkg" : program;
}
