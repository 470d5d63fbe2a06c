/** A machine beside a booted one: a network namespace of its own, and the programs of this machine. */

/** What has a network, and a process in it. */
export interface Networked {
  /** The number of a process, as it is here. */
  readonly leader: number;
}

/** A network that ends, with what runs in it, with the object or with this program. */
export class Neighbour implements Networked, AsyncDisposable {
  readonly #first: Deno.ChildProcess;
  readonly #others: Deno.ChildProcess[] = [];

  private constructor(first: Deno.ChildProcess) {
    this.#first = first;
  }

  static async open(): Promise<Neighbour> {
    const script = "ip link set lo up && echo && exec cat";
    const first = new Deno.Command("setpriv", {
      args: ["--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", script],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = first.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    return new Neighbour(first);
  }

  get leader(): number {
    return this.#first.pid;
  }

  /** Lays a cable from a new interface here to a new one of another. Both are up. */
  async cable(here: string, other: Networked, there: string): Promise<void> {
    await this.sh(`ip link add ${here} type veth peer name ${there} netns ${other.leader}
      ip link set ${here} up`);
    await this.#output(["nsenter", ...networkOf(other), "ip", "link", "set", there, "up"]);
  }

  /** Runs shell, which must succeed, and gives what it printed. @throws {Error} */
  async sh(script: string): Promise<string> {
    return await this.#output(["nsenter", ...networkOf(this), "sh", "-euc", script]);
  }

  /** Starts a program that runs until the end. */
  start(...argv: string[]): void {
    const child = new Deno.Command("setpriv", {
      args: ["--pdeathsig", "KILL", "nsenter", ...networkOf(this), ...argv],
      stdin: "null",
    }).spawn();
    this.#others.push(child);
  }

  async #output([program, ...args]: string[]): Promise<string> {
    const command = new Deno.Command(program, { args, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout);
    throw new Error(`${args.at(-1)}: ${decoder.decode(stderr)}${decoder.decode(stdout)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#others) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended of itself.
      }
      await child.status;
    }
    await this.#first.stdin.close();
    await this.#first.stdout.cancel();
    await this.#first.status;
  }
}

function networkOf({ leader }: Networked): string[] {
  return ["--target", String(leader), "--net"];
}
