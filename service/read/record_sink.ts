/** Where the records of capture files are made and written. */

import type { ObservedDelta } from "../../capture/observer.ts";
import type { Gap } from "../../record/record_builder.ts";

/** Takes what was found in a file, in the order in which it was due. */
export interface RecordSink {
  /** The record may be kept back until `flush()`. */
  take(delta: ObservedDelta): void;
  takeGap(gap: Gap): void;
  /** Begins to write what was taken. @throws what keeps records from being written, maybe earlier ones */
  flush(): void | Promise<void>;
  /** Returns when all that was taken is written. @throws like `flush()` */
  written(): void | Promise<void>;
}
