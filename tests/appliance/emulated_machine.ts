/**
 * An arm64 machine with a kernel of its own, emulated by qemu, and a root shell on its serial line. Its disk is a file
 * that outlives it: what is on it after a power cut is what the machine had written through.
 */

import { CACHE, debianRoot } from "./debian_root.ts";

const BINFMT = "/proc/sys/fs/binfmt_misc";
/** binfmt_misc of the kernel's documentation: name, magic and mask of an arm64 ELF file; F opens the emulator now. */
const ARM64_FORMAT = String.raw`:qemu-aarch64:M::` +
  String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:` +
  String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:` +
  `/usr/bin/qemu-aarch64-static:F`;
const PACKAGES = ["udev", "iproute2"];
/** Without it the initrd has every module that any machine might need: looking for them takes many minutes here. */
const PREPARE = `
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/hooks"
echo MODULES=list >"$1/etc/initramfs-tools/conf.d/disk"
cat >"$1/etc/initramfs-tools/hooks/disk" <<'END'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
for module in virtio_pci virtio_blk ext4; do force_load $module; done
END
chmod 755 "$1/etc/initramfs-tools/hooks/disk"
`;
const FURNISH = `
mkdir -p /etc/systemd/system/serial-getty@ttyAMA0.service.d
printf '[Service]\\nExecStart=\\nExecStart=-/sbin/agetty --autologin root --keep-baud 115200 %%I dumb\\n' \\
  >/etc/systemd/system/serial-getty@ttyAMA0.service.d/autologin.conf
`;
const DISK_SIZE = "3G";
const BOOT_LIMIT_MS = 600_000;
const COMMAND_LIMIT_MS = 400_000;

/** What a machine has beside a shell, a network and the program's files. */
export interface Furniture {
  readonly packages: readonly string[];
  /** More to run in the root, as shell. */
  readonly furnish?: string;
}

/** A machine with a kernel for virtual ones, and a clock that can be set. */
export const PLAIN: Furniture = { packages: ["linux-image-cloud-arm64", "chrony"] };

/** What a machine is made of. */
export interface Hardware {
  /** @default 1024 */
  readonly memoryMiB?: number;
  /** @default 2 */
  readonly cores?: number;
  /** As qemu names it. @default "cortex-a72" */
  readonly cpu?: string;
}

