/**
 * One private set of Linux namespaces (network, mounts, processes), made by `unshare` and entered by `nsenter`.
 *
 * Cleaning up is left to the kernel. The set's first process waits for the end of a pipe whose other end only
 * this program holds. However this program ends, the pipe ends; that process then exits, and the kernel kills
 * whatever else runs in the set and drops its mounts, files and interfaces, which nothing outside ever saw.
 */

/** The private namespaces cannot be had here; the message says in one line what is missing. */
export class NamespacesUnavailable extends Error {
  override name = "NamespacesUnavailable";
}

/**
 * Run by the first process of the set. The outer /proc is still mounted when it asks for its own number, which
 * is therefore the one the outside knows it by. The machine's resolv.conf may be a link into /run, which is
 * about to be hidden; what it points to is then made anew.
 */
const FIRST_PROCESS = `
set -eu
read -r pid rest </proc/self/stat
resolv_conf=$(readlink -m /etc/resolv.conf)
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mkdir -p /run/netns "$SCRATCH" "\${resolv_conf%/*}"
echo "nameserver $NAME_SERVER" >"$SCRATCH/resolv.conf"
case $resolv_conf in /run/*) : >"$resolv_conf" ;; esac
mount --bind "$SCRATCH/resolv.conf" "$resolv_conf"
echo "$pid"
exec cat
`;

/** What the rig runs on the real machine, and the Debian packages it is in. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: "iproute2",
  unshare: "util-linux",
  nsenter: "util-linux",
};

/** A folder inside the set, in memory, for whatever runs there. */
export const SCRATCH = "/run/household";

/** A private set of namespaces, which ends with the object or with this program, whichever is first. */
export class PrivateNamespaces implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;
  readonly #pid: string;
  #isOpen = true;

  private constructor(holder: Deno.ChildProcess, pid: string) {
    this.#holder = holder;
    this.#pid = pid;
  }

  /**
   * Makes a set whose network namespace holds nothing but a loopback interface that is down, whose /run and
   * /mnt are empty, and whose resolv.conf names `nameServer`. As root, or with the kernel's leave as a root
   * that is one only inside the set.
   *
   * @throws {NamespacesUnavailable} not Linux, a tool is missing, or the kernel refuses
   */
  static async open(options: { nameServer: string }): Promise<PrivateNamespaces> {
    if (Deno.build.os !== "linux") {
      throw new NamespacesUnavailable(`${Deno.build.os} has no network namespaces. Use Linux`);
    }
    for (const program of Object.keys(PACKAGES)) {
      await start(program, { args: ["-V"], stdout: "null" }).status;
    }
    const holder = start("unshare", {
      args: [
        ...(Deno.uid() === 0 ? [] : ["--user", "--map-root-user"]),
        ...["--net", "--mount", "--pid", "--fork", "--kill-child"],
        ...["sh", "-c", FIRST_PROCESS],
      ],
      env: { SCRATCH, NAME_SERVER: options.nameServer },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    const pid = await firstLine(holder.stdout);
    if (pid === undefined) {
      const [stderr] = await Promise.all([new Response(holder.stderr).text(), holder.status]);
      throw new NamespacesUnavailable(
        `cannot make private namespaces: ${stderr.trim()}. Run it as root, or allow user namespaces`,
      );
    }
    return new PrivateNamespaces(holder, pid);
  }

  /**
   * Starts a program in the set, with these variables as its whole environment and PATH as it is here.
   *
   * The process returned is `nsenter`, whose only child is the program and whose exit code is the program's.
   *
   * @throws {Error} once the set has ended, when its first process's number may be another's
   */
  spawn(argv: readonly string[], options: Deno.CommandOptions): Deno.ChildProcess {
    if (!this.#isOpen) throw new Error(`cannot run ${argv[0]}: its namespaces have ended`);
    return start("nsenter", {
      ...options,
      args: [
        ...["--target", this.#pid, "--net", "--mount", "--pid"],
        ...(Deno.uid() === 0 ? [] : ["--user", "--preserve-credentials"]),
        "--",
        ...argv,
      ],
    });
  }

  /** Where this program finds a file that the set calls `path`. */
  path(path: string): string {
    return `/proc/${this.#pid}/root${path}`;
  }

  /** Ends the set; resolves when its last process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    await this.#holder.stdin.close().catch(() => {});
    await this.#holder.stderr.cancel();
    await this.#holder.status;
  }
}

/** Detached, so that a Ctrl-C reaches this program alone, which then ends them all by ending the set. */
function start(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  // Who is not root may have no sbin in PATH, and `ip` lives there.
  const env = { PATH: `${Deno.env.get("PATH")}:/usr/sbin:/sbin`, ...options.env };
  try {
    return new Deno.Command(program, { ...options, clearEnv: true, env, detached: true }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new NamespacesUnavailable(`${program} is missing. Install ${PACKAGES[program]}`, {
      cause,
    });
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}
