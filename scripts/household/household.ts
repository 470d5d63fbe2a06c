/**
 * A small household in private namespaces: three devices, a router on which programs such as the logger run,
 * and an Internet of a few servers. See `addresses.ts` for who is who, `network.ts` for the links.
 */

import { fromFileUrl } from "@std/path";
import { LAN, WAN } from "./addresses.ts";
import { layLan, layNetwork, type Machine } from "./network.ts";
import { NamespacesUnavailable, PrivateNamespaces, SCRATCH } from "./private_namespaces.ts";
import { type Outcome, Program, type ProgramOptions } from "./program.ts";
import { passed, type Traffic } from "./traffic.ts";

/** The household. It is gone, with all that runs in it, when disposed of or when this program ends. */
export class Household implements AsyncDisposable {
  readonly #namespaces: PrivateNamespaces;
  readonly #running = new Set<Promise<Outcome>>();

  private constructor(namespaces: PrivateNamespaces) {
    this.#namespaces = namespaces;
  }

  /** Makes it, links up, no program running. @throws {NamespacesUnavailable} */
  static async open(): Promise<Household> {
    checkVisible([beside("."), Deno.execPath(), denoEnv().DENO_DIR]);
    await fillCache();
    const namespaces = await PrivateNamespaces.open({ nameServer: LAN.router.ipv4 });
    const household = new Household(namespaces);
    try {
      await layNetwork(household.#runOn);
    } catch (cause) {
      await namespaces[Symbol.asyncDispose]();
      throw new NamespacesUnavailable((cause as Error).message, { cause });
    }
    return household;
  }

  /** Starts a program on a machine. Its HOME is a folder in memory unless `options.env` says otherwise. */
  start(machine: Machine, argv: readonly string[], options: ProgramOptions = {}): Program {
    return this.#kept(new Program(this.#spawn(machine, argv, "null", options.env), options));
  }

  /** Runs a program on a machine until it ends. */
  run(machine: Machine, argv: readonly string[], options?: ProgramOptions): Promise<Outcome> {
    return this.start(machine, argv, options).ended;
  }

  /**
   * Starts one of the rig's own programs, which lie beside this file, and shows what it complains about;
   * resolves once it is ready.
   *
   * @throws {Error} when it ends before
   */
  async startOwn(machine: Machine, script: string, ...args: string[]): Promise<Program> {
    const path = beside(script);
    const argv = [
      Deno.execPath(),
      "run",
      "-A",
      "--unstable-net",
      "--frozen",
      "--cached-only",
      path,
      ...args,
    ];
    const onErrorLine = (line: string) => console.error(`${script} on ${machine}: ${line}`);
    const program = this.start(machine, argv, { onErrorLine });
    await program.said("ready");
    return program;
  }

  /** Where this program finds a file that the household's machines, which share all files, call `path`. */
  path(path: string): string {
    return this.#namespaces.path(path);
  }

  /** Makes the LAN bridge anew after it was deleted. */
  async layLan(): Promise<void> {
    await layLan(this.#runOn);
  }

  /** What has passed the link to the Internet so far, both ways. */
  wanTraffic(): Traffic {
    return passed(this.path(`/sys/class/net/${WAN.interface}`));
  }

  /** The same, once nothing has passed for half a second: connections close after the programs that had them. */
  async settledWanTraffic(): Promise<Traffic> {
    const QUIET_MS = 500;
    for (let before = this.wanTraffic();;) {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const now = this.wanTraffic();
      if (now.packets === before.packets) return now;
      before = now;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namespaces[Symbol.asyncDispose]();
    await Promise.all(this.#running);
  }

  #kept(program: Program): Program {
    this.#running.add(program.ended);
    program.ended.finally(() => this.#running.delete(program.ended));
    return program;
  }

  #spawn(
    machine: Machine,
    argv: readonly string[],
    stdin: "null" | "piped",
    env: Record<string, string> = {},
  ): Deno.ChildProcess {
    const where = machine === "router" ? [] : ["ip", "netns", "exec", machine];
    return this.#namespaces.spawn([...where, ...argv], {
      stdin,
      stdout: "piped",
      stderr: "piped",
      env: { HOME: `${SCRATCH}/home`, ...denoEnv(), ...env },
    });
  }

  readonly #runOn = async (machine: Machine, argv: readonly string[], stdin: string) => {
    const child = this.#spawn(machine, argv, "piped");
    const program = this.#kept(new Program(child));
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
    const { code, stderr } = await program.ended;
    if (code !== 0) throw new Error(`${argv.join(" ")} on ${machine}: ${stderr.join(" ")}`);
  };
}

function beside(path: string): string {
  return fromFileUrl(new URL(path, import.meta.url));
}

/** What the programs need of the machine's own files must not be where the namespaces have theirs. */
function checkVisible(paths: readonly string[]): void {
  const hidden = paths.find((path) => /^\/(run|mnt)\//.test(path));
  if (hidden === undefined) return;
  throw new NamespacesUnavailable(
    `${hidden} is hidden in the household, which has a /run and a /mnt of its own. Move it elsewhere`,
  );
}

/** Gets what the programs import, because inside there is no Internet to get it from. */
async function fillCache(): Promise<void> {
  const programs = ["../../main.ts", "internet.ts", "name_server.ts", "device.ts"].map(beside);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--frozen", ...programs],
    env: { NO_COLOR: "1" },
    detached: true,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

/** Programs run by Deno share this one's cache: HOME differs, and there is no Internet to fill another from. */
function denoEnv(): Record<string, string> {
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  return { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" };
}