/** A disk and what boots from it. */
export interface Disk {
  readonly path: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** Makes arm64 programs run on this machine, until it is switched off. */
export async function emulateArm64(): Promise<void> {
  const names = [...Deno.readDirSync(BINFMT)].map(({ name }) => name);
  if (names.length === 0) await tool("mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT);
  if (!names.includes("qemu-aarch64")) {
    await Deno.writeTextFile(`${BINFMT}/register`, ARM64_FORMAT, { create: false });
  }
}

/** A disk of a fresh Debian, with some files in /home/pi. The caller removes it. */
export async function makeDisk(
  path: string,
  files: readonly string[],
  { packages, furnish = "" }: Furniture = PLAIN,
): Promise<Disk> {
  const root = await debianRoot({
    architecture: "arm64",
    packages: [...PACKAGES, ...packages],
    prepare: PREPARE,
    furnish: FURNISH + furnish,
  });
  const boot = (prefix: string) => {
    const file = [...Deno.readDirSync(`${root}/boot`)].find(({ name }) => name.startsWith(prefix));
    return `${root}/boot/${file!.name}`;
  };
  await tool("mke2fs", "-q", "-t", "ext4", "-d", root, path, DISK_SIZE);
  const disk = { path, kernel: boot("vmlinuz-"), initrd: boot("initrd.img-") };
  await putFiles(disk, files, "/home/pi");
  return disk;
}

/** Puts files into a folder that is there, on a disk that no machine uses. */
export async function putFiles(
  { path }: Disk,
  files: readonly string[],
  folder: string,
): Promise<void> {
  for (const file of files) {
    const target = `${folder}/${file.slice(file.lastIndexOf("/") + 1)}`;
    await tool("debugfs", "-w", "-R", `write ${file} ${target}`, path);
    await tool("debugfs", "-w", "-R", `set_inode_field ${target} mode 0100755`, path);
  }
}

/** Makes folders, each in one that is there, on a disk that no machine uses. */
export async function makeFolders({ path }: Disk, folders: readonly string[]): Promise<void> {
  for (const folder of folders) await tool("debugfs", "-w", "-R", `mkdir ${folder}`, path);
}

/** Mends a disk whose machine has lost its power, as the next boot would. */
export async function mend({ path }: Disk): Promise<void> {
  const { code, stdout } = await new Deno.Command("e2fsck", { args: ["-p", path] }).output();
  const MENDED = 1;
  if (code > MENDED) throw new Error(`e2fsck: ${new TextDecoder().decode(stdout)}`);
}

/** The texts of a folder's files on a disk that no machine uses. */
export async function filesOn({ path }: Disk, folder: string): Promise<string[]> {
  const scratch = await Deno.makeTempDir({ dir: CACHE, prefix: "read-" });
  try {
    await tool("debugfs", "-R", `rdump ${folder} ${scratch}`, path);
    const copy = `${scratch}/${folder.slice(folder.lastIndexOf("/") + 1)}`;
    return [...Deno.readDirSync(copy)].map(({ name }) => Deno.readTextFileSync(`${copy}/${name}`));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** A running machine. */
export class EmulatedMachine implements AsyncDisposable {
  readonly #qemu: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #output = "";
  #count = 0;

  private constructor(qemu: Deno.ChildProcess) {
    this.#qemu = qemu;
    this.#input = qemu.stdin.getWriter();
    this.#collect();
  }

  async #collect(): Promise<void> {
    for await (const text of this.#qemu.stdout.pipeThrough(new TextDecoderStream())) {
      this.#output += text;
    }
  }

  /** Boots from a disk; resolves when its shell answers. */
  static async boot(
    { path, kernel, initrd }: Disk,
    { memoryMiB = 1024, cores = 2, cpu = "cortex-a72" }: Hardware = {},
  ): Promise<EmulatedMachine> {
    const qemu = new Deno.Command("qemu-system-aarch64", {
      args: [
        ...["-M", "virt", "-cpu", cpu, "-smp", `${cores}`, "-m", `${memoryMiB}`],
        ...["-nographic", "-monitor", "none", "-serial", "stdio", "-no-reboot"],
        ...["-kernel", kernel, "-initrd", initrd],
        ...["-append", "root=/dev/vda rw console=ttyAMA0 quiet loglevel=0 systemd.show_status=no"],
        ...["-drive", `if=none,id=disk,format=raw,file=${path}`],
        ...["-device", "virtio-blk-pci,drive=disk"],
        ...["-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile="],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const machine = new EmulatedMachine(qemu);
    try {
      await machine.#until(/root@pi:.*# ?$/, BOOT_LIMIT_MS);
      await machine.#type("stty -echo; PS1= PS2=; set +m; bind 'set enable-bracketed-paste off'\n");
      await machine.output("systemctl is-system-running --wait >/dev/null; true");
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a line of shell that must succeed, as root, and gives what it printed. @throws {Error} */
  async output(line: string): Promise<string> {
    const mark = `mark-${++this.#count}`;
    this.#output = "";
    // In two halves, so that the mark is not found where the line itself is echoed.
    await this.#type(`{ ${line}\n} 2>&1; printf '\\n%s%s-%s-\\n' mark- ${this.#count} $?\n`);
    const [text, code] = await this.#until(new RegExp(`\\n${mark}-(\\d+)-`), COMMAND_LIMIT_MS);
    const printed = text.replaceAll("\r", "").trim();
    if (code !== "0") throw new Error(`${line} ended with ${code}: ${printed}`);
    return printed;
  }

  async #type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** What came before the pattern, and what its group caught. */
  async #until(pattern: RegExp, limitMs: number): Promise<[string, string]> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      const match = pattern.exec(this.#output);
      if (match !== null) return [this.#output.slice(0, match.index), match[1]];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no ${pattern} from the machine: ${this.#output.slice(-2000)}`);
  }

  /** Shuts it down in order. */
  async powerOff(): Promise<void> {
    await this.#type("systemctl poweroff\n");
    await this.#qemu.status;
  }

  /** Cuts its power. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#qemu.kill("SIGKILL");
    } catch {
      // It has ended of itself.
    }
    await this.#qemu.status;
  }
}

async function tool(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const why = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${why}`);
}
