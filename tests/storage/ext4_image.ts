/** A real ext4 file system in an image on a loop device, for tests of a card that is full, read-only or cut off. */

import { join } from "node:path";
import { isTmpfs } from "../../system/files/tmpfs.ts";

/** A mounted image; unmounted and removed when the test ends. */
export interface Ext4Image extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
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
  /**
   * Mounts a copy of what had reached the device at the cut, by which ext4 replays its journal. Nobody may have a file
   * open there.
   *
   * @throws {Error} when `e2fsck` finds more to mend than the journal does
   */
  mountAnew(): Promise<void>;
}

const MEMORY = isTmpfs("/dev/shm") ? "/dev/shm" : undefined;
/** What the device had been given at the cut has reached it by then: the image lies in memory. */
const IN_FLIGHT_MS = 50;

/**
 * Makes and mounts an image of `sizeMiB`, with blocks of 4 KiB as a card has them. Its file lies in memory where the machine
 * has a tmpfs for that.
 */
export function mountExt4(sizeMiB: number): Ext4Image {
  const folder = Deno.makeTempDirSync({ prefix: "wifilogger_ext4_", dir: MEMORY });
  const path = join(folder, "card");
  Deno.mkdirSync(path);
  let imagePath = join(folder, "image");
  run("truncate", "--size", `${sizeMiB}M`, imagePath);
  const lazy = "lazy_itable_init=0,lazy_journal_init=0";
  run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", lazy, imagePath);
  let device = attach(imagePath, path);
  const detach = () => {
    run("umount", path);
    run("losetup", "--detach", device);
  };
  return {
    path,
    remount: (how) => void run("mount", "-o", `remount,${how}`, path),
    sectorsWritten() {
      const statistics = Deno.readTextFileSync(`/sys/block/${device.slice("/dev/".length)}/stat`);
      return Number(statistics.trim().split(/\s+/)[6]);
    },
    cutPower: () => void run("perl", "-e", SHUTDOWN, path),
    async mountAnew() {
      await new Promise((resolve) => setTimeout(resolve, IN_FLIGHT_MS));
      const oldPath = imagePath;
      imagePath = `${oldPath}+`;
      // A copy, because another mount namespace may hold on to the file system that was shut down.
      run("cp", "--sparse=always", oldPath, imagePath);
      detach();
      Deno.removeSync(oldPath);
      const checked = `${imagePath}.checked`;
      run("cp", "--sparse=always", imagePath, checked);
      // Replays the journal and mends only what is safe to; it fails where there is more.
      run("e2fsck", "-f", "-p", checked);
      Deno.removeSync(checked);
      device = attach(imagePath, path);
    },
    [Symbol.dispose]() {
      detach();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

function attach(imagePath: string, path: string): string {
  const device = run("losetup", "--find", "--show", imagePath);
  try {
    run("mount", "-o", "noatime", device, path);
    return device;
  } catch (error) {
    run("losetup", "--detach", device);
    throw error;
  }
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
  const { code, stdout, stderr } = new Deno.Command(command, { args }).outputSync();
  const decoder = new TextDecoder();
  const isDone = code === 0 || (command === "e2fsck" && code === 1); // 1: mended
  if (!isDone) {
    throw new Error(
      decoder.decode(stderr).trim() || `${command} failed: ${decoder.decode(stdout)}`,
    );
  }
  return decoder.decode(stdout).trim();
}
