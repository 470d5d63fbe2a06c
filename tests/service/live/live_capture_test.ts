/** What a live capture does about interfaces that come and go, by a clock that the test moves and a source that it plays. */

import { LINK_TYPE } from "../../capture/frame_builder.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { LINK_TYPES_READ } from "../../../capture/decode/link_layer.ts";
import { Observer } from "../../../capture/observer.ts";
import type { PacketBatch } from "../../../capture/source/libpcap.ts";
import type { Gap } from "../../../record/record_builder.ts";
import { LiveCapture } from "../../../service/live/live_capture.ts";
import type { LiveHandle, LiveSource } from "../../../service/live/live_source.ts";
import { CaptureError } from "../../../system/capture_error.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { HandClock } from "../../hand_clock.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);

/** An interface as the test has it at the moment. */
interface Played {
  isUp: boolean;
  /** What opening it comes to. */
  refusal?: CaptureError;
  /** What reading it comes to. */
  fault?: CaptureError;
  dropped: number;
  /** @default its name */
  identity?: string;
  /** @default Ethernet */
  link?: { linkType: number; linkTypeName: string };
}

/** What is to happen: for each second from the first on, a change or nothing. */
type Play = Record<number, () => void>;

/** Interfaces on which no packet comes. Each wait lets its time pass on the clock, and none in truth. */
class PlayedSource implements LiveSource {
  readonly interfaces: Record<string, Played>;
  readonly opened: string[] = [];
  openHandles = 0;
  /** Whether nothing is told of any interface. */
  isHidden = false;
  play: Play = {};
  onEnd = () => {};
  readonly #clock: HandClock;
  #stopsAtMs = Infinity;
  #playedMs = 0;

  constructor(clock: HandClock, names: readonly string[]) {
    this.#clock = clock;
    this.interfaces = Object.fromEntries(names.map((name) => [name, { isUp: true, dropped: 0 }]));
  }

  open(name: string): LiveHandle {
    const played = this.interfaces[name];
    this.opened.push(`${name} at ${this.#playedMs / 1000} s`);
    if (played.refusal !== undefined) throw played.refusal;
    this.openHandles++;
    const droppedBefore = played.dropped;
    let isClosed = false;
    return {
      ...played.link ?? { linkType: LINK_TYPE.ethernet, linkTypeName: "EN10MB" },
      fileDescriptor: -1,
      ringBytes: 0,
      readBatch: (): PacketBatch => ({
        buffer: new Uint8Array(0),
        byteLength: 0,
        then: played.fault ?? "idle",
      }),
      statistics: () => ({
        received: 0,
        droppedByKernel: played.dropped - droppedBefore,
        droppedByInterface: 0,
      }),
      close: () => {
        if (!isClosed) this.openHandles--;
        isClosed = true;
      },
    };
  }

  isUp(name: string): boolean {
    return !this.isHidden && this.interfaces[name].isUp;
  }

  identity(name: string): string | undefined {
    if (this.isHidden) return undefined;
    return this.interfaces[name].identity ?? name;
  }

  isBlind(): boolean {
    return this.isHidden;
  }

  /** Lets `seconds` pass, then stops. */
  endAfter(seconds: number): void {
    this.#stopsAtMs = seconds * 1000;
  }

