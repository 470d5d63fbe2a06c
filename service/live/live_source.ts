/** Where a live capture has its packets from: the interfaces of this machine, through libpcap. */

import { LIVE_BLOCK_TIMEOUT_MS, PacketWaiter, PcapHandle } from "../../capture/source/libpcap.ts";
import {
  interfaceIdentity,
  interfaceIsUp,
  interfacesAreHidden,
} from "../../system/network_interfaces.ts";

/** What is read of an interface that is listened on. */
export type LiveHandle = Pick<
  PcapHandle,
  | "linkType"
  | "linkTypeName"
  | "fileDescriptor"
  | "ringBytes"
  | "readBatch"
  | "statistics"
  | "close"
>;

/** What a live capture asks of the machine. Disposed of with the capture, and not while a `wait()` is pending. */
export interface LiveSource extends Disposable {
  /** Listens on an interface. @throws {CaptureError} */
  open(name: string): LiveHandle;
  /** Whether packets can pass an interface: it is there, up, and has a carrier. */
  isUp(name: string): boolean;
  /** What tells an interface from another of the same name; `undefined` when there is none. */
  identity(name: string): string | undefined;
  /** Whether no answer can be had: then `isUp()` and `identity()` say nothing of an interface that seems to be gone. */
  isBlind(): boolean;
  /** Resolves when one of `handles` has packets (or an error to tell), on `wake()`, or after `timeoutMs`. */
  wait(handles: readonly LiveHandle[], timeoutMs: number): Promise<void>;
  /** Ends the wait under way, or the next one if there is none. */
  wake(): void;
  /** For so long at most a packet is there before it can be read: the kernel hands a part-filled block over only then. */
  readonly heldBackMs: number;
  /** Resolves when what has come by now can be read. */
  settled(): Promise<void>;
}

/** The interfaces of this machine. */
export class PcapInterfaces implements LiveSource {
  readonly #waiter = new PacketWaiter();
  readonly heldBackMs = 2 * LIVE_BLOCK_TIMEOUT_MS;

  open(name: string): PcapHandle {
    return PcapHandle.openInterface(name);
  }

  isUp(name: string): boolean {
    return interfaceIsUp(name);
  }

  identity(name: string): string | undefined {
    return interfaceIdentity(name);
  }

  isBlind(): boolean {
    return interfacesAreHidden();
  }

  wait(handles: readonly LiveHandle[], timeoutMs: number): Promise<void> {
    return this.#waiter.wait(handles, timeoutMs);
  }

  wake(): void {
    this.#waiter.wake();
  }

  async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.heldBackMs));
  }

  [Symbol.dispose](): void {
    this.#waiter[Symbol.dispose]();
  }
}
