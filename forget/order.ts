/** What is to be forgotten. */

/** Everything that holds at once; times are milliseconds since 1970. */
export interface ForgetOrder {
  readonly device?: ForgottenDevice;
  /** A domain; what lies in it is meant, too. */
  readonly site?: string;
  /** From this `@timestamp` on. @default -Infinity */
  readonly sinceMs: number;
  /** Up to, but without this one. @default Infinity */
  readonly untilMs: number;
}

/** A device by everything that it was known by; all in lower case. */
export interface ForgottenDevice {
  readonly macs: ReadonlySet<string>;
  /** Addresses of a device of which no MAC address is known, and its name where it has not even an address. */
  readonly bare: ReadonlySet<string>;
  /** What it is called by itself and by its owner. */
  readonly names: ReadonlySet<string>;
}

/** Whether all of the log's time is meant. */
export function isForever({ sinceMs, untilMs }: ForgetOrder): boolean {
  return sinceMs === -Infinity && untilMs === Infinity;
}
