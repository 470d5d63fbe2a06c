/**
 * A Debian machine with a real systemd, booted by systemd-nspawn in namespaces of its own:
 *
 *     unshare (network, mounts, processes) -> systemd-nspawn -> systemd of the machine
 *                      ve-pi ------------ veth ------------- host0
 *
 * What it writes goes to a folder above the Debian root; everything ends with the object, or with this program.
 */

import { eventually } from "../../scripts/household/eventually.ts";

/** How a command in the machine ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine's address, in a network with the outside. */
export const ADDRESS = "192.0.2.2";
export const OUTSIDE_ADDRESS = "192.0.2.1";
/** Somewhere in the Internet: the outside sends from here. */
export const REMOTE_ADDRESS = "203.0.113.1";

const FIRST_PROCESS = `set -eu
ip link set lo up
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$SCRATCH/root"
exec systemd-nspawn --quiet --boot --directory="$SCRATCH/root" --machine=pi --console=read-only \\
  --register=no --keep-unit --private-network --network-veth
`;

/** A booted machine. */
export class Machine implements AsyncDisposable {
  readonly #root: string;
  readonly #scratch: string;
  /** The outermost process of this boot. */
  #unshare!: Deno.ChildProcess;
  #leader = 0;

  private constructor(root: string, scratch: string) {
    this.#root = root;
    this.#scratch = scratch;
  }

  /** Boots one from a root folder, which stays as it is. Its network cable is not plugged in. */
  static async boot(root: string): Promise<Machine> {
    const scratch = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-machine-" });
    for (const name of ["upper", "work", "root"]) await Deno.mkdir(`${scratch}/${name}`);
    await Deno.chmod(`${scratch}/upper`, 0o755); // becomes the machine's root folder
    const machine = new Machine(root, scratch);
    try {
      await machine.#boot();
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #boot(): Promise<void> {
    this.#unshare = new Deno.Command("setpriv", {
      args: [
        ...["--pdeathsig", "KILL", "unshare"],
        ...["--net", "--mount", "--pid", "--fork", "--kill-child"],
        ...["sh", "-c", FIRST_PROCESS],
      ],
      env: { ROOT: this.#root, SCRATCH: this.#scratch },
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    await this.#untilBooted();
  }

  async #untilBooted(): Promise<void> {
    await eventually("a booted machine", async () => {
      const leader = onlyChild(onlyChild(this.#unshare.pid));
      if (leader === undefined) return false;
      this.#leader = leader;
      const { stdout } = await this.run("systemctl", "is-system-running");
      return ["running", "degraded"].includes(stdout.trim());
    });
  }

  /** Its first process, by the number that it has outside. */
  get leader(): number {
    return this.#leader;
  }

  /** A file of the machine as seen from here; its links must not be absolute. */
  path(file: string): string {
    return `/proc/${this.#leader}/root${file}`;
  }

  /** Runs a command in the machine, as root. */
  run(...argv: string[]): Promise<Outcome> {
    return this.#nsenter(this.#leader, ["--all", "--", ...argv]);
  }

  /** Runs a line of shell as the user pi, in its home folder. */
  runAsPi(script: string): Promise<Outcome> {
    return this.run("runuser", "--login", "pi", "--command", script);
  }

  /** Runs a command in the machine that must succeed, as root, and gives what it printed. @throws {Error} */
  async output(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...argv);
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout.trim();
  }

  /** Starts a program in the machine, as root, with its input and output open. */
  start(...argv: string[]): Deno.ChildProcess {
    return new Deno.Command("nsenter", {
      ...this.#enter(this.#leader, ["--all", "--", ...argv]),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
  }

  /** Runs ip(8) on the machine's network. */
  async ip(args: string): Promise<string> {
    return await this.#ip(this.#leader, args);
  }

  /** Plugs the cable in: addresses on both ends, and a default route. */
  async plug(): Promise<void> {
    const outside = onlyChild(this.#unshare.pid)!;
    const veth = (await this.#ip(outside, "-o link show type veth")).match(/(ve-\w+)@/)![1];
    await this.#ip(outside, `address replace ${REMOTE_ADDRESS}/32 dev ${veth}`);
    await this.#ip(outside, `address replace ${OUTSIDE_ADDRESS}/24 dev ${veth}`);
    await this.#ip(outside, `link set ${veth} up`);
    await this.#ip(this.#leader, `address replace ${ADDRESS}/24 dev host0`);
    await this.#ip(this.#leader, "link set host0 up");
    await this.#ip(this.#leader, `route replace default via ${OUTSIDE_ADDRESS}`);
  }

  async #ip(pid: number, args: string): Promise<string> {
    const { code, stdout, stderr } = await this.#nsenter(pid, ["--net", "ip", ...args.split(" ")]);
    if (code !== 0) throw new Error(`ip ${args}: ${stderr}`);
    return stdout;
  }

  /** Starts a program outside of the machine, at the other end of its cable. */
  startOutside(argv: readonly string[]): Deno.ChildProcess {
    const pid = onlyChild(this.#unshare.pid)!;
    return new Deno.Command("nsenter", {
      args: ["--target", String(pid), "--net", ...argv],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
  }

  /** Reboots it in order; the cable is not plugged in afterwards. */
  async reboot(): Promise<void> {
    await this.run("systemctl", "--no-block", "reboot");
    await this.#unshare.status; // systemd-nspawn leaves booting again to whoever started it
    await this.#boot();
  }

  #enter(pid: number, args: readonly string[]): Deno.CommandOptions {
    return {
      args: ["--target", String(pid), ...args],
      clearEnv: true, // what is set for Deno here is nothing to the machine
      env: { HOME: "/root", PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    };
  }

  async #nsenter(pid: number, args: readonly string[]): Promise<Outcome> {
    const { code, stdout, stderr } = await new Deno.Command("nsenter", {
      ...this.#enter(pid, args),
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Cuts its power. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#unshare.kill("SIGKILL");
    } catch {
      // It has ended of itself.
    }
    await this.#unshare.status;
    // Its mounts end with its last process, a moment later.
    await eventually("the machine's end", async () => {
      try {
        await Deno.remove(this.#scratch, { recursive: true });
        return true;
      } catch {
        return false;
      }
    });
  }
}

function onlyChild(pid: number | undefined): number | undefined {
  try {
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    return children === "" ? undefined : Number(children.trim().split(" ")[0]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
