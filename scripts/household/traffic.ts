/** How much passed, counted in two independent ways: by the kernel on a link, and by the log's records. */

/** Packets, and their bytes as IP counts them: its header and what follows, without Ethernet's. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

const ETHERNET_HEADER_LENGTH = 14;

/** What has passed an interface both ways so far, by its counters in a folder `/sys/class/net/NAME`. */
export function passed(interfaceFolder: string): Traffic {
  const counter = (name: string) =>
    Number(Deno.readTextFileSync(`${interfaceFolder}/statistics/${name}`));
  const packets = counter("rx_packets") + counter("tx_packets");
  const frameBytes = counter("rx_bytes") + counter("tx_bytes");
  return { packets, bytes: frameBytes - packets * ETHERNET_HEADER_LENGTH };
}

/** What passed between two looks at the counters. */
export function since(before: Traffic, now: Traffic): Traffic {
  return { packets: now.packets - before.packets, bytes: now.bytes - before.bytes };
}

/** What the lines of a log say, all together. */
export function logged(lines: readonly string[]): Traffic {
  let [packets, bytes] = [0, 0];
  for (const line of lines) {
    const { network } = JSON.parse(line);
    // A gap record has no network.
    packets += network?.packets ?? 0;
    bytes += network?.bytes ?? 0;
  }
  return { packets, bytes };
}