  async wait(_handles: readonly LiveHandle[], timeoutMs: number): Promise<void> {
    for (let ms = 0; ms < timeoutMs; ms++) {
      this.#clock.pass(1);
      this.#playedMs++;
      if (this.#playedMs % 1000 === 0) this.play[this.#playedMs / 1000]?.();
      if (this.#playedMs >= this.#stopsAtMs) return this.onEnd();
    }
    await Promise.resolve();
  }

  wake(): void {}

  readonly heldBackMs = 500;

  async settled(): Promise<void> {}

  [Symbol.dispose](): void {}
}

function openCapture(
  names: readonly string[],
  options: {
    waitForInterfaces?: boolean;
    prepare?: (source: PlayedSource) => void;
    follow?: () => string | undefined;
  } = {},
) {
  const clock = new HandClock(START_MS);
  const source = new PlayedSource(clock, [...names, "usb0"]);
  options.prepare?.(source);
  const gaps: Gap[] = [];
  const said: string[] = [];
  const capture = new LiveCapture({
    interfaces: names,
    waitForInterfaces: options.waitForInterfaces,
    follow: options.follow,
    source,
    clock,
    observer: new Observer(() => {}, { localNetworks: new LocalNetworks() }),
    say: (level, _component, message) => said.push(`${level} ${message}`),
    onGap: (gap) => gaps.push(gap),
    onBatch: () => {},
    onSecond: () => {},
  });
  source.onEnd = () => capture.stop();
  return {
    source,
    said,
    capture,
    /** Plays so many seconds. @returns gaps: why, of which interface, from and to in seconds since the start, how many */
    async run(seconds: number, play: Play) {
      source.play = play;
      source.endAfter(seconds);
      await capture.run();
      const at = (us: number) => (us / 1e3 - START_MS) / 1e3;
      return gaps.map(({ reason, startUs, endUs, interfaceIndex, count }) => [
        reason,
        interfaceIndex,
        at(startUs),
        at(endUs),
        ...(count === undefined ? [] : [count]),
      ]);
    },
    [Symbol.dispose]: () => capture[Symbol.dispose](),
  };
}

const GONE = new CaptureError("interface_down", "cannot capture on wlan0: the interface went away");
const NOT_THERE = new CaptureError(
  "no_such_interface",
  "cannot capture on wlan0: no such interface",
);

Deno.test("`LiveCapture` tells of an interface that was down as a gap", async () => {
  using played = openCapture(["eth0", "wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const gaps = await played.run(30, { 5: () => wlan0.isUp = false, 15: () => wlan0.isUp = true });
  // Nothing comes: it looks every two seconds, at 4, at 6 and at 16.
  assertEquals(gaps, [["interface_down", 1, 3.5, 16]]);
  assertEquals(played.said, [
    "warning the interface wlan0 is down; waiting for it",
    "info the interface wlan0 is up again",
  ]);
  assertEquals(played.source.opened, ["eth0 at 0 s", "wlan0 at 0 s"], "the handles serve on");
  assertEquals(played.capture.status().map(({ isUp }) => isUp), [true, true]);
});

Deno.test("`LiveCapture` goes on with its interfaces while the system tells nothing of them", async () => {
  using played = openCapture(["eth0", "wlan0"]);
  const { source, source: { interfaces: { wlan0 } } } = played;
  const gaps = await played.run(30, {
    4: () => source.isHidden = true,
    9: () => wlan0.isUp = false,
    15: () => source.isHidden = false,
    19: () => wlan0.isUp = true,
  });
  // It was seen to be up last at 2.
  assertEquals(gaps, [["interface_down", 1, 1.5, 20]]);
  assertEquals(source.opened, ["eth0 at 0 s", "wlan0 at 0 s"]);
});

Deno.test("`LiveCapture` takes an interface up again that went away, and tries every two seconds", async () => {
  using played = openCapture(["wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const gaps = await played.run(30, {
    4: () => Object.assign(wlan0, { fault: GONE, isUp: false }),
    // It is there again, but cannot be opened yet.
    10: () => Object.assign(wlan0, { fault: undefined, isUp: true, refusal: NOT_THERE }),
    15: () => wlan0.refusal = undefined,
  });
  // It was read last at 2, and with the handle went what the kernel had not handed over then.
  assertEquals(gaps, [["interface_down", 0, 1.5, 16]]);
  assertEquals(
    played.source.opened,
    [0, 10, 12, 14, 16].map((second) => `wlan0 at ${second} s`),
  );
  assertEquals(played.source.openHandles, 1, "the handle that went is closed");
  assertEquals(played.said, [
    `warning ${GONE.message}; waiting for it`,
    "info the interface wlan0 is up again",
  ]);
});

Deno.test("`LiveCapture` tells at the end of an interface that is still down", async () => {
  using played = openCapture(["wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const gaps = await played.run(9, { 3: () => wlan0.isUp = false });
  assertEquals(gaps, [["interface_down", 0, 1.5, 9]]);
});

Deno.test({
  name: "`LiveCapture` waits for an interface that is not there only where that is wanted",
  sanitizeResources: false, // the C library stays loaded
  fn: async () => {
    const prepare = ({ interfaces }: PlayedSource) =>
      Object.assign(interfaces.wlan0, { refusal: NOT_THERE, isUp: false });
    const error = assertThrows(() => openCapture(["wlan0"], { prepare }), CaptureError);
    assertEquals(error.kind, "no_such_interface");

    using played = openCapture(["wlan0"], { prepare, waitForInterfaces: true });
    const { wlan0 } = played.source.interfaces;
    const gaps = await played.run(10, {
      5: () => Object.assign(wlan0, { refusal: undefined, isUp: true }),
    });
    assertEquals(gaps, [["interface_down", 0, 0, 6]]);
    assertEquals(played.source.opened, ["wlan0 at 0 s", "wlan0 at 6 s"]);
  },
});

Deno.test("`LiveCapture` tells of drops by the kernel each ten seconds, of the rest at the end, and over outages", async () => {
  using played = openCapture(["wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const gaps = await played.run(41, {
    1: () => wlan0.dropped = 7,
    9: () => wlan0.dropped = 10,
    20: () => Object.assign(wlan0, { fault: GONE, isUp: false }),
    24: () => Object.assign(wlan0, { fault: undefined, isUp: true }),
    39: () => wlan0.dropped = 12,
  });
  assertEquals(gaps, [
    ["kernel_drop", 0, 0, 10, 10],
    ["interface_down", 0, 17.5, 24],
    ["kernel_drop", 0, 38, 41, 2],
  ]);
});

Deno.test("`LiveCapture` opens an interface anew that is another one of the same name, or of another link type", async () => {
  using played = openCapture(["wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const gaps = await played.run(20, { 7: () => wlan0.identity = "4 803" });
  // It looks at 6 and at 8: the other one may have been there from 6 on.
  assertEquals(gaps, [["interface_down", 0, 6, 8]]);
  assertEquals(played.source.opened, ["wlan0 at 0 s", "wlan0 at 8 s"]);
  assertEquals(played.source.openHandles, 1);
});

Deno.test("`LiveCapture` says once why an interface that is up again is not read", async () => {
  using played = openCapture(["wlan0"]);
  const { wlan0 } = played.source.interfaces;
  const refusal = new CaptureError("unsupported", "its link type is not read");
  await played.run(20, { 7: () => Object.assign(wlan0, { identity: "4 803", refusal }) });
  assertEquals(played.said, [
    "warning the interface wlan0 is another one now; waiting for it",
    "warning its link type is not read",
  ]);
});

Deno.test("`LiveCapture` refuses a link type that is not read, and says what monitor mode is", () => {
  const refusal = (linkType: number, linkTypeName: string) => {
    const prepare = ({ interfaces }: PlayedSource) => {
      interfaces.wlan0.link = { linkType, linkTypeName };
    };
    return assertThrows(() => openCapture(["wlan0"], { prepare }), CaptureError).message;
  };
  assertEquals(
    refusal(220, "USB_LINUX_MMAPPED"),
    "cannot capture on wlan0: its link type USB_LINUX_MMAPPED is not read. " +
      `Choose an interface with one of: ${LINK_TYPES_READ}`,
  );
  assertEquals(
    refusal(127, "IEEE802_11_RADIO"),
    "cannot capture on wlan0: it is in monitor mode, where each device's frames are encrypted for itself. " +
      "Listen on the interface of an access point, see docs/where_to_listen.md",
  );
});

Deno.test("`LiveCapture` follows the default route within 5 s, and the time until then is a gap", async () => {
  let route: string | undefined = "wlan0";
  using played = openCapture(["wlan0"], { follow: () => route });
  const gaps = await played.run(30, {
    5: () => route = undefined, // for a moment there is none
    8: () => route = "wlan0",
    11: () => route = "usb0",
  });
  const [[reason, index, startS, endS]] = gaps;
  assertEquals([gaps.length, reason, index], [1, "interface_down", 0]);
  assert(Number(startS) <= 11 && Number(startS) >= 8, `from ${startS}`);
  assert(Number(endS) <= 16, `until ${endS}`);
  assertEquals(played.capture.status().map(({ name, isUp }) => [name, isUp]), [["usb0", true]]);
  assertEquals(played.source.openHandles, 1);
});
