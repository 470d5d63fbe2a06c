/** A real ext4 file system in an image on a loop device, for tests of a card that is full, read-only or cut off. */

import { join } from "node:path";
import { isTmpfs } from "../../storage/tmpfs.ts";

/** A mounted image; unmounted and removed when the test ends. */
export interface Ext4Image extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
  /** The image file. */
  readonly imagePath: string;
  /** Such as `loop3`: its counters are in `/sys/block/loop3/stat`. */
  readonly loop: string;
  remount(how: "ro" | "rw"): void;
  /** Sectors of 512 bytes that were written to the device so far. */
  sectorsWritten(): number;
  /**
   * Cuts the power: from this instant nothing reaches the device any more, and what had not reached it is gone.
   *
   * It is ext4's own emergency shutdown without a flush of its log (`EXT4_IOC_SHUTDOWN`), as the file system's own
   * tests use it: it happens at one instant, which a copy of the image taken mid-flight does not.
   */
  cutPower(): void;
  /** Mounts it anew after a cut, by which ext4 replays its journal. Nobody may have a file open there. */
  mountAnew(): void;
  /** Lets `e2fsck` look at it. @throws {Error} when it finds a fault */
  check(): void;
}

const MEMORY = isTmpfs("/dev/shm") ? "/dev/shm" : undefined;

/**
 * Makes and mounts an image of `sizeMiB`, with blocks of 4 KiB as a card has them. Its file lies in memory where the machine
 * has a tmpfs for that.
 */
export function mountExt4(sizeMiB: number): Ext4Image {
  const folder = Deno.makeTempDirSync({ prefix: "wifilogger_ext4_", dir: MEMORY });
  const imagePath = join(folder, "image");
  const path = join(folder, "card");
  Deno.mkdirSync(path);
  run("truncate", "--size", `${sizeMiB}M`, imagePath);
  run(
    "mkfs.ext4",
    "-q",
    "-F",
    "-b",
    "4096",
    "-E",
    "lazy_itable_init=0,lazy_journal_init=0",
    imagePath,
  );
  const device = run("losetup", "--find", "--show", imagePath);
  try {
    run("mount", "-o", "noatime", device, path);
  } catch (error) {
    run("losetup", "--detach", device);
    throw error;
  }
  const loop = device.replace("/dev/", "");
  return {
    path,
    imagePath,
    loop,
    remount: (how) => void run("mount", "-o", `remount,${how}`, path),
    sectorsWritten: () =>
      Number(Deno.readTextFileSync(`/sys/block/${loop}/stat`).trim().split(/\s+/)[6]),
    cutPower: () => void run("perl", "-e", SHUTDOWN, path),
    mountAnew() {
      run("umount", path);
      run("mount", "-o", "noatime", device, path);
    },
    check() {
      run("umount", path);
      try {
        run("e2fsck", "-f", "-n", device);
      } finally {
        run("mount", "-o", "noatime", device, path);
      }
    },
    [Symbol.dispose]() {
      run("umount", path);
      run("losetup", "--detach", device);
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** `EXT4_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)`, with `EXT4_GOING_FLAGS_NOLOGFLUSH`; perl is on every Debian. */
const SHUTDOWN = "open F, '<', $ARGV[0] or die $!; my $flags = pack('L', 2);" +
  "ioctl(F, 0x8004587d, $flags) or die $!";

/** Why no ext4 image can be mounted here; null when it can. */
export const ext4Missing = tryMount();

function tryMount(): string | null {
  try {
    mountExt4(16)[Symbol.dispose]();
    return null;
  } catch (error) {
    return `no ext4 image can be mounted: ${(error as Error).message}`;
  }
}

function run(command: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(command, { args }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim() || `${command} failed`);
  return decoder.decode(stdout).trim();
}
