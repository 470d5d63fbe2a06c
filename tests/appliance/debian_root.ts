/** Debian root folders like that of a fresh Pi, made once and kept in .tools: what the appliance is installed on. */

import { fromFileUrl } from "@std/path";

/** Where roots are kept, and what else takes long to make. */
export const CACHE = fromFileUrl(new URL("../../.tools/appliance", import.meta.url));
const PACKAGES = ["systemd", "systemd-sysv", "dbus", "sudo", "procps"];

/**
 * Run in the fresh root. Its user is `pi`, with settings of its own that make lines come promptly. libpcap is not
 * installed but lies in apt's cache, so that it can be installed with no network.
 */
const FURNISH = `set -eu
apt-get -qq --yes --download-only --no-install-recommends install libpcap0.8
useradd --create-home --shell /bin/bash pi
echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pi
echo pi >/etc/hostname
echo '127.0.0.1 localhost pi' >/etc/hosts
printf '# mine\\nWIFILOGGER_IDLE_TIMEOUT=1s\\nWIFILOGGER_ACTIVE_TIMEOUT=1s\\n' >/home/pi/.env
chmod 644 /home/pi/.env
chown pi: /home/pi/.env
`;

/** How a root differs from that of this machine's kind. */
export interface RootOptions {
  /** Debian's name of the release. @default "bookworm" */
  readonly suite?: string;
  /** Debian's name of another architecture. Its programs must run here, see `emulateArm64()`. */
  readonly architecture?: string;
  readonly packages?: readonly string[];
  /** Run before the packages are installed, as shell on this machine, with the root's folder as $1. @default nothing */
  readonly prepare?: string;
  /** More to run in the root, as shell. */
  readonly furnish?: string;
}

/**
 * The folder; nothing may be changed in it.
 *
 * @throws {Error} when it cannot be made, with mmdebstrap's last words
 */
export async function debianRoot(options: RootOptions = {}): Promise<string> {
  const args = [
    ...(options.architecture === undefined ? [] : [`--architectures=${options.architecture}`]),
    ...["--variant=minbase", "--skip=cleanup/apt"],
    `--include=${[...PACKAGES, ...options.packages ?? []].join(",")}`,
    ...(options.prepare === undefined ? [] : [`--essential-hook=${options.prepare}`]),
    '--customize-hook=chroot "$1" sh -c "$FURNISH"',
    options.suite ?? "bookworm",
  ];
  const furnish = FURNISH + (options.furnish ?? "");
  const folder = `${CACHE}/root-${await digest([...args, furnish])}`;
  if (await isThere(folder)) return folder;

  await Deno.mkdir(CACHE, { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: CACHE, prefix: "unfinished-" });
  try {
    await mmdebstrap([...args, unfinished], furnish);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    throw error;
  }
  return folder;
}

async function mmdebstrap(args: readonly string[], furnish: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("mmdebstrap", {
    args: [...args],
    env: { FURNISH: furnish },
    stdin: "null",
  }).output();
  if (success) return;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Error(lines.findLast((line) => line.startsWith("E:")) ?? lines.at(-1));
}

/** Twelve hex digits that stand for these texts. */
async function digest(texts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(texts));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 12);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
