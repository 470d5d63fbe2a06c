/** Counts by what gave the lines of the log their names. */

import type { NameSource } from "../../record/log_record.ts";

/** Lines and bytes for each kind of evidence. */
export class EvidenceCounts {
  readonly counts: Readonly<Record<NameSource, { lines: number; bytes: number }>> = {
    tls_sni: { lines: 0, bytes: 0 },
    quic_sni: { lines: 0, bytes: 0 },
    http_host: { lines: 0, bytes: 0 },
    dns: { lines: 0, bytes: 0 },
    ptr: { lines: 0, bytes: 0 },
    none: { lines: 0, bytes: 0 },
  };

  /** Counts one line. */
  add(source: NameSource, bytes: number): void {
    const count = this.counts[source];
    count.lines++;
    count.bytes += bytes;
  }
}
