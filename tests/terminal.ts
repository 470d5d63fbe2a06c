/** A program in a terminal of its own, by tmux: what stands on its screen, and keys for it. */

/** A running program and its screen; gone when disposed of. */
export interface TerminalProgram extends AsyncDisposable {
  /** The screen's lines without what is empty at their ends; with `colours` as a terminal would be told them. */
  screen(options?: { readonly colours?: boolean }): Promise<string>;
  /** Presses keys, by tmux's names for them: `q`, `Enter`, `C-c`. */
  press(...keys: string[]): Promise<void>;
  /** The process that the shell runs now. */
  pid(): Promise<number>;
  resize(columns: number, rows: number): Promise<void>;
  /** The screen, once it is as wanted. @throws {Error} with the screen when it does not become so */
  shows(isWanted: (screen: string) => boolean, what: string): Promise<string>;
}

/** How the terminal is. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

const DEADLINE_MS = 20_000;

/** Starts a shell's line in a terminal. */
export async function inTerminal(
  line: string,
  { columns, rows, env = {} }: TerminalOptions,
): Promise<TerminalProgram> {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_tmux_" });
  const tmux = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", `${folder}/socket`, "-f", "/dev/null", ...args],
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`tmux ${args[0]}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  };
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await tmux(
    ...["new-session", "-d", "-s", "s", "-x", String(columns), "-y", String(rows)],
    ...variables,
    line,
  );
  const screen = async ({ colours = false } = {}) => {
    const text = await tmux("capture-pane", "-p", ...(colours ? ["-e"] : []), "-t", "s");
    return text.split("\n").map((line) => line.trimEnd()).join("\n").trimEnd();
  };
  return {
    screen,
    press: async (...keys) => void await tmux("send-keys", "-t", "s", ...keys),
    async pid() {
      const shell = (await tmux("display-message", "-p", "-t", "s", "#{pane_pid}")).trim();
      return Number((await Deno.readTextFile(`/proc/${shell}/task/${shell}/children`)).trim());
    },
    resize: async (columns, rows) => {
      await tmux("resize-window", "-t", "s", "-x", String(columns), "-y", String(rows));
    },
    async shows(isWanted, what) {
      const deadline = performance.now() + DEADLINE_MS;
      for (;;) {
        const text = await screen();
        if (isWanted(text)) return text;
        if (performance.now() > deadline) throw new Error(`no ${what} on the screen:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
      await Deno.remove(folder, { recursive: true });
    },
  };
}
