/** What the sender keeps of a flow: a line of its ledger. */

/** A packet that was sent: when, in milliseconds since 1970; whether by the initiator; bytes as IP counts. */
export type SentPacket = readonly [atMs: number, isUp: 0 | 1, bytes: number];

/** A flow that was sent. */
export interface SentFlow {
  /** As {@linkcode flowKey} makes it. */
  readonly key: string;
  readonly name?: string;
  /** When its name was said. */
  readonly namedMs?: number;
  readonly packets: readonly SentPacket[];
}

/** Tells flows apart, in the ledger and in the log. */
export function flowKey(
  transport: string,
  device: string,
  port: number,
  server: string,
  serverPort: number,
): string {
  return `${transport} ${device} ${port} ${server} ${serverPort}`;
}
