/** A program that is kept running as its systemd unit keeps it: started again after it has ended. */

/** What is run. */
export interface ServiceOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes all that it says. */
  readonly logPath: string;
  /** `RestartSec=` of its unit. */
  readonly restartMs: number;
  /** `ExecStopPost=` of its unit, when it has not ended by itself in order. */
  readonly afterKill?: readonly string[];
}

/** The program, again and again until `stop()`. */
export class Service {
  /** How often it was started. */
  lives = 0;
  readonly #options: ServiceOptions;
  readonly #log: Deno.FsFile;
  #child: Deno.ChildProcess | undefined;
  /** Variables of its next life, besides. */
  #more: Readonly<Record<string, string>> = {};
  #isStopping = false;
  #waitMs = 0;
  #running: Promise<void>;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#log = Deno.openSync(options.logPath, { create: true, append: true });
    this.#running = this.#run();
  }

  /** The number of its process now; `undefined` between two lives. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  kill(): void {
    this.#waitMs = this.#options.restartMs;
    this.#child?.kill("SIGKILL");
  }

  /** Ends it in order and starts it anew, with these variables besides. */
  restart(more: Readonly<Record<string, string>> = {}): void {
    this.#more = more;
    this.#waitMs = 0;
    this.#terminate();
  }

  /** Ends it in order, for good. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#terminate();
    await this.#running;
  }

  #terminate(): void {
    this.#child?.kill("SIGTERM");
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const { argv, env, afterKill } = this.#options;
      this.lives++;
      this.#waitMs = this.#options.restartMs;
      this.#child = this.#spawn(argv, { ...env, ...this.#more });
      const { success, code, signal } = await this.#ended(this.#child);
      this.#child = undefined;
      this.#say(`--- ended with ${signal ?? code}`);
      if (!success && afterKill !== undefined) await this.#ended(this.#spawn(afterKill, env));
      if (!this.#isStopping) await new Promise((resolve) => setTimeout(resolve, this.#waitMs));
    }
  }

  #spawn([program, ...args]: readonly string[], env: Readonly<Record<string, string>>) {
    return new Deno.Command(program, { args, env, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
  }

  async #ended(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
    const read = async (stream: ReadableStream<Uint8Array>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.#say(text.trimEnd());
      }
    };
    await Promise.all([read(child.stdout), read(child.stderr)]);
    return await child.status;
  }

  #say(text: string): void {
    this.#log.writeSync(new TextEncoder().encode(`${new Date().toISOString()} ${text}\n`));
  }
}
